package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// The transforms of Winograd's F(4×4, 3×3): Lavin, Gray, Fast algorithms for convolutional neural networks (2016),
// section 4.1, but with the interpolation points 0, ±5/8, ±3/2 and ∞, which give smaller rounding errors. A tile is 6×6 values a channel in the transformed domain;
// value p of a tile lies at distance p·stride.

const points = 36

// A transformer computes the transforms for all channels of one tile. Places in an image are offsets of a pixel's first
// channel; a negative offset is outside, where zeros are read and nothing is written.
type transformer interface {
	// input transforms 6×6 pixels of the image: dst = Bᵀ·d·B.
	input(dst []float32, d domain, image []float32, at *[points]int, s series, channels int)
	// output transforms back to 4×4 pixels, y = Aᵀ·m·A, and reports whether it has applied the epilogue, too. The values of
	// the first tile start with channel j of the image.
	output(image []float32, at *[16]int, src []float32, d domain, s series, j, channels int, fin *finisher) bool
	// gradient is the adjoint of output: dst = A·g·Aᵀ for 4×4 pixels.
	gradient(dst []float32, d domain, image []float32, at *[16]int, s series, channels int)
	// weight transforms 3×3 kernels, u = G·w·Gᵀ, for rows input channels and n ≤ width output channels. Kernel position
	// t of row c is at w[t·tap + c·row], u[c·width].
	weight(u []float32, stride, width int, w []float32, tap, row, rows, n int)
	// weightGradient is the adjoint of weight, dw = Gᵀ·m·G, for n output channels of rows input channels, which are ld
	// apart in m.
	weightGradient(dw []float32, tap, row int, m []float32, stride, ld, rows, n int)
	// multiply computes a product with the layout of kern.
	multiply(kern *gemm.Kernel, p *product)
	phaseTransformer
	release()
}

// A series is some tiles side by side, each step values of the image further. Of several, no pixel is outside.
type series struct {
	tiles, step int
	stream      bool // writes past the caches: all pixels start at multiples of 64 bytes and are of whole vectors
}

// end is the end of the values of a series with so many channels whose first tile reads or writes at these places.
func (r series) end(at []int, channels int) int {
	last := -1
	for _, o := range at {
		last = max(last, o)
	}
	if last < 0 {
		return 0
	}
	return last + (r.tiles-1)*r.step + channels
}
