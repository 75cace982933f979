//go:build !noasm

package vec

import (
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// streams reports whether dst is to be written past the caches: not where it is read as well.
func streams(dst []float32, in ...[]float32) bool {
	if len(dst) < StreamLen || cpu.Current() == cpu.Portable {
		return false
	}
	at := unsafe.SliceData(dst)
	for _, x := range in {
		if unsafe.SliceData(x) == at {
			return false
		}
	}
	return uintptr(unsafe.Pointer(at))%64 == 0
}

// streamsRows is streams for a kernel of rows that repeat.
func streamsRows(row, dst []float32, in ...[]float32) bool {
	return len(row)%16 == 0 && streams(dst, in...)
}
