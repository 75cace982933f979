package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// MaskKind says what a masked convolution sees of its own pixel.
type MaskKind int

// The masks of van den Oord et al. 2016, §3.4. Both see the rows above and what is to the left.
const (
	MaskA MaskKind = iota // of its own pixel, the colours before its own; for the first layer
	MaskB                 // and its own colour; for all other layers
)

// MaskedConv2D is a convolution that sees only what comes before a pixel in raster order: weights to the right of the
// centre and below are zero. Channels belong to colours in turn, channel i to colour i mod Colours; at the centre,
// outputs of a colour see inputs of the colours before it, and with mask B of that colour too.
//
// x is (N,H,W,in) and y is (N,H,W,out). van den Oord et al. 2016, §3.4; with one colour this is PixelCNN for grey images.
type MaskedConv2D struct {
	Conv *Conv2D `nn:"."`

	Mask *tensor.Tensor // 0 and 1, shaped as the weight
}

// MaskedOptions are the choices of [NewMaskedConv2D].
type MaskedOptions struct {
	Colours int // 0 means 1
	// Period is the number of output channels after which the colours start anew, as for the four gates of an LSTM, where
	// it is the number of hidden channels. 0 means that they do not.
	Period  int
	KernelW int // the kernel's width; 0 means that it is square
	NoBias  bool
	Init    Init // of the weight, before masking; nil is uniform on ±1/√fan_in
}

// NewMaskedConv2D returns a masked convolution with a kernel of kernel × kernel that keeps the size of the image. It panics
// if the kernel has no centre.
func NewMaskedConv2D(kind MaskKind, in, out, kernel int, opts MaskedOptions, rng *rand.Rand) *MaskedConv2D {
	kw := either(opts.KernelW, kernel)
	if kernel%2 == 0 || kw%2 == 0 {
		panic(fmt.Sprintf("nn.NewMaskedConv2D: a kernel of %d×%d has no centre", kernel, kw))
	}
	if kind != MaskA && kind != MaskB || opts.Colours < 0 || opts.Period < 0 {
		panic(fmt.Sprintf("nn.NewMaskedConv2D: impossible mask %d with %+v", kind, opts))
	}
	conv := NewConv2D(in, out, kernel, ConvOptions{
		KernelW: opts.KernelW, NoBias: opts.NoBias, Init: opts.Init,
		PadExtra: [4]int{kernel / 2, kernel / 2, kw / 2, kw / 2},
	}, rng)
	return &MaskedConv2D{Conv: conv, Mask: causalMask(kind, conv.Weight.Shape(), max(opts.Colours, 1), either(opts.Period, out))}
}

// Forward returns the masked convolution of x. It is computed row by row of the kernel and without what is zero, the rows
// below the centre and what is right of it. That is nearly twice as fast; and fast algorithms for square kernels, which leave
// rounding errors of pixels to come in the result, do not get to see such pixels.
func (l *MaskedConv2D) Forward(x *autograd.Var) *autograd.Var {
	w := autograd.Mul(l.Conv.Weight, autograd.Const(l.Mask))
	kh, kw := w.Dim(0), w.Dim(1)
	if kh == 1 && kw == 1 {
		return l.Conv.ForwardWith(x, w)
	}
	centre := Conv2D{Weight: autograd.Slice(autograd.Slice(w, 0, kh/2, kh/2+1), 1, 0, kw/2+1), Bias: l.Conv.Bias}
	centre.Spec.PadL, centre.Spec.BFloat16 = kw/2, l.Conv.Spec.BFloat16
	y := centre.Forward(x)
	for i := range min(kh/2, x.Dim(1)) {
		// Tap i+1 rows above the centre: the image moved down by so many rows.
		at := kh/2 - 1 - i
		row := Conv2D{Weight: autograd.Slice(w, 0, at, at+1)}
		row.Spec.PadL, row.Spec.PadR, row.Spec.BFloat16 = kw/2, kw/2, l.Conv.Spec.BFloat16
		row.Spec.PadT, row.Spec.PadB = i+1, -i-1
		y = autograd.Add(y, row.Forward(x))
	}
	return y
}

// causalMask returns 1 for the weights of a kernel (KH,KW,I,O) that may be used.
func causalMask(kind MaskKind, shape []int, colours, period int) *tensor.Tensor {
	mask := tensor.New(shape...)
	kh, kw, in, out := shape[0], shape[1], shape[2], shape[3]
	for i := range kh {
		for j := range kw {
			for c := range in {
				for o := range out {
					from, to := c%colours, o%period%colours
					before := i < kh/2 || i == kh/2 && j < kw/2
					centre := i == kh/2 && j == kw/2
					if before || centre && (from < to || kind == MaskB && from == to) {
						mask.Set(1, i, j, c, o)
					}
				}
			}
		}
	}
	return mask
}
