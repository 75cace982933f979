package nn

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Upsample enlarges images (N,H,W,C) by a factor, or brings them to a size. The zero value of Method is bicubic; tensor.Nearest
// repeats pixels.
type Upsample struct {
	Factor        float64 // used if Height and Width are 0
	Height, Width int
	Method        tensor.ResizeMethod
}

// Forward returns the enlarged images.
func (l Upsample) Forward(x *autograd.Var) *autograd.Var {
	if l.Height != 0 || l.Width != 0 {
		return autograd.Resize(x, l.Height, l.Width, l.Method)
	}
	return autograd.ResizeScale(x, l.Factor, l.Method)
}
