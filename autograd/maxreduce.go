package autograd

import "github.com/gander-ml/gander/tensor"

// Max returns the largest elements of x over the given axes, which are removed; over all of them when none is given.
// The gradient goes to the first of equal elements. It panics if there is no element to choose from.
func Max(x *Var, axes ...int) *Var { return extreme("Max", x, tensor.MaxArgInto, axes) }

// Min returns the smallest elements of x, as [Max] does the largest.
func Min(x *Var, axes ...int) *Var { return extreme("Min", x, tensor.MinArgInto, axes) }

func extreme(op string, x *Var, choose func(dst, arg, x *tensor.Tensor, axes ...int), axes []int) *Var {
	shape, _ := tensor.ReducedShape("autograd."+op, x.Shape(), axes)
	y, arg := Alloc(shape, x), Alloc(shape, x)
	choose(y, arg, x.value, axes...)
	return Record(op, y, func(c *Call, g *Var) []*Var { return []*Var{spread(g, arg, c.In(0).Shape())} }, x)
}

// pick returns the elements of x that arg points to.
func pick(x *Var, arg *tensor.Tensor) *Var {
	y := Alloc(arg.Shape(), x)
	tensor.PickInto(y, x.value, arg)
	return Record("Pick", y, func(c *Call, g *Var) []*Var { return []*Var{spread(g, arg, c.In(0).Shape())} }, x)
}

// spread is the adjoint of pick: zeros of a shape with x where arg points.
func spread(x *Var, arg *tensor.Tensor, shape []int) *Var {
	y := Alloc(shape, x)
	tensor.PlaceInto(y, x.value, arg)
	return Record("Place", y, func(_ *Call, g *Var) []*Var { return []*Var{pick(g, arg)} }, x)
}
