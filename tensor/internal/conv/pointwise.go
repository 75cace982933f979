package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// pointwise computes a convolution with a kernel of 1×1, or its input gradient, or the input gradient for a kernel as large
// as the image, whose positions are then so many channels of one pixel.
func (s *Shape) pointwise(d Direction, out, in, w []float32) {
	pixels, mul := s.N*s.OH*s.OW, gemm.Mul
	if s.BF16 {
		mul = gemm.MulBF16
	}
	if d == Output {
		mul(out, in, w, pixels, s.Cout, s.Cin, s.Cin, s.Cout, s.Cout, false, false, false)
	} else {
		channels := s.KH * s.KW * s.Cin
		mul(out, in, w, pixels, channels, s.Cout, s.Cout, s.Cout, channels, false, true, false)
	}
}
