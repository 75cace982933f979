package autograd

import (
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// Add returns a + b with broadcasting.
func Add(a, b *Var) *Var {
	y := Alloc(tensor.BroadcastShape("autograd.Add", a.Shape(), b.Shape()), a, b)
	tensor.AddInto(y, a.value, b.value)
	return Record("Add", y, addBackward, a, b)
}

func addBackward(c *Call, g *Var) []*Var {
	return []*Var{sumToIf(c, 0, g), sumToIf(c, 1, g)}
}

// Sub returns a - b with broadcasting.
func Sub(a, b *Var) *Var {
	y := Alloc(tensor.BroadcastShape("autograd.Sub", a.Shape(), b.Shape()), a, b)
	tensor.SubInto(y, a.value, b.value)
	return Record("Sub", y, subBackward, a, b)
}

func subBackward(c *Call, g *Var) []*Var {
	out := []*Var{sumToIf(c, 0, g), nil}
	if c.Wants(1) {
		out[1] = Neg(SumTo(g, c.In(1).Shape()...))
	}
	return out
}

// Mul returns the elementwise product a ⊙ b with broadcasting.
func Mul(a, b *Var) *Var {
	y := Alloc(tensor.BroadcastShape("autograd.Mul", a.Shape(), b.Shape()), a, b)
	tensor.MulInto(y, a.value, b.value)
	return Record("Mul", y, mulBackward, a, b)
}

// ∂(a⊙b)/∂a = b and ∂(a⊙b)/∂b = a, summed back over broadcast axes.
func mulBackward(c *Call, g *Var) []*Var {
	out := []*Var{nil, nil}
	if c.Wants(0) {
		out[0] = SumTo(Mul(g, c.In(1)), c.In(0).Shape()...)
	}
	if c.Wants(1) {
		out[1] = SumTo(Mul(g, c.In(0)), c.In(1).Shape()...)
	}
	return out
}

// Div returns a / b, elementwise with broadcasting.
func Div(a, b *Var) *Var {
	y := Alloc(tensor.BroadcastShape("autograd.Div", a.Shape(), b.Shape()), a, b)
	tensor.DivInto(y, a.value, b.value)
	return Record("Div", y, divBackward, a, b)
}

// ∂(a/b)/∂a = 1/b and ∂(a/b)/∂b = −(a/b)/b.
func divBackward(c *Call, g *Var) []*Var {
	out := []*Var{nil, nil}
	q := Div(g, c.In(1))
	if c.Wants(0) {
		out[0] = SumTo(q, c.In(0).Shape()...)
	}
	if c.Wants(1) {
		out[1] = Neg(SumTo(Mul(q, c.Out()), c.In(1).Shape()...))
	}
	return out
}

// Maximum returns the larger of a and b, elementwise with broadcasting. Where they are equal the gradient goes to a.
func Maximum(a, b *Var) *Var {
	y := Alloc(tensor.BroadcastShape("autograd.Maximum", a.Shape(), b.Shape()), a, b)
	tensor.MaximumInto(y, a.value, b.value)
	return Record("Maximum", y, func(c *Call, g *Var) []*Var { return chooseBackward(c, g, c.In(0), c.In(1)) }, a, b)
}

// Minimum returns the smaller of a and b, elementwise with broadcasting. Where they are equal the gradient goes to a.
func Minimum(a, b *Var) *Var {
	y := Alloc(tensor.BroadcastShape("autograd.Minimum", a.Shape(), b.Shape()), a, b)
	tensor.MinimumInto(y, a.value, b.value)
	return Record("Minimum", y, func(c *Call, g *Var) []*Var { return chooseBackward(c, g, c.In(1), c.In(0)) }, a, b)
}

// chooseBackward sends g to input 0 where high ≥ low and to input 1 elsewhere. Which one was chosen does not change
// under an infinitesimal step, so the choice itself has no derivative.
func chooseBackward(c *Call, g, high, low *Var) []*Var {
	first := Alloc(g.Shape(), g)
	tensor.SubInto(first, high.value, low.value)
	tensor.StepInto(first, first)
	mine := Mul(g, constOn(g, first))
	return []*Var{sumToIf(c, 0, mine), sumToIf(c, 1, Sub(g, mine))}
}

// Affine returns scale·x + shift.
func Affine(x *Var, scale, shift float32) *Var {
	y := Alloc(x.Shape(), x)
	tensor.AffineInto(y, x.value, scale, shift)
	return Record("Affine", y, func(_ *Call, g *Var) []*Var { return []*Var{Scale(g, scale)} }, x)
}

// Scale returns s·x.
func Scale(x *Var, s float32) *Var { return Affine(x, s, 0) }

// Shift returns x + s.
func Shift(x *Var, s float32) *Var { return Affine(x, 1, s) }

// Neg returns -x.
func Neg(x *Var) *Var { return Affine(x, -1, 0) }

// SumTo returns the sum of x over the axes along which a value of the given shape would be broadcast to x's shape: the
// adjoint of [BroadcastTo]. It returns x itself if the shapes are equal.
func SumTo(x *Var, shape ...int) *Var {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	y := Alloc(shape, x)
	tensor.SumToInto(y, x.value)
	return Record("SumTo", y, func(c *Call, g *Var) []*Var { return []*Var{BroadcastTo(g, c.In(0).Shape()...)} }, x)
}

// BroadcastTo returns x repeated to a larger shape. It returns x itself if the shapes are equal.
func BroadcastTo(x *Var, shape ...int) *Var {
	if slices.Equal(x.Shape(), shape) {
		return x
	}
	y := Alloc(shape, x)
	tensor.BroadcastInto(y, x.value)
	return Record("BroadcastTo", y, func(c *Call, g *Var) []*Var { return []*Var{SumTo(g, c.In(0).Shape()...)} }, x)
}

func sumToIf(c *Call, i int, g *Var) *Var {
	if !c.Wants(i) {
		return nil
	}
	return SumTo(g, c.In(i).Shape()...)
}
