package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// LayerNorm normalises the last axis of x,
//
//	y = γ·(x−μ)/√(σ²+ε) + β
//
// with the mean and the biased variance of the C values at each place. x and y are (…,C); γ and β are (C). It does the
// same in training and in inference. Ba et al. 2016.
type LayerNorm struct {
	Weight *autograd.Var `nn:"weight"` // γ; nil without affine part
	Bias   *autograd.Var `nn:"bias"`   // β; nil without affine part

	Channels int
	Eps      float64
}

// NewLayerNorm returns a layer norm over the given number of channels, with γ = 1 and β = 0. It panics if that is not
// positive.
func NewLayerNorm(channels int, opts NormOptions) *LayerNorm {
	l := &LayerNorm{Channels: channels}
	l.Weight, l.Bias, l.Eps = opts.affine("nn.NewLayerNorm", channels)
	return l
}

// Forward normalises x. It panics unless the last axis of x has C elements.
func (l *LayerNorm) Forward(x *autograd.Var) *autograd.Var {
	if x.Rank() < 1 || x.Dim(-1) != l.Channels {
		panic(fmt.Sprintf("nn.LayerNorm: want (…,%d), got %s", l.Channels, tensor.Format(x.Shape())))
	}
	// Each place is a sample of one channel.
	y := autograd.InstanceNorm(x.Reshape(-1, l.Channels, 1), nil, nil, l.Eps).Reshape(x.Shape()...)
	if l.Weight == nil {
		return y
	}
	return channelAffine(y, l.Weight, l.Bias)
}

// channelAffine is x·γ + β for an x of any rank.
func channelAffine(x, gamma, beta *autograd.Var) *autograd.Var {
	if x.Rank() == 1 {
		return autograd.Add(autograd.Mul(x, gamma), beta)
	}
	return autograd.ChannelAffine(x, gamma, beta)
}
