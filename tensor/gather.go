package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// Gather returns the rows of x, along axis 0, that index names, in its order and as often as it names them: an
// embedding table x (V,D) and n words give (n,D). It panics if there is no such row.
func Gather(x *Tensor, index []int) *Tensor {
	dst := New(GatherShape("tensor.Gather", x.shape, index)...)
	GatherInto(dst, x, index)
	return dst
}

// GatherInto is [Gather] into dst, which must not overlap x.
func GatherInto(dst, x *Tensor, index []int) {
	wantShape("tensor.GatherInto", dst, GatherShape("tensor.GatherInto", x.shape, index))
	row := product(x.shape[1:])
	par.For(len(index), max(1, chunk/max(1, row)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			copy(dst.data[i*row:(i+1)*row], x.data[index[i]*row:])
		}
	})
}

// GatherShape returns the shape of [Gather]. It panics, naming op, if an index is out of range.
func GatherShape(op string, x, index []int) []int {
	if len(x) == 0 {
		panic(op + ": want rows, got a scalar")
	}
	for i, k := range index {
		if k < 0 || k >= x[0] {
			panic(fmt.Sprintf("%s: index %d is %d, shape %s has rows 0 to %d", op, i, k, Format(x), x[0]-1))
		}
	}
	return append([]int{len(index)}, x[1:]...)
}

// ScatterAddInto sets dst to zero and then adds row i of x to row index[i] of dst, for every i in order: the adjoint of
// [GatherInto].
func ScatterAddInto(dst, x *Tensor, index []int) {
	wantShape("tensor.ScatterAddInto", x, GatherShape("tensor.ScatterAddInto", dst.shape, index))
	scatter(dst, x, index, 1)
}

// Take returns one element of each row along the last axis: x (…,C) and one index for each row, in row-major order of
// the other axes, give x without its last axis. It panics if the number of indices is not that of rows or if one is out
// of range.
func Take(x *Tensor, index []int) *Tensor {
	dst := New(TakeShape("tensor.Take", x.shape, index)...)
	TakeInto(dst, x, index)
	return dst
}

// TakeInto is [Take] into dst.
func TakeInto(dst, x *Tensor, index []int) {
	wantShape("tensor.TakeInto", dst, TakeShape("tensor.TakeInto", x.shape, index))
	c := x.Dim(-1)
	par.For(len(index), chunk, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			dst.data[i] = x.data[i*c+index[i]]
		}
	})
}

// PutInto sets dst to zero except for the elements that [TakeInto] would take, which become those of x: its adjoint.
func PutInto(dst, x *Tensor, index []int) {
	wantShape("tensor.PutInto", x, TakeShape("tensor.PutInto", dst.shape, index))
	c := dst.Dim(-1)
	par.For(len(index), max(1, chunk/max(1, c)), func(lo, hi int) {
		clear(dst.data[lo*c : hi*c])
		for i := lo; i < hi; i++ {
			dst.data[i*c+index[i]] = x.data[i]
		}
	})
}

// TakeShape returns the shape of [Take]. It panics, naming op, if the indices do not fit.
func TakeShape(op string, x, index []int) []int {
	if len(x) == 0 {
		panic(op + ": want rows, got a scalar")
	}
	last := len(x) - 1
	if rows := product(x[:last]); rows != len(index) {
		panic(fmt.Sprintf("%s: want %d indices for shape %s, got %d", op, rows, Format(x), len(index)))
	}
	for i, k := range index {
		if k < 0 || k >= x[last] {
			panic(fmt.Sprintf("%s: index %d is %d, rows of shape %s have elements 0 to %d", op, i, k, Format(x), x[last]-1))
		}
	}
	return append([]int{}, x[:last]...)
}
