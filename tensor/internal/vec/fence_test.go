//go:build unix

package vec

import (
	"testing"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/fence"
)

// Nothing beyond the slices is read: what is there cannot be.
func TestStaysWithinItsSlices(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, after := range []bool{false, true} {
			for n := 1; n < 150; n += 1 + n/20 {
				x := func() []float32 { return fence.Floats(t, n, after) }
				for _, c := range elementwiseCases() {
					s := make([][]float32, c.out+c.in)
					for i := range s {
						s[i] = x()
					}
					c.f(s)
				}
				bytes := unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(x()))), 4*n)
				if after {
					bytes = bytes[:n]
				} else {
					bytes = bytes[3*n:]
				}
				FromBytes(x(), bytes, 1, 0)
				ToBytes(bytes, x(), 1, 0)
				AllFinite(x())
			}
		}
	})
}

func TestColumnsStayWithinTheirSlices(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, after := range []bool{false, true} {
			for c := 1; c < 80; c += 1 + c/20 {
				for _, rows := range []int{1, 2, 5, 40} {
					x, g := fence.Floats(t, rows*c, after), fence.Floats(t, rows*c, after)
					row := fence.Floats(t, c, after)
					a, b := make([]float64, c), make([]float64, c)
					ColumnSums(a, x)
					ColumnDots(a, x, g)
					PReLUGradSlope(a, x, g)
					ColumnMoments(a, b, x, row)
					ColumnCentredDots(a, b, x, g, row)
					ColumnLargest(a, x, c)
					if c > 1 {
						ColumnSumsStrided(a[:c-1], x[:len(x)-1], c)
						ColumnSumsStrided(a[:c-1], x[1:], c)
					}
				}
			}
		}
	})
}
