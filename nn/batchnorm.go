package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// BatchNorm2D normalises each channel, the last axis of x, over the batch and all other axes,
//
//	y = γ·(x−μ)/√(σ²+ε) + β
//
// x and y are (N,H,W,C), or (N,L,C) or (N,C); γ and β are (C). In training μ and the biased σ² come from the batch, and
// the running averages move to μ and the unbiased variance by Momentum when the [Pass] is committed; otherwise the
// running averages are used. Forward panics unless x has C channels, and in training if there is only one value for each.
// Ioffe & Szegedy 2015, Algorithm 1.
type BatchNorm2D struct {
	Weight      *autograd.Var  `nn:"weight"`       // γ; nil without affine part
	Bias        *autograd.Var  `nn:"bias"`         // β; nil without affine part
	RunningMean *tensor.Tensor `nn:"running_mean"` // 0 at first
	RunningVar  *tensor.Tensor `nn:"running_var"`  // 1 at first

	Eps      float64 // added to the variance
	Momentum float32 // how far the running averages move each time
}

// BatchNorm1D is [BatchNorm2D], which takes vectors (N,C) and sequences (N,L,C) as well as images.
type BatchNorm1D = BatchNorm2D

// BatchNormOptions are the choices of [NewBatchNorm2D].
type BatchNormOptions struct {
	NoAffine bool    // leave γ and β out
	Eps      float64 // 0 means 1e-5
	Momentum float32 // 0 means 0.1
}

// NewBatchNorm2D returns a batch norm for the given number of channels, with γ = 1 and β = 0. It panics if that is not
// positive.
func NewBatchNorm2D(channels int, opts BatchNormOptions) *BatchNorm2D {
	if channels < 1 {
		panic(fmt.Sprintf("nn.NewBatchNorm2D: %d channels", channels))
	}
	l := &BatchNorm2D{
		RunningMean: tensor.New(channels),
		RunningVar:  tensor.Full(1, channels),
		Eps:         opts.Eps,
		Momentum:    opts.Momentum,
	}
	if l.Eps == 0 {
		l.Eps = 1e-5
	}
	if l.Momentum == 0 {
		l.Momentum = 0.1
	}
	if !opts.NoAffine {
		l.Weight, l.Bias = newAffine(channels)
	}
	return l
}

// NewBatchNorm1D is [NewBatchNorm2D] under the name for vectors and sequences.
func NewBatchNorm1D(channels int, opts BatchNormOptions) *BatchNorm1D {
	return NewBatchNorm2D(channels, opts)
}

// Forward normalises x.
func (l *BatchNorm2D) Forward(x *autograd.Var, pass *Pass) *autograd.Var {
	return l.forward(x, pass, autograd.NormFinish{})
}

// ForwardLeaky is Forward followed by [autograd.LeakyReLU], as one operation in training. Slope 0 is ReLU.
func (l *BatchNorm2D) ForwardLeaky(x *autograd.Var, slope float32, pass *Pass) *autograd.Var {
	if !pass.Training() {
		return autograd.LeakyReLU(l.Forward(x, pass), slope)
	}
	return l.forward(x, pass, autograd.NormFinish{Slope: autograd.Const(tensor.Full(slope, 1))})
}

// ForwardPReLU is Forward followed by act, as one operation in training.
func (l *BatchNorm2D) ForwardPReLU(x *autograd.Var, act *PReLU, pass *Pass) *autograd.Var {
	if !pass.Training() {
		return act.Forward(l.Forward(x, pass))
	}
	return l.forward(x, pass, autograd.NormFinish{Slope: act.Weight})
}

// ForwardAdd is Forward and the addition of skip, as one operation in training.
func (l *BatchNorm2D) ForwardAdd(x, skip *autograd.Var, pass *Pass) *autograd.Var {
	if !pass.Training() {
		return autograd.Add(skip, l.Forward(x, pass))
	}
	return l.forward(x, pass, autograd.NormFinish{Add: skip})
}

func (l *BatchNorm2D) forward(x *autograd.Var, pass *Pass, f autograd.NormFinish) *autograd.Var {
	c := l.RunningMean.Len()
	if x.Rank() < 2 || x.Dim(-1) != c {
		panic(fmt.Sprintf("nn.BatchNorm2D: want (N,…,%d), got %s", c, tensor.Format(x.Shape())))
	}
	if !pass.Training() {
		return l.inference(x)
	}
	n := x.Len() / c
	if n < 2 {
		panic(fmt.Sprintf("nn.BatchNorm2D: training needs more than one value for each channel, got %s", tensor.Format(x.Shape())))
	}
	y, mean, variance := autograd.BatchNormThen(x, l.Weight, l.Bias, l.Eps, f)
	unbiased := tensor.Affine(variance, float32(float64(n)/float64(n-1)), 0)
	pass.Update(l.RunningMean, mean, l.Momentum)
	pass.Update(l.RunningVar, unbiased, l.Momentum)
	return y
}

// inference is x·s + t with s = γ/√(σ²+ε) and t = β − μ·s.
func (l *BatchNorm2D) inference(x *autograd.Var) *autograd.Var {
	inverse := tensor.Pow(tensor.Affine(l.RunningVar, 1, float32(l.Eps)), -0.5)
	scale := autograd.Const(inverse)
	if l.Weight != nil {
		scale = autograd.Mul(scale, l.Weight)
	}
	shift := autograd.Neg(autograd.Mul(autograd.Const(l.RunningMean), scale))
	if l.Bias != nil {
		shift = autograd.Add(shift, l.Bias)
	}
	return autograd.ChannelAffine(x, scale, shift)
}

// newAffine returns the parameters γ = 1 and β = 0 of a norm.
func newAffine(n int) (gamma, beta *autograd.Var) {
	return autograd.Const(tensor.Full(1, n)), autograd.Const(tensor.New(n))
}
