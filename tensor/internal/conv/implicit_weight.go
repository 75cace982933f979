package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// pixelBlock is the number of pixels whose products are summed in one chain.
	pixelBlock = 192
	// weightBlock is the number of rows of dw that are computed at a time, a multiple of the kernels' tiles.
	weightBlock = 168
	// weightTasks is the number of pieces that a weight gradient is cut into if it is large enough.
	weightTasks = 32
)

// implicitWeight multiplies the transposed matrix of patches with dy. Rows of dw are shared out; where they are few the
// pixels are, too, into a number of parts that depends on the shape alone, each summed by itself and then in order.
func (s *Shape) implicitWeight(dw, x, dy []float32) {
	for g := range s.Groups {
		s.groupWeight(dw, x, dy, g)
	}
}

func (s *Shape) groupWeight(dw, x, dy []float32, group int) {
	kern := gemm.Current()
	m := s.forwardPatches(group)
	og := s.Cout / s.Groups
	rowBlocks := (m.k + weightBlock - 1) / weightBlock
	pixelBlocks := (m.rows() + pixelBlock - 1) / pixelBlock
	parts := max(1, min((weightTasks+rowBlocks-1)/rowBlocks, pixelBlocks/4))
	sums, ld := dw[group*og:], s.Cout
	var buf *scratch.Buf
	if parts > 1 {
		buf = scratch.Get(parts * m.k * og)
		defer buf.Free()
		sums, ld = buf.Data, og
	}
	par.For(rowBlocks*parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			k0, part := t%rowBlocks*weightBlock, t/rowBlocks
			from, to := pixelBlocks*part/parts, pixelBlocks*(part+1)/parts
			m.weights(kern, sums[(part*m.k+k0)*ld:], x, dy[group*og:], k0, min(k0+weightBlock, m.k),
				from*pixelBlock, min(to*pixelBlock, m.rows()), og, ld, s.Cout)
		}
	})
	if parts > 1 {
		par.For(m.k, 64, func(lo, hi int) {
			for k := lo; k < hi; k++ {
				out := dw[k*s.Cout+group*og:][:og]
				copy(out, sums[k*og:])
				for part := 1; part < parts; part++ {
					for o, v := range sums[(part*m.k+k)*og:][:og] {
						out[o] += v
					}
				}
			}
		})
	}
}

// weights overwrites n columns of dw, rows k0 to k1, with the sum over the pixels lo to hi.
func (m *patches) weights(kern *gemm.Kernel, dw, x, dy []float32, k0, k1, lo, hi, n, ld, stride int) {
	const width = weightBlock + 8
	buf := scratch.Get(pixelBlock * width)
	defer buf.Free()
	for p := lo; p < hi; p += pixelBlock {
		q := min(p+pixelBlock, hi)
		m.gather(buf.Data, x, p, q, k0, k1, width)
		kern.Run(&gemm.Block{
			C: dw, CRow: ld, A: buf.Data, ARow: 1, AK: width, B: dy[p*stride:], BRow: stride, BPanel: kern.Width,
			M: k1 - k0, N: n, K: q - p, Accumulate: p > lo,
		})
	}
}
