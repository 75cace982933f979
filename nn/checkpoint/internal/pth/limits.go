package pth

// Limits bound what a small file can make of memory and time; 0 is the default of each.
type Limits struct {
	// Members of an archive: 2²⁰, more storages than any network has.
	Members int
	// Description is the bytes of the pickle that says what tensors there are: 64 MiB.
	Description int64
	// Values bounds the work for a pickle whose dictionaries contain each other many times: 2¹⁹.
	Values int
}

func (l Limits) withDefaults() Limits {
	if l.Members == 0 {
		l.Members = 1 << 20
	}
	if l.Description == 0 {
		l.Description = 64 << 20
	}
	if l.Values == 0 {
		l.Values = 1 << 19
	}
	return l
}
