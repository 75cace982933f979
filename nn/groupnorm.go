package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// GroupNorm splits the channels into groups of neighbours and normalises each group of each sample over its channels and
// space,
//
//	y = γ·(x−μ)/√(σ²+ε) + β
//
// x and y are (N,…,C); γ and β are (C); σ² is the biased variance. It does the same in training and in inference.
// Wu & He 2018.
type GroupNorm struct {
	Weight *autograd.Var `nn:"weight"` // γ; nil without affine part
	Bias   *autograd.Var `nn:"bias"`   // β; nil without affine part

	Groups, Channels int
	Eps              float64
}

// NewGroupNorm returns a group norm for the given number of channels, with γ = 1 and β = 0. It panics unless the channels
// can be split into the groups.
func NewGroupNorm(groups, channels int, opts NormOptions) *GroupNorm {
	if groups < 1 || channels%groups != 0 {
		panic(fmt.Sprintf("nn.NewGroupNorm: %d channels cannot be split into %d groups", channels, groups))
	}
	l := &GroupNorm{Groups: groups, Channels: channels}
	l.Weight, l.Bias, l.Eps = opts.affine("nn.NewGroupNorm", channels)
	return l
}

// Forward normalises x. It panics unless x has C channels.
func (l *GroupNorm) Forward(x *autograd.Var) *autograd.Var {
	if x.Rank() < 2 || x.Dim(-1) != l.Channels {
		panic(fmt.Sprintf("nn.GroupNorm: want (N,…,%d), got %s", l.Channels, tensor.Format(x.Shape())))
	}
	n, size := x.Dim(0), l.Channels/l.Groups
	h := x.Reshape(n, -1, l.Groups, size)
	stats := []int{n, 1, l.Groups, 1}
	count := float32(1 / float64(h.Dim(1)*size))
	centred := autograd.Sub(h, autograd.Scale(autograd.SumTo(h, stats...), count))
	variance := autograd.Scale(autograd.SumTo(autograd.Square(centred), stats...), count)
	y := autograd.Mul(centred, autograd.Pow(autograd.Shift(variance, float32(l.Eps)), -0.5)).Reshape(x.Shape()...)
	if l.Weight == nil {
		return y
	}
	return channelAffine(y, l.Weight, l.Bias)
}
