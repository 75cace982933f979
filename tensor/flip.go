package tensor

import "github.com/gander-ml/gander/tensor/internal/par"

// Flip returns x with the order of elements reversed along the given axes; along all of them when none is given.
func Flip(x *Tensor, axes ...int) *Tensor {
	ReducedShape("tensor.Flip", x.shape, axes) // checks the axes
	dst := New(x.shape...)
	FlipInto(dst, x, axes...)
	return dst
}

// FlipInto is [Flip] into dst, which must not overlap x.
func FlipInto(dst, x *Tensor, axes ...int) {
	wantShape("tensor.FlipInto", dst, x.shape)
	_, flipped := ReducedShape("tensor.FlipInto", x.shape, axes)
	// A run is what follows the last flipped axis and keeps its order.
	last := len(flipped) - 1
	for last >= 0 && !flipped[last] {
		last--
	}
	run := product(x.shape[last+1:])
	if len(x.data) == 0 {
		return
	}
	par.For(len(x.data)/run, max(1, chunk/run), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			from, step, rest := 0, 1, r
			for i := last; i >= 0; i-- {
				k := rest % x.shape[i]
				rest /= x.shape[i]
				if flipped[i] {
					k = x.shape[i] - 1 - k
				}
				from += k * step
				step *= x.shape[i]
			}
			copy(dst.data[r*run:(r+1)*run], x.data[from*run:])
		}
	})
}
