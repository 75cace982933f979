package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// pointwise computes a convolution with a kernel of 1×1, or its input gradient.
func (s *Shape) pointwise(d Direction, out, in, w []float32) {
	pixels := s.N * s.H * s.W
	if d == Output {
		gemm.Mul(out, in, w, pixels, s.Cout, s.Cin, s.Cin, s.Cout, s.Cout, false, false, false)
	} else {
		gemm.Mul(out, in, w, pixels, s.Cin, s.Cout, s.Cout, s.Cout, s.Cin, false, true, false)
	}
}
