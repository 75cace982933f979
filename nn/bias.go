package nn

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// addBias adds b, one value for each channel, to h and returns the sum in h's memory, which saves a tensor of the size
// of the layer's output. h must be fresh, and made by an operation whose derivative does not read its result. A nil b
// adds nothing.
func addBias(h, b *autograd.Var) *autograd.Var {
	if b == nil {
		return h
	}
	y := h.Value()
	tensor.AddInto(y, y, b.Value())
	return autograd.Record("Bias", y, biasBackward, h, b)
}

func biasBackward(c *autograd.Call, g *autograd.Var) []*autograd.Var {
	out := []*autograd.Var{g, nil}
	if c.Wants(1) {
		out[1] = autograd.SumTo(g, c.In(1).Shape()...)
	}
	return out
}
