package autograd

import (
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Gather returns the rows of x, along axis 0, that index names, as [tensor.Gather] defines it. It keeps a copy of index.
func Gather(x *Var, index []int) *Var {
	y := Alloc(tensor.GatherShape("autograd.Gather", x.Shape(), index), x)
	tensor.GatherInto(y, x.value, index)
	index = slices.Clone(index)
	return Record("Gather", y, func(c *Call, g *Var) []*Var {
		return []*Var{scatterAdd(g, index, c.In(0).Shape())}
	}, x)
}

// scatterAdd adds row i of x to row index[i] of zeros of the given shape.
func scatterAdd(x *Var, index, shape []int) *Var {
	y := Alloc(shape, x)
	tensor.ScatterAddInto(y, x.value, index)
	return Record("ScatterAdd", y, func(_ *Call, g *Var) []*Var { return []*Var{Gather(g, index)} }, x)
}

// Take returns one element of each row along the last axis, as [tensor.Take] defines it. It keeps a copy of index.
func Take(x *Var, index []int) *Var {
	y := Alloc(tensor.TakeShape("autograd.Take", x.Shape(), index), x)
	tensor.TakeInto(y, x.value, index)
	index = slices.Clone(index)
	return Record("Take", y, func(c *Call, g *Var) []*Var { return []*Var{put(g, index, c.In(0).Shape())} }, x)
}

// put is the adjoint of Take.
func put(x *Var, index, shape []int) *Var {
	y := Alloc(shape, x)
	tensor.PutInto(y, x.value, index)
	return Record("Put", y, func(_ *Call, g *Var) []*Var { return []*Var{Take(g, index)} }, x)
}

// Flip returns x with the order of elements reversed along the given axes; along all of them when none is given.
func Flip(x *Var, axes ...int) *Var {
	tensor.ReducedShape("autograd.Flip", x.Shape(), axes) // checks the axes
	axes = slices.Clone(axes)
	y := Alloc(x.Shape(), x)
	tensor.FlipInto(y, x.value, axes...)
	return Record("Flip", y, func(_ *Call, g *Var) []*Var { return []*Var{Flip(g, axes...)} }, x)
}

// Where returns a where the constant mask is not zero and b elsewhere, elementwise with broadcasting. No gradient flows
// to what is not chosen, even if it is NaN.
func Where(mask *tensor.Tensor, a, b *Var) *Var {
	y := Alloc(tensor.WhereShape("autograd.Where", mask.Shape(), a.Shape(), b.Shape()), a, b)
	tensor.WhereInto(y, mask, a.value, b.value)
	return Record("Where", y, func(c *Call, g *Var) []*Var {
		out := []*Var{nil, nil}
		zero := constOn(g, tensor.Scalar(0))
		if c.Wants(0) {
			out[0] = SumTo(Where(mask, g, zero), c.In(0).Shape()...)
		}
		if c.Wants(1) {
			out[1] = SumTo(Where(mask, zero, g), c.In(1).Shape()...)
		}
		return out
	}, a, b)
}
