package tensor

import (
	"syscall"
	"unsafe"
)

// wantHugePages asks the system to give x, which has not been touched yet, memory in pages of 2 MiB: a walk over a large
// tensor needs a translation of addresses for each page, and the processor holds few. It is no more than a request.
func wantHugePages(x []float32) {
	const (
		huge           = 2 << 20
		madvHugePage   = 14
		bytesOfElement = 4
	)
	at := uintptr(unsafe.Pointer(unsafe.SliceData(x)))
	skip := -at % huge
	n := (uintptr(bytesOfElement*len(x)) - skip) &^ (huge - 1)
	if uintptr(bytesOfElement*len(x)) < skip+huge {
		return
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), bytesOfElement*len(x))
	_ = syscall.Madvise(bytes[skip:skip+n], madvHugePage)
}
