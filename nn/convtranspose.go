package nn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// ConvTranspose2D is a transposed convolution (also called deconvolution): the adjoint of the convolution with the same
// kernel, stride and padding, plus a bias. It enlarges by its stride; kernel 4, stride 2 and padding 1 double an image.
//
// x is (N,H,W,in) and y is (N,OH,OW,out) with OH = (H−1)·Stride − 2·Pad + Dilation·(kernel−1) + OutPad + 1. The kernel is
// (KH,KW,out/groups,in) and b is (out). Checkpoints hold the kernel as (in,out/groups,KH,KW).
type ConvTranspose2D struct {
	Weight *autograd.Var `nn:"weight"`
	Bias   *autograd.Var `nn:"bias"` // nil without bias

	Spec tensor.ConvTransposeSpec
}

// ConvTransposeOptions are the choices of [NewConvTranspose2D]. The zero value is stride 1, no padding, with bias.
type ConvTransposeOptions struct {
	Stride, StrideW     int // 0 means 1; StrideW, the step along the width, is Stride if 0
	Dilation, DilationW int // 0 means 1; DilationW is Dilation if 0
	KernelW             int // the kernel's width; 0 means that it is square
	Groups              int // 0 means 1
	NoBias              bool

	Pad      int    // rows and columns of the result left out on each side
	PadExtra [4]int // more of them at the top, bottom, left and right; negative ones add

	OutPad, OutPadW int // rows and columns added at the bottom and right; OutPadW is OutPad if 0

	Init Init // of the weight; nil is uniform on ±1/√fan_in for weight and bias. With an Init the bias starts at zero
}

// NewConvTranspose2D returns a transposed convolution with a kernel of kernel × kernel, from in to out channels. It panics
// if a size is not positive or the channels cannot be split into the groups.
func NewConvTranspose2D(in, out, kernel int, opts ConvTransposeOptions, rng *rand.Rand) *ConvTranspose2D {
	spec, kw := ConvOptions{
		Stride: opts.Stride, StrideW: opts.StrideW, Dilation: opts.Dilation, DilationW: opts.DilationW,
		KernelW: opts.KernelW, Groups: opts.Groups, Pad: opts.Pad, PadExtra: opts.PadExtra,
	}.spec("nn.NewConvTranspose2D", in, out, kernel)
	l := &ConvTranspose2D{
		Weight: newWeight(opts.Init, rng, kernel, kw, out/max(spec.Groups, 1), in),
		Spec:   tensor.ConvTransposeSpec{ConvSpec: spec, OutPadH: opts.OutPad, OutPadW: either(opts.OutPadW, opts.OutPad)},
	}
	if !opts.NoBias {
		l.Bias = newBias(opts.Init, rng, out, l.Weight)
	}
	return l
}

// Forward returns the transposed convolution of x. It panics unless x has four axes and the layer's input channels.
func (l *ConvTranspose2D) Forward(x *autograd.Var) *autograd.Var {
	return l.ForwardWith(x, l.Weight)
}

// ForwardLeaky is Forward followed by [autograd.LeakyReLU], for which nothing of its own is kept. Slope 0 is ReLU.
func (l *ConvTranspose2D) ForwardLeaky(x *autograd.Var, slope float32) *autograd.Var {
	return autograd.LeakyReLUOver(l.Forward(x), slope)
}

// BaseWeight implements [Weighted].
func (l *ConvTranspose2D) BaseWeight() *autograd.Var { return l.Weight }

// ForwardWith is Forward with another weight of the same shape.
func (l *ConvTranspose2D) ForwardWith(x, w *autograd.Var) *autograd.Var {
	return addBias(autograd.ConvTranspose2D(x, w, l.Spec), l.Bias)
}

// DiskLayout implements [DiskLayouter].
func (l *ConvTranspose2D) DiskLayout(field string) Layout { return kernelLayout(l.Weight, field) }
