package tensortest

import (
	"math"

	"github.com/gander-ml/gander/tensor"
)

// guards is the number of guard cells on either side.
const guards = 16

// guardBits is a NaN that no computation gives.
const guardBits = 0x7fabcdef

// Guarded is a tensor in the middle of a larger array, so that a kernel that writes past its ends is found out.
type Guarded struct {
	*tensor.Tensor
	all []float32
}

// NewGuarded returns a tensor whose elements, and the guard cells around them, are a special NaN. skip moves its start
// by so many elements, to try unaligned memory.
func NewGuarded(skip int, shape ...int) Guarded {
	n := 1
	for _, d := range shape {
		n *= d
	}
	all := make([]float32, skip+n+2*guards)
	for i := range all {
		all[i] = math.Float32frombits(guardBits)
	}
	lo := skip + guards
	return Guarded{Tensor: tensor.FromSlice(all[lo:lo+n:lo+n], shape...), all: all}
}

// Check fails the test if a guard cell has been overwritten, or an element has not.
func (g Guarded) Check(t T) {
	t.Helper()
	lo := len(g.all) - guards - g.Len()
	for i, v := range g.all {
		inside := i >= lo && i < lo+g.Len()
		switch intact := math.Float32bits(v) == guardBits; {
		case inside && intact:
			t.Fatalf("element %s of %s was not written", tensor.Format(indexOf(g.Shape(), i-lo)), tensor.Format(g.Shape()))
		case !inside && !intact:
			t.Fatalf("the cell %d elements from the start of %s was overwritten", i-lo, tensor.Format(g.Shape()))
		}
	}
}
