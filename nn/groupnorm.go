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
	// Each group is a channel of an instance norm, whose sums are exact where the mean is much larger than the deviation.
	n, size := x.Dim(0), l.Channels/l.Groups
	pixels := x.Len() / max(n*l.Channels, 1)
	h := autograd.Permute(x.Reshape(n, pixels, l.Groups, size), 0, 1, 3, 2)
	y := autograd.InstanceNorm(h.Reshape(n, pixels*size, l.Groups), nil, nil, l.Eps)
	y = autograd.Permute(y.Reshape(n, pixels, size, l.Groups), 0, 1, 3, 2).Reshape(x.Shape()...)
	if l.Weight == nil {
		return y
	}
	return channelAffine(y, l.Weight, l.Bias)
}
