package nn

import "github.com/gander-ml/gander/autograd"

// Activations as layers, for [Sequential] and for fields. In a Forward method the functions of autograd do as well.

// ReLU is max(x, 0).
type ReLU struct{}

// Forward returns max(x, 0).
func (ReLU) Forward(x *autograd.Var) *autograd.Var { return autograd.ReLU(x) }

// LeakyReLU is x where it is positive and Slope·x elsewhere. Maas et al. 2013.
type LeakyReLU struct{ Slope float32 }

// Forward returns x where it is positive and Slope·x elsewhere.
func (l LeakyReLU) Forward(x *autograd.Var) *autograd.Var { return autograd.LeakyReLU(x, l.Slope) }

// Tanh is tanh x.
type Tanh struct{}

// Forward returns tanh x.
func (Tanh) Forward(x *autograd.Var) *autograd.Var { return autograd.Tanh(x) }

// Sigmoid is 1/(1+e⁻ˣ).
type Sigmoid struct{}

// Forward returns 1/(1+e⁻ˣ).
func (Sigmoid) Forward(x *autograd.Var) *autograd.Var { return autograd.Sigmoid(x) }

// Softplus is ln(1+eˣ).
type Softplus struct{}

// Forward returns ln(1+eˣ).
func (Softplus) Forward(x *autograd.Var) *autograd.Var { return autograd.Softplus(x) }

// ELU is x where it is positive and Alpha·(eˣ−1) elsewhere. Clevert et al. 2016, eq. 15.
type ELU struct {
	Alpha float32 // 0 means 1
}

// Forward returns x where it is positive and Alpha·(eˣ−1) elsewhere.
func (l ELU) Forward(x *autograd.Var) *autograd.Var {
	alpha := l.Alpha
	if alpha == 0 {
		alpha = 1
	}
	return elu(x, alpha)
}

// SELU is λ·x where it is positive and λ·α·(eˣ−1) elsewhere, with the constants for which activations drift to mean 0
// and variance 1. Klambauer et al. 2017, eq. 2.
type SELU struct{}

// Forward returns the SELU of x.
func (SELU) Forward(x *autograd.Var) *autograd.Var {
	const alpha, lambda = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
	return autograd.Scale(elu(x, alpha), lambda)
}

// elu is max(x,0) + α·(e^min(x,0) − 1). The exponential of a positive x, which may overflow, is never taken.
func elu(x *autograd.Var, alpha float32) *autograd.Var {
	negative := autograd.Neg(autograd.ReLU(autograd.Neg(x)))
	return autograd.Add(autograd.ReLU(x), autograd.Affine(autograd.Exp(negative), alpha, -alpha))
}
