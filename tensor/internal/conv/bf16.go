package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// A convolution of pairs is one with half the channels: those over which products are summed lie along the pixels of the
// image, and pixel by pixel a pair is gathered like a number. For a weight gradient, pairs are of two pixels.

// kernel returns what multiplies patches, and whether it multiplies pairs.
func (s *Shape) kernel(d Direction) (kern *gemm.Kernel, pairs bool) {
	if kern = gemm.BF16(); s.BF16 && kern != nil && (d == Weight || s.depth(d) > 1) {
		if a := Plan(s, d); a == Implicit || a == Pointwise {
			return kern, true
		}
	}
	return gemm.Current(), false
}

// depth is the number of channels of a pixel over which products are summed.
func (s *Shape) depth(d Direction) int {
	if d == Input {
		return s.Cout / s.Groups
	}
	return s.Cin / s.Groups
}

// paired returns the shape with pairs for these channels.
func (s *Shape) paired(d Direction) *Shape {
	p := *s
	if d == Input {
		p.Cout = s.Groups * gemm.Pairs(s.depth(d))
	} else {
		p.Cin = s.Groups * gemm.Pairs(s.depth(d))
	}
	return &p
}

// pairImage returns the channels of an image of so many values as pairs.
func (s *Shape) pairImage(kern *gemm.Kernel, d Direction, image []float32) *scratch.Buf {
	depth := s.depth(d)
	rows := len(image) / depth
	buf := scratch.Get(rows * gemm.Pairs(depth))
	kern.AllAlong(buf.Data, image, rows, depth, depth)
	return buf
}

// pairWeights returns the weights as pairs.
func (s *Shape) pairWeights(kern *gemm.Kernel, d Direction, w []float32) *scratch.Buf {
	if d == Input {
		return s.pairImage(kern, d, w)
	}
	depth := s.depth(d)
	size := gemm.Pairs(depth) * s.Cout
	buf := scratch.Get(s.KH * s.KW * size)
	for t := range s.KH * s.KW {
		kern.AllAcross(buf.Data[t*size:][:size], w[t*depth*s.Cout:], depth, s.Cout, s.Cout)
	}
	return buf
}
