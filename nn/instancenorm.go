package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// InstanceNorm2D normalises each channel of each sample over space,
//
//	y = γ·(x−μ)/√(σ²+ε) + β
//
// x and y are (N,H,W,C), or (N,L,C); γ and β are (C); σ² is the biased variance. It does the same in training and in
// inference. Ulyanov et al. 2016.
type InstanceNorm2D struct {
	Weight *autograd.Var `nn:"weight"` // γ; nil without affine part
	Bias   *autograd.Var `nn:"bias"`   // β; nil without affine part

	Channels int
	Eps      float64
}

// NormOptions are the choices of the norms that keep no running averages.
type NormOptions struct {
	NoAffine bool    // leave γ and β out
	Eps      float64 // added to the variance; 0 means 1e-5
}

// affine returns the parameters and the ε that the options ask for.
func (o NormOptions) affine(op string, n int) (gamma, beta *autograd.Var, eps float64) {
	if n < 1 {
		panic(fmt.Sprintf("%s: %d channels", op, n))
	}
	if !o.NoAffine {
		gamma, beta = newAffine(n)
	}
	eps = o.Eps
	if eps == 0 {
		eps = 1e-5
	}
	return gamma, beta, eps
}

// NewInstanceNorm2D returns an instance norm for the given number of channels, with γ = 1 and β = 0. It panics if that is
// not positive.
func NewInstanceNorm2D(channels int, opts NormOptions) *InstanceNorm2D {
	l := &InstanceNorm2D{Channels: channels}
	l.Weight, l.Bias, l.Eps = opts.affine("nn.NewInstanceNorm2D", channels)
	return l
}

// Forward normalises x. It panics unless x has C channels and more than one value for each in a sample.
func (l *InstanceNorm2D) Forward(x *autograd.Var) *autograd.Var {
	if x.Rank() < 3 || x.Dim(-1) != l.Channels || x.Len() < 2*x.Dim(0)*l.Channels {
		panic(fmt.Sprintf("nn.InstanceNorm2D: want (N,H,W,%d) with more than one pixel, got %s", l.Channels, tensor.Format(x.Shape())))
	}
	return autograd.InstanceNorm(x, l.Weight, l.Bias, l.Eps)
}
