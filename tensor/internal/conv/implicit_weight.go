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
	kern, pairs := s.kernel(Weight)
	if pairs {
		pixels := s.N * s.OH * s.OW
		buf := scratch.Get(gemm.Pairs(pixels) * s.Cout)
		defer buf.Free()
		kern.AllAcross(buf.Data, dy, pixels, s.Cout, s.Cout)
		dy = buf.Data
	}
	for g := range s.Groups {
		s.groupWeight(kern, pairs, dw, x, dy, g)
	}
}

// groupWeight computes the gradient of the weights of a group. With pairs, dy has the pixels as such.
func (s *Shape) groupWeight(kern *gemm.Kernel, pairs bool, dw, x, dy []float32, group int) {
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
			m.weights(kern, pairs, sums[(part*m.k+k0)*ld:], x, dy[group*og:], k0, min(k0+weightBlock, m.k),
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
func (m *patches) weights(kern *gemm.Kernel, pairs bool, dw, x, dy []float32, k0, k1, lo, hi, n, ld, stride int) {
	const width = weightBlock + 8
	room := pixelBlock * width
	if pairs {
		room += pixelBlock / 2 * weightBlock
	}
	buf := scratch.Get(room)
	defer buf.Free()
	for p := lo; p < hi; p += pixelBlock {
		q := min(p+pixelBlock, hi)
		m.gather(buf.Data, x, p, q, k0, k1, width)
		bl := gemm.Block{
			C: dw, CRow: ld, ARow: 1, BRow: stride, BPanel: kern.Width, M: k1 - k0, N: n, Accumulate: p > lo,
		}
		if pairs {
			bl.A, bl.AK, bl.B, bl.K = buf.Data[pixelBlock*width:], bl.M, dy[p/2*stride:], gemm.Pairs(q-p)
			kern.PairAcross(bl.A, buf.Data, q-p, bl.M, width)
		} else {
			bl.A, bl.AK, bl.B, bl.K = buf.Data, width, dy[p*stride:], q-p
		}
		kern.Run(&bl)
	}
}
