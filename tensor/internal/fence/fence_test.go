//go:build unix

package fence

import (
	"runtime/debug"
	"testing"
	"unsafe"
)

// touch reads the element i places from the first, and reports whether that was possible.
func touch(x []float32, i int) (ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { ok = recover() == nil }()
	sink = *(*float32)(unsafe.Add(unsafe.Pointer(&x[0]), 4*i))
	return
}

var sink float32

func TestFloatsEndAtAFence(t *testing.T) {
	for _, n := range []int{1, 7, 1024, 1500} {
		x := Floats(t, n, false)
		if len(x) != n || !touch(x, 0) || !touch(x, n-1) || touch(x, n) {
			t.Errorf("%d values before the fence", n)
		}
		x = Floats(t, n, true)
		if len(x) != n || !touch(x, 0) || !touch(x, n-1) || touch(x, -1) {
			t.Errorf("%d values behind the fence", n)
		}
	}
	if len(Floats(t, 0, false)) != 0 {
		t.Error("values where none were wanted")
	}
}
