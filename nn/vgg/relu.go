package vgg

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// relu is max(h, 0) in the memory of h, which halves what a forward pass keeps. h must be fresh and made by an operation
// whose derivative does not read its result. The derivative is told from the result, which is positive where h is.
func relu(h *autograd.Var) *autograd.Var {
	y := h.Value()
	tensor.LeakyReLUInto(y, y, 0)
	return autograd.Record("ReLU", y, func(c *autograd.Call, g *autograd.Var) []*autograd.Var {
		return []*autograd.Var{reluGrad(c.Out(), g)}
	}, h)
}

// reluGrad is g where y > 0 and 0 elsewhere. It is linear in g and its derivative in y is 0.
func reluGrad(y, g *autograd.Var) *autograd.Var {
	d := autograd.Alloc(g.Shape(), g, y)
	tensor.LeakyReLUGradInto(d, y.Value(), g.Value(), 0)
	return autograd.Record("ReLUGrad", d, func(c *autograd.Call, h *autograd.Var) []*autograd.Var {
		return []*autograd.Var{nil, reluGrad(c.In(0), h)}
	}, y, g)
}
