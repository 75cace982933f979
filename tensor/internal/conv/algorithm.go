package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// Algorithm is a way to compute a convolution or one of its adjoints.
type Algorithm int

// The algorithms.
const (
	// Implicit multiplies the matrix of patches, gathered block by block, with the weights. It does every shape.
	Implicit Algorithm = iota
	// Pointwise is one product of matrices: a kernel of 1×1 without stride or padding.
	Pointwise
	// Depthwise is for one channel in each group.
	Depthwise
	// Narrow is for so few output channels that they do not fill a vector: lanes run over the patch instead.
	Narrow
	// Winograd computes 4×4 outputs of a 3×3 convolution at a time with 36 instead of 144 multiplications, as F(4×4,3×3);
	// other kernels and strides are taken apart into such convolutions. Its rounding errors are about twice those of the
	// other algorithms and, as a tile is summed as a whole, ∞ and NaN spread to the 16 outputs of a tile.
	Winograd
)

func (a Algorithm) String() string {
	switch a {
	case Pointwise:
		return "pointwise"
	case Depthwise:
		return "depthwise"
	case Narrow:
		return "narrow"
	case Winograd:
		return "winograd"
	}
	return "implicit"
}

// Direction is what is computed: the convolution, or the gradient of ⟨y, dy⟩ with respect to x or w.
type Direction int

// The directions.
const (
	Output Direction = iota
	Input
	Weight
)

// Plan returns the algorithm for a shape. It does not depend on the number of images, nor on their size from
// 4×4 pixels on, so that a large image can be computed in parts: an output depends on the pixels under the kernel and,
// with Winograd, on the others of its tile of 4×4 outputs, which are counted from the corner.
func Plan(s *Shape, d Direction) Algorithm {
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	switch {
	case s.isPointwise():
		return Pointwise
	case s.Groups > 1 && cg == 1 && og == 1:
		return Depthwise
	case d == Output && og <= gemm.MaxDot, d == Input && cg <= gemm.MaxDot:
		return Narrow
	case s.tileable(d):
		return Winograd
	}
	return Implicit
}

// tileable reports whether Winograd's algorithm does a direction of the shape, as one or several convolutions of 3×3, and
// saves a third of the multiplications or more: with enough channels to pay for the transforms of the images, few enough
// to pay for those of many kernels, and pixels enough for a tile.
func (s *Shape) tileable(d Direction) bool {
	if s.DilH != 1 || s.DilW != 1 || s.Groups != 1 || min(s.Cin, s.Cout) < 8 || min(s.H, s.W, s.OH, s.OW) < 4 ||
		max(s.StrideH, s.StrideW) > 4 {
		return false
	}
	kernels := countPieces(s.KH, s.StrideH) * countPieces(s.KW, s.StrideW)
	if d == Input {
		kernels = len(inputPieces(s.KH, s.StrideH, s.PadT)) * len(inputPieces(s.KW, s.StrideW, s.PadL)) * s.StrideH * s.StrideW
	}
	return 3*points*kernels <= 2*16*s.KH*s.KW && (kernels == 1 || s.Cin*s.Cout <= 1<<16)
}

func (d Direction) String() string { return [...]string{"output", "input", "weight"}[d] }
