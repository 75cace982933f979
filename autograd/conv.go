package autograd

import "github.com/gander-ml/gander/tensor"

// Convolution, its input gradient and its weight gradient are the three partial derivatives of one form that is linear
// in the image x, the kernel w and the output y,
//
//	⟨conv(x, w), y⟩ = ⟨x, convInput(y, w)⟩ = ⟨w, convWeight(x, y)⟩,
//
// so each of them is differentiated by the other two, to any order.

// Conv2D returns the convolution of x (N,H,W,Cin) with w (KH,KW,Cin/Groups,Cout), as [tensor.Conv2D] defines it.
func Conv2D(x, w *Var, spec tensor.ConvSpec) *Var {
	y := Alloc(tensor.ConvShape("autograd.Conv2D", x.Shape(), w.Shape(), spec), x, w)
	tensor.Conv2DInto(y, x.value, w.value, spec)
	return Record("Conv2D", y, func(c *Call, g *Var) []*Var {
		x, w := c.In(0), c.In(1)
		out := []*Var{nil, nil}
		if c.Wants(0) {
			out[0] = convInput(g, w, x.Shape(), spec)
		}
		if c.Wants(1) {
			out[1] = convWeight(x, g, w.Shape(), spec)
		}
		return out
	}, x, w)
}

// ConvTranspose2D returns the transposed convolution of x (N,H,W,Cin) with w (KH,KW,Cout/Groups,Cin), as
// [tensor.ConvTranspose2D] defines it.
func ConvTranspose2D(x, w *Var, spec tensor.ConvTransposeSpec) *Var {
	return convInput(x, w, tensor.ConvTransposeShape("autograd.ConvTranspose2D", x.Shape(), w.Shape(), spec), spec.ConvSpec)
}

func convInput(y, w *Var, shape []int, spec tensor.ConvSpec) *Var {
	x := Alloc(shape, y, w)
	tensor.Conv2DGradInputInto(x, y.value, w.value, spec)
	return Record("ConvTranspose2D", x, func(c *Call, g *Var) []*Var {
		y, w := c.In(0), c.In(1)
		out := []*Var{nil, nil}
		if c.Wants(0) {
			out[0] = Conv2D(g, w, spec)
		}
		if c.Wants(1) {
			out[1] = convWeight(g, y, w.Shape(), spec)
		}
		return out
	}, y, w)
}

func convWeight(x, y *Var, shape []int, spec tensor.ConvSpec) *Var {
	w := Alloc(shape, x, y)
	tensor.Conv2DGradWeightInto(w, x.value, y.value, spec)
	return Record("Conv2DGradWeight", w, func(c *Call, g *Var) []*Var {
		x, y := c.In(0), c.In(1)
		out := []*Var{nil, nil}
		if c.Wants(0) {
			out[0] = convInput(y, g, x.Shape(), spec)
		}
		if c.Wants(1) {
			out[1] = Conv2D(x, g, spec)
		}
		return out
	}, x, y)
}
