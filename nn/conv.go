package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Conv2D is a convolution of images, y = x ∗ W + b, as [tensor.Conv2D] defines it.
//
// x is (N,H,W,in) and y is (N,OH,OW,out); the kernel is (KH,KW,in/groups,out) and b is (out). Checkpoints hold the kernel
// as (out,in/groups,KH,KW).
type Conv2D struct {
	Weight *autograd.Var `nn:"weight"`
	Bias   *autograd.Var `nn:"bias"` // nil without bias

	Spec    tensor.ConvSpec // stride, padding, dilation, groups
	PadMode tensor.PadMode  // what the padding is filled with
}

// ConvOptions are the choices of [NewConv2D]. The zero value is stride 1, no padding, with bias.
type ConvOptions struct {
	Stride, StrideW     int // 0 means 1; StrideW, the step along the width, is Stride if 0
	Dilation, DilationW int // 0 means 1; DilationW is Dilation if 0
	KernelW             int // the kernel's width; 0 means that it is square
	Groups              int // 0 means 1; input and output channels are split into that many groups that do not mix
	NoBias              bool

	Pad      int            // rows and columns added on each side
	PadExtra [4]int         // more of them at the top, bottom, left and right; negative ones crop
	PadMode  tensor.PadMode // what they hold; zeros if nothing else is said

	Init Init // of the weight; nil is uniform on ±1/√fan_in for weight and bias. With an Init the bias starts at zero
}

// NewConv2D returns a convolution with a kernel of kernel × kernel, from in to out channels. It panics if a size is not
// positive or the channels cannot be split into the groups.
func NewConv2D(in, out, kernel int, opts ConvOptions, rng *rand.Rand) *Conv2D {
	spec, kw := opts.spec("nn.NewConv2D", in, out, kernel)
	l := &Conv2D{
		Weight:  newWeight(opts.Init, rng, kernel, kw, in/max(spec.Groups, 1), out),
		Spec:    spec,
		PadMode: opts.PadMode,
	}
	if !opts.NoBias {
		l.Bias = newBias(opts.Init, rng, out, l.Weight)
	}
	return l
}

// Forward returns the convolution of x. It panics unless x has four axes and the layer's input channels.
func (l *Conv2D) Forward(x *autograd.Var) *autograd.Var {
	return l.ForwardWith(x, l.Weight)
}

// ForwardLeaky is Forward followed by [autograd.LeakyReLU], for which nothing of its own is kept. Slope 0 is ReLU.
func (l *Conv2D) ForwardLeaky(x *autograd.Var, slope float32) *autograd.Var {
	return autograd.LeakyReLUOver(l.Forward(x), slope)
}

// BaseWeight implements [Weighted].
func (l *Conv2D) BaseWeight() *autograd.Var { return l.Weight }

// ForwardWith is Forward with another weight of the same shape.
func (l *Conv2D) ForwardWith(x, w *autograd.Var) *autograd.Var {
	return addBias(convolve(x, w, l.Spec, l.PadMode), l.Bias)
}

// DiskLayout implements [DiskLayouter].
func (l *Conv2D) DiskLayout(field string) Layout { return kernelLayout(l.Weight, field) }

// convolve pads as mode says and convolves.
func convolve(x, w *autograd.Var, spec tensor.ConvSpec, mode tensor.PadMode) *autograd.Var {
	if mode != tensor.PadZero {
		x = autograd.Pad2D(x, tensor.PadSpec{T: spec.PadT, B: spec.PadB, L: spec.PadL, R: spec.PadR, Mode: mode})
		spec.PadT, spec.PadB, spec.PadL, spec.PadR = 0, 0, 0, 0
	}
	return autograd.Conv2D(x, w, spec)
}

// kernelLayout is the layout of a kernel (KH,KW,I,O), stored as (O,I,KH,KW), or of what goes with it, stored as it is.
func kernelLayout(w *autograd.Var, field string) Layout {
	if field != "weight" {
		return Layout{}
	}
	s := w.Shape()
	return Layout{View: s, Perm: []int{3, 2, 0, 1}, Disk: []int{s[3], s[2], s[0], s[1]}}
}

// spec checks the options and returns them with the kernel's width.
func (o ConvOptions) spec(op string, in, out, kernel int) (spec tensor.ConvSpec, kw int) {
	g := max(o.Groups, 1)
	if in < 1 || out < 1 || kernel < 1 || o.KernelW < 0 {
		panic(fmt.Sprintf("%s: want positive sizes, got %d to %d channels, kernel %d", op, in, out, kernel))
	}
	if o.Stride < 0 || o.StrideW < 0 || o.Dilation < 0 || o.DilationW < 0 || o.Groups < 0 {
		panic(fmt.Sprintf("%s: negative stride, dilation or groups: %+v", op, o))
	}
	if in%g != 0 || out%g != 0 {
		panic(fmt.Sprintf("%s: %d and %d channels cannot be split into %d groups", op, in, out, g))
	}
	return tensor.ConvSpec{
		StrideH: o.Stride, StrideW: either(o.StrideW, o.Stride),
		DilH: o.Dilation, DilW: either(o.DilationW, o.Dilation),
		PadT: o.Pad + o.PadExtra[0], PadB: o.Pad + o.PadExtra[1],
		PadL: o.Pad + o.PadExtra[2], PadR: o.Pad + o.PadExtra[3],
		Groups: o.Groups,
	}, either(o.KernelW, kernel)
}

// either returns n, or def if n is zero.
func either(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}
