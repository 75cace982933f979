package autograd

import (
	"math"

	"github.com/gander-ml/gander/tensor"
)

// unary computes f and records it with a derivative.
func unary(op string, x *Var, f func(dst, x *tensor.Tensor), back Backward) *Var {
	y := Alloc(x.Shape(), x)
	f(y, x.value)
	return Record(op, y, back, x)
}

// Square returns x².
func Square(x *Var) *Var {
	return unary("Square", x, tensor.SquareInto, func(c *Call, g *Var) []*Var {
		return []*Var{Scale(Mul(g, c.In(0)), 2)}
	})
}

// Sqrt returns √x. Its derivative at 0 is infinite.
func Sqrt(x *Var) *Var {
	return unary("Sqrt", x, tensor.SqrtInto, func(c *Call, g *Var) []*Var {
		return []*Var{Scale(Div(g, c.Out()), 0.5)}
	})
}

// Exp returns eˣ.
func Exp(x *Var) *Var {
	return unary("Exp", x, tensor.ExpInto, func(c *Call, g *Var) []*Var { return []*Var{Mul(g, c.Out())} })
}

// Log returns the natural logarithm of x.
func Log(x *Var) *Var {
	return unary("Log", x, tensor.LogInto, func(c *Call, g *Var) []*Var { return []*Var{Div(g, c.In(0))} })
}

// Pow returns xᵖ for a constant p.
func Pow(x *Var, p float64) *Var {
	f := func(dst, x *tensor.Tensor) { tensor.PowInto(dst, x, p) }
	return unary("Pow", x, f, func(c *Call, g *Var) []*Var {
		if p == 0 {
			return []*Var{nil}
		}
		return []*Var{Mul(g, Scale(Pow(c.In(0), p-1), float32(p)))}
	})
}

// Abs returns |x|. Its derivative at 0 is taken to be 0.
func Abs(x *Var) *Var {
	return unary("Abs", x, tensor.AbsInto, func(c *Call, g *Var) []*Var {
		sign := Alloc(g.Shape(), g)
		tensor.SignInto(sign, c.In(0).value)
		return []*Var{Mul(g, constOn(g, sign))}
	})
}

// Clamp returns x limited to [lo, hi]. No gradient flows where x lies outside.
func Clamp(x *Var, lo, hi float32) *Var {
	f := func(dst, x *tensor.Tensor) { tensor.ClampInto(dst, x, lo, hi) }
	return unary("Clamp", x, f, func(c *Call, g *Var) []*Var {
		inside := Alloc(g.Shape(), g)
		tensor.MapInto(inside, c.In(0).value, func(v float64) float64 {
			switch {
			case v >= float64(lo) && v <= float64(hi):
				return 1
			case math.IsNaN(v):
				return v
			}
			return 0
		})
		return []*Var{Mul(g, constOn(g, inside))}
	})
}
