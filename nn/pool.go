package nn

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// MaxPool2D takes the maximum of each window of x (N,H,W,C). Its fields are those of [tensor.PoolSpec].
type MaxPool2D tensor.PoolSpec

// Forward returns the maxima.
func (l MaxPool2D) Forward(x *autograd.Var) *autograd.Var {
	return autograd.MaxPool2D(x, tensor.PoolSpec(l))
}

// AvgPool2D takes the mean of each window of x (N,H,W,C). Its fields are those of [tensor.PoolSpec].
type AvgPool2D tensor.PoolSpec

// Forward returns the means.
func (l AvgPool2D) Forward(x *autograd.Var) *autograd.Var {
	return autograd.AvgPool2D(x, tensor.PoolSpec(l))
}

// GlobalAvgPool takes the mean of each channel over space: (N,H,W,C) becomes (N,C).
type GlobalAvgPool struct{}

// Forward returns the means.
func (GlobalAvgPool) Forward(x *autograd.Var) *autograd.Var { return autograd.Mean(x, 1, 2) }

// L2FeaturePool replaces each Size neighbouring channels by their Euclidean norm: channels 2j and 2j+1 become
// √(a²+b²) with Size 2. (…,C) becomes (…,C/Size). The gradient is 0 where all of them are 0.
type L2FeaturePool struct {
	Size int // 0 means 2
}

// Forward returns the norms. It panics unless Size divides the channels.
func (l L2FeaturePool) Forward(x *autograd.Var) *autograd.Var {
	return autograd.L2Pool(x, either(l.Size, 2))
}
