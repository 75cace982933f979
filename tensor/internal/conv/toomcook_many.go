package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// toMany computes the image of many channels. In the transformed source all lines of a column lie side by side, so that what
// a kernel covers of it is a few runs, and the lines of a column of tiles are computed together.
func (g *toomCook) toMany(y, x, u []float32) {
	count, at := g.spans(g.h, g.w, 36, 24)
	par.For(count, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			s := at(b)
			g.manySpan(y, x, u, &s)
		}
	})
}

func (g *toomCook) manySpan(y, x, u []float32, s *span) {
	level, width := g.kern.Level, g.kern.Width
	sources := s.tiles + g.pieces - 1
	pixels := lineTile * (s.tiles + g.pieces)
	height := (s.rows + g.kh - 1) * g.f
	ld := full(height)
	vStride := sources*ld + 16
	group := min(columnGroup, g.c)
	m := newDomain(s.rows, group)
	buf := scratch.Get(pixels*ld + linePoints*(vStride+m.stride) + lineTile*s.rows*group)
	defer buf.Free()
	vs := buf.Data[pixels*ld:]
	ms := vs[linePoints*vStride:]
	edge := ms[linePoints*m.stride:]
	g.upright(buf.Data, x, s.n, s.i-g.top, s.rows+g.kh-1, lineTile*s.t-g.left, pixels, ld, false)
	(&lines{
		src: buf.Data, srcStride: ld, srcTile: lineTile * ld, dst: vs, dstStride: vStride, dstTile: ld,
		tiles: sources, channels: height,
	}).input(level)
	offs := make([]int, g.pieces)
	for i := range offs {
		offs[i] = i * ld
	}
	var bl gemm.Block // one for all: it escapes
	for t := range s.tiles {
		v := lineTile * (s.t + t)
		pixels := min(lineTile, g.w-v)
		for j := 0; j < g.c; j += group {
			n := min(group, g.c-j)
			for p := range linePoints {
				bl = gemm.Block{
					C: ms[p*m.stride:], CRow: m.ld, A: vs[p*vStride+t*ld:], ARow: g.f, AK: 1, Offs: offs,
					B: u[p*g.packed+j*g.k:], BRow: width, BPanel: g.k * width, M: s.rows, N: n, K: g.kh * g.f,
				}
				g.kern.Run(&bl)
			}
			at, line := ((s.n*g.h+s.i)*g.w+v)*g.c+j, g.w*g.c
			l := lines{
				src: ms, srcStride: m.stride, srcTile: m.ld, dst: y[at:], dstStride: g.c, dstTile: line,
				tiles: s.rows, channels: n,
			}
			if pixels < lineTile {
				l.dst, l.dstStride, l.dstTile = edge, group, lineTile*group
			}
			l.output(level)
			for r := range s.rows {
				if pixels < lineTile {
					for a := range pixels {
						copy(y[at+r*line+a*g.c:][:n], edge[(lineTile*r+a)*group:])
					}
				}
				g.fin.apply(y, at-j+r*line, g.c, pixels, j, n)
			}
		}
	}
}
