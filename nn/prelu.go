package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// PReLU is a leaky ReLU whose slope for negative values is learned: one slope for the layer, or one for each channel,
// the last axis of x. He et al. 2015, eq. 1.
type PReLU struct {
	Weight *autograd.Var `nn:"weight"` // (1) or (channels)
}

// PReLUOptions are the choices of [NewPReLU].
type PReLUOptions struct {
	Channels int     // as many slopes; 0 means one for all
	Slope    float32 // to start with; 0 means 0.25
}

// NewPReLU returns a PReLU. It panics if the number of channels is negative.
func NewPReLU(opts PReLUOptions) *PReLU {
	if opts.Channels < 0 {
		panic(fmt.Sprintf("nn.NewPReLU: %d channels", opts.Channels))
	}
	slope := opts.Slope
	if slope == 0 {
		slope = 0.25
	}
	return &PReLU{Weight: autograd.Const(tensor.Full(slope, max(opts.Channels, 1)))}
}

// Forward returns x where it is positive and slope·x elsewhere.
func (l *PReLU) Forward(x *autograd.Var) *autograd.Var { return autograd.PReLU(x, l.Weight) }
