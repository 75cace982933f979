package hugepage

import (
	"sync"
	"syscall"
	"unsafe"
)

const (
	size           = 2 << 20
	smallest       = 4 << 10 // page of a system
	bytesOfElement = 4
	madvHugePage   = 14
	madvCollapse   = 25
)

// asked is the pages that the system has been asked for, by their number.
var asked sync.Map

// want asks the system to hold x in huge pages, together with whatever lies beside it in the first and the last one. A page of
// which nothing has been touched comes huge with its first use. Another one would become so only when the system happens to
// look, after minutes perhaps, so it is made huge now, where the system can (Linux 6.1). It is no more than a request.
func want(x []float32) {
	// x, which the caller returns, keeps its memory from being given back meanwhile; advice changes no value.
	at := uintptr(unsafe.Pointer(unsafe.SliceData(x)))
	for page := at / size; page <= (at+uintptr(bytesOfElement*len(x))-1)/size; page++ {
		if _, done := asked.LoadOrStore(page, struct{}{}); done {
			continue
		}
		if _, _, e := syscall.Syscall(syscall.SYS_MADVISE, page*size, size, madvHugePage); e == 0 && touched(page*size) {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, page*size, size, madvCollapse)
		}
	}
}

// touched reports whether there is memory behind some of a huge page. To collapse one takes a while where processors are busy, all
// of which take part.
func touched(at uintptr) bool {
	var resident [size / smallest]byte
	if _, _, e := syscall.Syscall(syscall.SYS_MINCORE, at, size, uintptr(unsafe.Pointer(&resident))); e != 0 {
		return false
	}
	for _, r := range resident {
		if r&1 != 0 {
			return true
		}
	}
	return false
}
