package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// Algorithm is a way to compute a convolution or one of its adjoints.
type Algorithm int

// The algorithms.
const (
	// Implicit multiplies the matrix of patches, gathered block by block, with the weights. It does every shape.
	Implicit Algorithm = iota
	// Pointwise is one product of matrices: a kernel of 1×1 without stride or padding, or the input gradient for a kernel as
	// large as the image.
	Pointwise
	// Depthwise is for one channel in each group.
	Depthwise
	// Narrow is for results with so few channels that they do not fill a vector: lanes run over the patch instead.
	Narrow
	// Winograd computes 4×4 outputs of a 3×3 convolution at a time with 36 instead of 144 multiplications, as F(4×4,3×3);
	// other kernels and strides are taken apart into such convolutions. Its rounding errors are about 2.5 times those of the
	// other algorithms and, as a tile is summed as a whole, ∞ and NaN spread to the 16 outputs of a tile.
	Winograd
	// Polyphase takes a convolution with a stride apart into 2×2 convolutions of residue classes and computes 4×4 outputs of
	// these at a time with 25 instead of 64 multiplications, as F(4×4,2×2). What is said of Winograd holds for it too.
	Polyphase
	// ToomCook is for kernels of width 4 and more between few and many channels. It computes four outputs of a line with 8
	// multiplications where others need 20, as F(4,5). Its rounding errors are about five times those of sums in the order
	// of the products, and ∞ and NaN spread to the four outputs of a tile.
	ToomCook
	// Sequence is for kernels of 1×4 between many channels. It computes five outputs of a line with 8 multiplications where
	// others need 20, as F(5,4). Its rounding errors are those of ToomCook, and ∞ and NaN spread to the five outputs of a tile.
	Sequence
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
	case Polyphase:
		return "polyphase"
	case ToomCook:
		return "toom-cook"
	case Sequence:
		return "sequence"
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
// with Winograd and Polyphase, on those of its tile. Tiles are 4×4 outputs, counted from the corner; those of an input gradient are 4
// strides wide, and those of a Sequence 1×5 outputs.
func Plan(s *Shape, d Direction) Algorithm {
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	switch {
	case s.isPointwise(), d == Input && s.isCovered():
		return Pointwise
	case s.Groups > 1 && cg == 1 && og == 1:
		return Depthwise
	case s.thin(d):
		return ToomCook
	case d == Output && og <= gemm.MaxDot, d == Input && cg <= gemm.MaxDot,
		d == Weight && s.Cout <= gemm.MaxDot && s.Groups == 1 && (s.DilW == 1 || s.KW == 1):
		return Narrow
	case s.sequential():
		return Sequence
	case s.phased():
		return Polyphase
	case s.tileable(d):
		return Winograd
	}
	return Implicit
}

// tileable reports whether Winograd's algorithm does a direction of the shape, as one or several convolutions of 3×3, and
// saves a third of the multiplications or more, or half for a weight gradient, which transforms more. It wants enough
// channels to pay for the transforms of the images, few enough to pay for those of many kernels, and pixels enough for a
// tile.
func (s *Shape) tileable(d Direction) bool {
	if s.DilH != 1 || s.DilW != 1 || s.Groups != 1 || min(s.Cin, s.Cout) < 8 || min(s.H, s.W, s.OH, s.OW) < 4 ||
		max(s.StrideH, s.StrideW) > 4 {
		return false
	}
	kernels := countPieces(s.KH, s.StrideH) * countPieces(s.KW, s.StrideW)
	if d == Input {
		kernels = len(inputPieces(s.KH, s.StrideH, s.PadT)) * len(inputPieces(s.KW, s.StrideW, s.PadL)) * s.StrideH * s.StrideW
	}
	direct, tiled := 16*s.KH*s.KW, points*kernels // multiplications for 4×4 outputs
	if d == Weight && 2*tiled > direct || 3*tiled > 2*direct {
		return false
	}
	return kernels == 1 || s.Cin*s.Cout <= 1<<16
}

// phased reports whether every residue class of kernel positions is at most 2×2 and F(4×4,2×2) saves half of the
// multiplications or more.
func (s *Shape) phased() bool {
	return s.DilH == 1 && s.DilW == 1 && s.Groups == 1 && min(s.Cin, s.Cout) >= 8 && min(s.H, s.W, s.OH, s.OW) >= 4 &&
		max(s.StrideH, s.StrideW) <= 4 && s.KH <= 2*s.StrideH && s.KW <= 2*s.StrideW &&
		2*phasePoints*s.StrideH*s.StrideW <= 16*s.KH*s.KW
}

func (d Direction) String() string { return [...]string{"output", "input", "weight"}[d] }

// Products returns the number of multiplications of a direction in its algorithm, without those of transforms.
func Products(s *Shape, d Direction) float64 {
	if s.empty() {
		return 0
	}
	switch Plan(s, d) {
	case Winograd:
		g := s.winograd(d)
		return float64(points*g.classes()*g.depth()) * float64(g.tiles()*g.cout)
	case Polyphase:
		g := s.polyphase(d)
		return float64(phasePoints*len(g.phases)*g.cin) * float64(g.tiles()*g.cout)
	case Sequence:
		g := s.sequence(d)
		return float64(linePoints*g.cin) * float64(g.tiles()*g.cout)
	case ToomCook:
		g := s.toomCook(d)
		lines, width := g.n*g.fh, g.fw
		if !g.fromMany {
			lines, width = g.n*g.h, g.w
		}
		return float64(linePoints*g.pieces*g.kh*g.c*g.f) * float64(lines*((width+lineTile-1)/lineTile))
	}
	return float64(s.KH*s.KW*s.Cin/s.Groups) * float64(s.N*s.OH*s.OW*s.Cout)
}
