package tensor

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/conv"
)

// ConvSpec says how a kernel moves over an image. The zero value is stride 1, no padding, no dilation, one group.
type ConvSpec struct {
	StrideH, StrideW int // 0 means 1
	DilH, DilW       int // 0 means 1

	// Zeros added at the top, bottom, left and right. Negative padding crops.
	PadT, PadB, PadL, PadR int

	Groups int // 0 means 1; input and output channels are split into that many groups that do not mix

	// BFloat16 lets the operands be rounded to bfloat16, as [MatMulBF16Into] does, in the convolution and in its gradients.
	// That is for the algorithms "implicit" and "pointwise" of [ConvPlan]; the others are faster as they are and stay in float32.
	BFloat16 bool
}

// ConvShape returns the shape (N,OH,OW,Cout) of the convolution of an image shaped x (N,H,W,Cin) and a kernel shaped
// w (KH,KW,Cin/Groups,Cout), OH = ⌊(H+PadT+PadB−DilH·(KH−1)−1)/StrideH⌋+1. It panics, naming op, if they do not fit.
func ConvShape(op string, x, w []int, spec ConvSpec) []int {
	s := convSizes(op, x, w, nil, spec)
	return []int{s.N, s.OH, s.OW, s.Cout}
}

// Conv2D returns the cross-correlation that neural networks call convolution,
//
//	y[n,i,j,o] = Σ_{p,q,c} x[n, i·StrideH+p·DilH−PadT, j·StrideW+q·DilW−PadL, c] · w[p,q,c,o]
//
// x is (N,H,W,Cin), w is (KH,KW,Cin/Groups,Cout); the shape of y is [ConvShape].
func Conv2D(x, w *Tensor, spec ConvSpec) *Tensor {
	y := New(ConvShape("tensor.Conv2D", x.shape, w.shape, spec)...)
	Conv2DInto(y, x, w, spec)
	return y
}

// Conv2DInto is [Conv2D] into y.
func Conv2DInto(y, x, w *Tensor, spec ConvSpec) {
	s := convSizes("tensor.Conv2DInto", x.shape, w.shape, nil, spec)
	wantShape("tensor.Conv2DInto", y, []int{s.N, s.OH, s.OW, s.Cout})
	conv.Forward(y.data, x.data, w.data, s)
}

// Conv2DGradInput returns the gradient of ⟨Conv2D(x,w), dy⟩ with respect to x, for an image of the given height and
// width. It is the transposed convolution of dy.
func Conv2DGradInput(dy, w *Tensor, h, wd int, spec ConvSpec) *Tensor {
	if dy.Rank() != 4 || w.Rank() != 4 {
		panic(shapeError("tensor.Conv2DGradInput", "want (N,OH,OW,Cout) and (KH,KW,Cin,Cout)", dy, w))
	}
	dx := New(dy.shape[0], h, wd, w.shape[2]*groups(spec))
	Conv2DGradInputInto(dx, dy, w, spec)
	return dx
}

// Conv2DGradInputInto is [Conv2DGradInput] into dx, whose shape gives the image's size.
func Conv2DGradInputInto(dx, dy, w *Tensor, spec ConvSpec) {
	s := convSizes("tensor.Conv2DGradInputInto", dx.shape, w.shape, dy.shape, spec)
	conv.GradInput(dx.data, dy.data, w.data, s)
}

// Conv2DGradWeight returns the gradient of ⟨Conv2D(x,w), dy⟩ with respect to w, for a kernel of the given height and
// width.
func Conv2DGradWeight(x, dy *Tensor, kh, kw int, spec ConvSpec) *Tensor {
	if x.Rank() != 4 || dy.Rank() != 4 {
		panic(shapeError("tensor.Conv2DGradWeight", "want (N,H,W,Cin) and (N,OH,OW,Cout)", x, dy))
	}
	dw := New(kh, kw, x.shape[3]/groups(spec), dy.shape[3])
	Conv2DGradWeightInto(dw, x, dy, spec)
	return dw
}

// Conv2DGradWeightInto is [Conv2DGradWeight] into dw, whose shape gives the kernel's size.
func Conv2DGradWeightInto(dw, x, dy *Tensor, spec ConvSpec) {
	s := convSizes("tensor.Conv2DGradWeightInto", x.shape, dw.shape, dy.shape, spec)
	conv.GradWeight(dw.data, x.data, dy.data, s)
}

// ConvTransposeSpec says how a transposed convolution spreads its input: it is the adjoint of the convolution that
// Spec describes. OutPadH and OutPadW enlarge the result at the bottom and right, where several input sizes of that
// convolution give the same output size.
type ConvTransposeSpec struct {
	ConvSpec
	OutPadH, OutPadW int
}

// ConvTransposeShape returns the shape (N,OH,OW,Cout) of the transposed convolution of an image shaped x (N,H,W,Cin)
// with a kernel shaped w (KH,KW,Cout/Groups,Cin), OH = (H−1)·StrideH − PadT − PadB + DilH·(KH−1) + OutPadH + 1.
// It panics, naming op, if they do not fit.
func ConvTransposeShape(op string, x, w []int, spec ConvTransposeSpec) []int {
	if len(x) != 4 || len(w) != 4 || w[3] != x[3] {
		panic(fmt.Sprintf("%s: want (N,H,W,Cin) and (KH,KW,Cout/groups,Cin), got %s and %s", op, Format(x), Format(w)))
	}
	sh, sw, dh, dw := strides(spec.ConvSpec)
	oh := (x[1]-1)*sh - spec.PadT - spec.PadB + dh*(w[0]-1) + spec.OutPadH + 1
	ow := (x[2]-1)*sw - spec.PadL - spec.PadR + dw*(w[1]-1) + spec.OutPadW + 1
	if oh <= 0 || ow <= 0 {
		panic(fmt.Sprintf("%s: nothing is left of %s after padding %+v", op, Format(x), spec))
	}
	return []int{x[0], oh, ow, w[2] * groups(spec.ConvSpec)}
}

// ConvTranspose2D returns the transposed convolution of x (N,H,W,Cin) with w (KH,KW,Cout/Groups,Cin): the adjoint of
// the convolution with w that takes Cout channels to Cin. The shape of the result is [ConvTransposeShape].
func ConvTranspose2D(x, w *Tensor, spec ConvTransposeSpec) *Tensor {
	y := New(ConvTransposeShape("tensor.ConvTranspose2D", x.shape, w.shape, spec)...)
	Conv2DGradInputInto(y, x, w, spec.ConvSpec)
	return y
}

func groups(spec ConvSpec) int { return max(spec.Groups, 1) }

func strides(spec ConvSpec) (sh, sw, dh, dw int) {
	return max(spec.StrideH, 1), max(spec.StrideW, 1), max(spec.DilH, 1), max(spec.DilW, 1)
}

// convSizes checks shapes and returns the kernel's view of them. y is nil where it is to be computed.
func convSizes(op string, x, w, y []int, spec ConvSpec) *conv.Shape {
	g := groups(spec)
	if len(x) != 4 || len(w) != 4 || x[3] != w[2]*g || w[3]%g != 0 || w[0] < 1 || w[1] < 1 {
		panic(fmt.Sprintf("%s: want (N,H,W,Cin) and (KH,KW,Cin/groups,Cout) with %d groups, got %s and %s", op, g, Format(x), Format(w)))
	}
	s := &conv.Shape{
		N: x[0], H: x[1], W: x[2], Cin: x[3], KH: w[0], KW: w[1], Cout: w[3],
		PadT: spec.PadT, PadB: spec.PadB, PadL: spec.PadL, PadR: spec.PadR, Groups: g, BF16: spec.BFloat16,
	}
	s.StrideH, s.StrideW, s.DilH, s.DilW = strides(spec)
	h := s.H + s.PadT + s.PadB - s.DilH*(s.KH-1) - 1
	v := s.W + s.PadL + s.PadR - s.DilW*(s.KW-1) - 1
	if h < 0 || v < 0 {
		panic(fmt.Sprintf("%s: kernel %s is larger than the padded image %s", op, Format(w), Format(x)))
	}
	s.OH, s.OW = h/s.StrideH+1, v/s.StrideW+1
	if y != nil && (len(y) != 4 || y[0] != s.N || y[1] != s.OH || y[2] != s.OW || y[3] != s.Cout) {
		panic(fmt.Sprintf("%s: image %s and kernel %s give %s, got %s", op, Format(x), Format(w),
			Format([]int{s.N, s.OH, s.OW, s.Cout}), Format(y)))
	}
	return s
}
