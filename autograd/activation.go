package autograd

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

// Tanh returns tanh x.
func Tanh(x *Var) *Var {
	return unary("Tanh", x, tensor.TanhInto, func(c *Call, g *Var) []*Var {
		if c.OnTape() {
			return []*Var{tanhGrad(c.Out(), g)}
		}
		d := c.over(g)
		tensor.TanhGradInto(d, c.Out().value, g.value)
		return []*Var{constOn(g, d)}
	})
}

// tanhGrad is g·(1−y²).
func tanhGrad(y, g *Var) *Var {
	d := Alloc(g.Shape(), g, y)
	tensor.TanhGradInto(d, y.value, g.value)
	return Record("TanhGrad", d, func(c *Call, h *Var) []*Var {
		y, g := c.In(0), c.In(1)
		return []*Var{Scale(Mul(Mul(h, g), y), -2), tanhGrad(y, h)}
	}, y, g)
}

// Sigmoid returns 1/(1+e⁻ˣ).
func Sigmoid(x *Var) *Var {
	return unary("Sigmoid", x, tensor.SigmoidInto, func(c *Call, g *Var) []*Var {
		if c.OnTape() {
			return []*Var{sigmoidGrad(c.Out(), g)}
		}
		d := c.over(g)
		tensor.SigmoidGradInto(d, c.Out().value, g.value)
		return []*Var{constOn(g, d)}
	})
}

// sigmoidGrad is g·y·(1−y).
func sigmoidGrad(y, g *Var) *Var {
	d := Alloc(g.Shape(), g, y)
	tensor.SigmoidGradInto(d, y.value, g.value)
	return Record("SigmoidGrad", d, func(c *Call, h *Var) []*Var {
		y, g := c.In(0), c.In(1)
		return []*Var{Mul(Mul(h, g), Affine(y, -2, 1)), sigmoidGrad(y, h)}
	}, y, g)
}

// Softplus returns ln(1+eˣ), computed without overflow.
func Softplus(x *Var) *Var {
	return unary("Softplus", x, tensor.SoftplusInto, func(c *Call, g *Var) []*Var { return []*Var{Mul(g, Sigmoid(c.In(0)))} })
}

// ReLU returns max(x, 0). Its derivative at 0 is 0.
func ReLU(x *Var) *Var { return LeakyReLU(x, 0) }

// LeakyReLU returns x where it is positive and slope·x elsewhere; its derivative at 0 is slope.
func LeakyReLU(x *Var, slope float32) *Var {
	f := func(dst, x *tensor.Tensor) { tensor.LeakyReLUInto(dst, x, slope) }
	return unary("LeakyReLU", x, f, func(c *Call, g *Var) []*Var {
		if c.OnTape() {
			return []*Var{leakyReLUGrad(c.In(0), g, slope)}
		}
		d := c.over(g)
		tensor.LeakyReLUGradInto(d, c.In(0).value, g.value, slope)
		return []*Var{constOn(g, d)}
	})
}

// LeakyReLUOver is [LeakyReLU] in the memory of x, which saves a tensor where x is of no use by itself. x must be fresh, made by
// an operation whose derivative does not read its result, such as a convolution or a product of matrices. The derivative is told
// from the result, which is positive where x was. It panics if slope is negative.
func LeakyReLUOver(x *Var, slope float32) *Var {
	if !(slope >= 0) {
		panic(fmt.Sprintf("autograd.LeakyReLUOver: the slope must not be negative, got %g", slope))
	}
	y := x.value
	tensor.LeakyReLUInto(y, y, slope)
	return Record("LeakyReLU", y, func(c *Call, g *Var) []*Var {
		if c.OnTape() {
			return []*Var{leakyReLUGrad(c.Out(), g, slope)}
		}
		d := c.over(g)
		tensor.LeakyReLUGradInto(d, c.Out().value, g.value, slope)
		return []*Var{constOn(g, d)}
	}, x)
}

// leakyReLUGrad is g where x > 0 and slope·g elsewhere. It is linear in g and its derivative in x is 0.
func leakyReLUGrad(x, g *Var, slope float32) *Var {
	d := Alloc(g.Shape(), g, x)
	tensor.LeakyReLUGradInto(d, x.value, g.value, slope)
	return Record("LeakyReLUGrad", d, func(c *Call, h *Var) []*Var {
		return []*Var{nil, leakyReLUGrad(c.In(0), h, slope)}
	}, x, g)
}

// PReLU returns x where it is positive and slope·x elsewhere. slope is learned: it has one element, or one for each
// channel, the last axis of x. He et al. 2015, eq. 1.
func PReLU(x, slope *Var) *Var {
	if n := slope.Len(); slope.Rank() != 1 || n != 1 && (x.Rank() == 0 || n != x.Dim(-1)) {
		panic(fmt.Sprintf("autograd.PReLU: want 1 slope or one for each channel of %s, got %s",
			tensor.Format(x.Shape()), tensor.Format(slope.Shape())))
	}
	y := Alloc(x.Shape(), x, slope)
	tensor.PReLUInto(y, x.value, slope.value)
	return Record("PReLU", y, preluBackward, x, slope)
}

func preluBackward(c *Call, g *Var) []*Var {
	x, slope := c.In(0), c.In(1)
	out := []*Var{nil, nil}
	if c.OnTape() {
		// PReLU(x) = max(x,0) + slope·min(x,0), both parts with a derivative of their own.
		up := leakyReLUGrad(x, g, 0)
		down := Sub(g, up)
		if c.Wants(0) {
			out[0] = Add(up, Mul(down, slope))
		}
		if c.Wants(1) {
			out[1] = SumTo(Mul(down, x), slope.Shape()...)
		}
		return out
	}
	if c.Wants(0) && c.Wants(1) {
		dx, ds := c.over(g), Alloc(slope.Shape(), g, x)
		tensor.PReLUGradInto(dx, ds, x.value, slope.value, g.value)
		return []*Var{constOn(g, dx), constOn(g, ds)}
	}
	if c.Wants(0) {
		d := c.over(g)
		tensor.PReLUGradInputInto(d, x.value, slope.value, g.value)
		out[0] = constOn(g, d)
	}
	if c.Wants(1) {
		d := Alloc(slope.Shape(), g, x)
		tensor.PReLUGradSlopeInto(d, x.value, g.value)
		out[1] = constOn(g, d)
	}
	return out
}
