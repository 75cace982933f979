package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// Permute returns x with its axes in another order: axis i of the result is axis axes[i] of x. It panics unless axes is
// a permutation.
func Permute(x *Tensor, axes ...int) *Tensor {
	dst := New(PermutedShape("tensor.Permute", x.shape, axes)...)
	PermuteInto(dst, x, axes...)
	return dst
}

// PermuteInto is [Permute] into dst, which must not overlap x.
func PermuteInto(dst, x *Tensor, axes ...int) {
	wantShape("tensor.PermuteInto", dst, PermutedShape("tensor.PermuteInto", x.shape, axes))
	r := len(axes)
	if r == 0 {
		copy(dst.data, x.data)
		return
	}
	strides := make([]int, r)
	step := 1
	for i := r - 1; i >= 0; i-- {
		strides[i] = step
		step *= x.shape[i]
	}
	inner, stride := dst.shape[r-1], strides[axes[r-1]]
	if inner == 0 {
		return
	}
	par.For(len(dst.data)/inner, max(1, chunk/inner), func(lo, hi int) {
		for row := lo; row < hi; row++ {
			at, rest := 0, row
			for i := r - 2; i >= 0; i-- {
				at += rest % dst.shape[i] * strides[axes[i]]
				rest /= dst.shape[i]
			}
			out := dst.data[row*inner : (row+1)*inner]
			if stride == 1 {
				copy(out, x.data[at:at+inner])
				continue
			}
			for i := range out {
				out[i] = x.data[at+i*stride]
			}
		}
	})
}

// PermutedShape returns shape with its axes in the order that axes says. It panics, naming op, unless axes is a
// permutation.
func PermutedShape(op string, shape, axes []int) []int {
	seen := make([]bool, len(shape))
	out := make([]int, len(axes))
	for i, a := range axes {
		if len(axes) != len(shape) || a < 0 || a >= len(shape) || seen[a] {
			panic(fmt.Sprintf("%s: %s is not a permutation of the axes of shape %s", op, Format(axes), Format(shape)))
		}
		seen[a] = true
		out[i] = shape[a]
	}
	return out
}
