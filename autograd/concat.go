package autograd

import (
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Concat returns the values one after another along an axis; -1 is the last one.
func Concat(axis int, xs ...*Var) *Var {
	xs = slices.Clone(xs) // the tape keeps them, the caller may reuse the slice
	y := Alloc(tensor.ConcatShape("autograd.Concat", axis, shapesOf(xs)...), xs...)
	tensor.ConcatInto(y, axis, tensorsOf(xs)...)
	return Record("Concat", y, func(c *Call, g *Var) []*Var {
		out := make([]*Var, len(xs))
		lo := 0
		for i := range out {
			hi := lo + c.In(i).Dim(axis)
			if c.Wants(i) {
				out[i] = Slice(g, axis, lo, hi)
			}
			lo = hi
		}
		return out
	}, xs...)
}

// Slice returns x[lo:hi] along an axis; -1 is the last one.
func Slice(x *Var, axis, lo, hi int) *Var {
	y := Alloc(tensor.SliceShape("autograd.Slice", x.Shape(), axis, lo, hi), x)
	tensor.SliceInto(y, x.value, axis, lo)
	return Record("Slice", y, func(c *Call, g *Var) []*Var { return []*Var{c.embed(g, axis, lo)} }, x)
}

// embed returns zeros of a shape with x at lo along an axis: the adjoint of Slice.
func embed(x *Var, shape []int, axis, lo int) *Var {
	y := Alloc(shape, x)
	tensor.EmbedInto(y, x.value, axis, lo)
	hi := lo + x.Dim(axis)
	return Record("Embed", y, func(_ *Call, g *Var) []*Var { return []*Var{Slice(g, axis, lo, hi)} }, x)
}

// Split cuts x along an axis into pieces of the given sizes. It panics unless they add up to the size of the axis.
func Split(x *Var, axis int, sizes ...int) []*Var {
	bounds := tensor.SplitBounds("autograd.Split", x.Shape(), axis, sizes)
	out := make([]*Var, len(sizes))
	for i := range out {
		out[i] = Slice(x, axis, bounds[i], bounds[i+1])
	}
	return out
}

// Stack returns equally shaped values joined along a new axis; -1 makes it the last one.
func Stack(axis int, xs ...*Var) *Var {
	xs = slices.Clone(xs)
	y := Alloc(tensor.StackShape("autograd.Stack", axis, shapesOf(xs)...), xs...)
	tensor.StackInto(y, axis, tensorsOf(xs)...)
	return Record("Stack", y, func(c *Call, g *Var) []*Var {
		out := make([]*Var, len(xs))
		for i := range out {
			if c.Wants(i) {
				out[i] = Reshape(Slice(g, axis, i, i+1), c.In(i).Shape()...)
			}
		}
		return out
	}, xs...)
}

// Roll returns x shifted by some places along an axis; what leaves at one end comes back at the other.
func Roll(x *Var, axis, shift int) *Var {
	tensor.SliceShape("autograd.Roll", x.Shape(), axis, 0, 0) // checks the axis
	y := Alloc(x.Shape(), x)
	tensor.RollInto(y, x.value, axis, shift)
	return Record("Roll", y, func(_ *Call, g *Var) []*Var { return []*Var{Roll(g, axis, -shift)} }, x)
}

func shapesOf(xs []*Var) [][]int {
	out := make([][]int, len(xs))
	for i, x := range xs {
		out[i] = x.Shape()
	}
	return out
}

func tensorsOf(xs []*Var) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(xs))
	for i, x := range xs {
		out[i] = x.value
	}
	return out
}
