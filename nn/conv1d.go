package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Conv1D is a convolution of sequences,
//
//	y[n,i,o] = b[o] + Σ_{k,c} x[n, i·Stride+k·Dilation−Pad, c] · W[k,c,o]
//
// x is (N,L,in) and y is (N,OL,out) with OL = ⌊(L+2·Pad−Dilation·(kernel−1)−1)/Stride⌋+1; W is (kernel,in/groups,out) and b
// is (out). Checkpoints hold W as (out,in/groups,kernel).
type Conv1D struct {
	Weight *autograd.Var `nn:"weight"`
	Bias   *autograd.Var `nn:"bias"` // nil without bias

	Spec    tensor.ConvSpec // of images of one row
	PadMode tensor.PadMode
}

// Conv1DOptions are the choices of [NewConv1D]. The zero value is stride 1, no padding, with bias.
type Conv1DOptions struct {
	Stride   int // 0 means 1
	Dilation int // 0 means 1
	Groups   int // 0 means 1
	NoBias   bool

	Pad      int            // steps added at both ends
	PadExtra [2]int         // more of them at the start and at the end; negative ones crop
	PadMode  tensor.PadMode // what they hold; zeros if nothing else is said

	Init Init // of the weight; nil is uniform on ±1/√fan_in for weight and bias. With an Init the bias starts at zero
}

// NewConv1D returns a convolution of sequences with the given kernel length, from in to out channels. It panics if a size
// is not positive or the channels cannot be split into the groups.
func NewConv1D(in, out, kernel int, opts Conv1DOptions, rng *rand.Rand) *Conv1D {
	spec, _ := ConvOptions{
		StrideW: opts.Stride, DilationW: opts.Dilation, Groups: opts.Groups,
		PadExtra: [4]int{0, 0, opts.Pad + opts.PadExtra[0], opts.Pad + opts.PadExtra[1]},
	}.spec("nn.NewConv1D", in, out, kernel)
	l := &Conv1D{
		Weight:  newWeight(opts.Init, rng, kernel, in/max(spec.Groups, 1), out),
		Spec:    spec,
		PadMode: opts.PadMode,
	}
	if !opts.NoBias {
		l.Bias = newBias(opts.Init, rng, out, l.Weight)
	}
	return l
}

// Forward returns the convolution of x. It panics unless x has three axes and the layer's input channels.
func (l *Conv1D) Forward(x *autograd.Var) *autograd.Var {
	w := l.Weight
	if x.Rank() != 3 {
		panic(fmt.Sprintf("nn.Conv1D: want (N,L,%d), got %s", w.Dim(1)*max(l.Spec.Groups, 1), tensor.Format(x.Shape())))
	}
	image := x.Reshape(x.Dim(0), 1, x.Dim(1), x.Dim(2))
	y := convolve(image, w.Reshape(1, w.Dim(0), w.Dim(1), w.Dim(2)), l.Spec, l.PadMode)
	return addBias(y.Reshape(y.Dim(0), y.Dim(2), y.Dim(3)), l.Bias)
}

// DiskLayout implements [DiskLayouter].
func (l *Conv1D) DiskLayout(field string) Layout {
	if field != "weight" {
		return Layout{}
	}
	s := l.Weight.Shape()
	return Layout{View: s, Perm: []int{2, 1, 0}, Disk: []int{s[2], s[1], s[0]}}
}
