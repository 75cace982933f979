package tensor

import "github.com/gander-ml/gander/tensor/internal/vec"

// Tanh returns tanh x.
func Tanh(x *Tensor) *Tensor { return mapped("tensor.Tanh", x, vec.Tanh) }

// TanhInto sets dst = tanh x.
func TanhInto(dst, x *Tensor) { each("tensor.TanhInto", dst, x, vec.Tanh) }

// TanhGradInto sets dst = g·(1−y²), the gradient of tanh in terms of its result y.
func TanhGradInto(dst, y, g *Tensor) { each2("tensor.TanhGradInto", dst, y, g, vec.TanhGrad) }

// Sigmoid returns 1/(1+e⁻ˣ).
func Sigmoid(x *Tensor) *Tensor { return mapped("tensor.Sigmoid", x, vec.Sigmoid) }

// SigmoidInto sets dst = 1/(1+e⁻ˣ).
func SigmoidInto(dst, x *Tensor) { each("tensor.SigmoidInto", dst, x, vec.Sigmoid) }

// SigmoidGradInto sets dst = g·y·(1−y), the gradient of the sigmoid in terms of its result y.
func SigmoidGradInto(dst, y, g *Tensor) { each2("tensor.SigmoidGradInto", dst, y, g, vec.SigmoidGrad) }

// Softplus returns ln(1+eˣ), computed without overflow.
func Softplus(x *Tensor) *Tensor { return mapped("tensor.Softplus", x, vec.Softplus) }

// SoftplusInto sets dst = ln(1+eˣ).
func SoftplusInto(dst, x *Tensor) { each("tensor.SoftplusInto", dst, x, vec.Softplus) }

// LeakyReLU returns x where it is positive and slope·x elsewhere. With slope 0 it is ReLU.
func LeakyReLU(x *Tensor, slope float32) *Tensor {
	y := New(x.shape...)
	LeakyReLUInto(y, x, slope)
	return y
}

// LeakyReLUInto sets dst to x where it is positive and to slope·x elsewhere.
func LeakyReLUInto(dst, x *Tensor, slope float32) {
	each("tensor.LeakyReLUInto", dst, x, func(d, x []float32) { vec.LeakyReLU(d, x, slope) })
}

// LeakyReLUGradInto sets dst to g where x is positive and to slope·g elsewhere.
func LeakyReLUGradInto(dst, x, g *Tensor, slope float32) {
	each2("tensor.LeakyReLUGradInto", dst, x, g, func(d, x, g []float32) { vec.LeakyReLUGrad(d, x, g, slope) })
}
