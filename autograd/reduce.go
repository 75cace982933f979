package autograd

import "github.com/gander-ml/gander/tensor"

// Sum returns the sum of x over the given axes, which are removed; over all of them when none is given.
func Sum(x *Var, axes ...int) *Var {
	shape, gone := tensor.ReducedShape("autograd.Sum", x.Shape(), axes)
	y := Alloc(shape, x)
	tensor.SumInto(y, x.value, axes...)
	return Record("Sum", y, func(c *Call, g *Var) []*Var {
		return []*Var{BroadcastTo(Reshape(g, keep(c.In(0).Shape(), gone)...), c.In(0).Shape()...)}
	}, x)
}

// Mean returns the mean of x over the given axes, which are removed; over all of them when none is given.
func Mean(x *Var, axes ...int) *Var {
	s := Sum(x, axes...)
	return Scale(s, float32(float64(s.Len())/float64(x.Len())))
}

// keep returns shape with size 1 for the axes that are gone.
func keep(shape []int, gone []bool) []int {
	out := make([]int, len(shape))
	for i, n := range shape {
		out[i] = n
		if gone[i] {
			out[i] = 1
		}
	}
	return out
}

// Reshape returns x with another shape, sharing memory. One size may be -1 and is inferred.
func Reshape(x *Var, shape ...int) *Var {
	return Record("Reshape", x.value.Reshape(shape...), func(c *Call, g *Var) []*Var {
		return []*Var{Reshape(g, c.In(0).Shape()...)}
	}, x)
}
