package conv

import "fmt"

// Shape is everything a convolution's sizes depend on. x is (N,H,W,Cin), w is (KH,KW,Cin/Groups,Cout) and y is
// (N,OH,OW,Cout) with OH = (H+PadT+PadB−DilH·(KH−1)−1)/StrideH + 1, rounded down, or less: a caller that wants the adjoint for a larger
// image than the smallest possible states OH itself. Padding is with zeros and may be negative (a crop).
type Shape struct {
	N, H, W, Cin           int
	KH, KW, Cout           int
	StrideH, StrideW       int
	PadT, PadB, PadL, PadR int
	DilH, DilW             int
	Groups                 int
	OH, OW                 int

	// BF16 lets products be of operands rounded to bfloat16, as gemm.MulBF16 makes them, where the algorithm is Implicit or
	// Pointwise. The others are faster in float32.
	BF16 bool
}

func (s *Shape) check(y, x, w []float32) {
	if s.Groups < 1 || s.StrideH < 1 || s.StrideW < 1 || s.DilH < 1 || s.DilW < 1 || s.Cin%s.Groups != 0 || s.Cout%s.Groups != 0 {
		panic(fmt.Sprintf("conv: malformed shape %+v", *s))
	}
	if len(x) != s.N*s.H*s.W*s.Cin || len(y) != s.N*s.OH*s.OW*s.Cout || len(w) != s.KH*s.KW*(s.Cin/s.Groups)*s.Cout {
		panic(fmt.Sprintf("conv: slices of %d, %d and %d values do not fit %+v", len(x), len(w), len(y), *s))
	}
}

// empty reports whether there is nothing to multiply.
func (s *Shape) empty() bool {
	return s.N == 0 || s.H == 0 || s.W == 0 || s.Cin == 0 || s.Cout == 0 || s.KH == 0 || s.KW == 0 || s.OH <= 0 || s.OW <= 0
}

// isPointwise reports whether the convolution is a product of matrices as they lie.
func (s *Shape) isPointwise() bool {
	return s.KH == 1 && s.KW == 1 && s.StrideH == 1 && s.StrideW == 1 && s.Groups == 1 &&
		s.PadT == 0 && s.PadL == 0 && s.OH == s.H && s.OW == s.W
}

// isCovered reports whether the kernel is as large as the image, so that there is one output.
func (s *Shape) isCovered() bool {
	return s.KH == s.H && s.KW == s.W && s.OH == 1 && s.OW == 1 && s.Groups == 1 && s.DilH == 1 && s.DilW == 1 && s.PadT == 0 && s.PadL == 0
}
