package autograd

import (
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// GatherSum returns sums of so many rows of x each, as [tensor.GatherSumInto] defines them. It keeps a copy of index.
func GatherSum(x *Var, index []int, each int) *Var { return gatherSum(x, slices.Clone(index), each) }

func gatherSum(x *Var, index []int, each int) *Var {
	y := Alloc(tensor.GatherSumShape("autograd.GatherSum", x.Shape(), index, each), x)
	tensor.GatherSumInto(y, x.value, index, each)
	return Record("GatherSum", y, func(c *Call, g *Var) []*Var {
		return []*Var{scatterSum(g, index, each, c.In(0).Shape())}
	}, x)
}

// scatterSum is the adjoint of GatherSum.
func scatterSum(x *Var, index []int, each int, shape []int) *Var {
	y := Alloc(shape, x)
	tensor.ScatterSumInto(y, x.value, index, each)
	return Record("ScatterSum", y, func(_ *Call, g *Var) []*Var { return []*Var{gatherSum(g, index, each)} }, x)
}
