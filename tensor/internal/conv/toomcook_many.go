package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// toMany computes the image of many channels. In the transformed source all lines of a column lie side by side, so that what
// a kernel covers of it is a few runs.
func (g *toomCook) toMany(y, x, u []float32) {
	count, at := g.spans(g.h, g.w, 32, 24)
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
	m := newDomain(s.tiles, group)
	buf := scratch.Get(pixels*ld + linePoints*(vStride+m.stride) + lineTile*group)
	defer buf.Free()
	vs := buf.Data[pixels*ld:]
	ms := vs[linePoints*vStride:]
	last := ms[linePoints*m.stride:]
	g.upright(buf.Data, x, s.n, s.i-g.top, s.rows+g.kh-1, lineTile*s.t-g.left, pixels, ld, false)
	(&lines{
		src: buf.Data, srcStride: ld, srcTile: lineTile * ld, dst: vs, dstStride: vStride, dstTile: ld,
		tiles: sources, channels: height,
	}).input(level)
	offs := make([]int, g.pieces)
	for i := range offs {
		offs[i] = i * ld
	}
	left := lineTile * s.t
	whole := min(s.tiles, (g.w-left)/lineTile) // tiles that do not reach over the edge
	var bl gemm.Block                          // one for all: it escapes
	for r := range s.rows {
		for j := 0; j < g.c; j += group {
			n := min(group, g.c-j)
			for p := range linePoints {
				bl = gemm.Block{
					C: ms[p*m.stride:], CRow: m.ld, A: vs[p*vStride+r*g.f:], ARow: ld, AK: 1, Offs: offs,
					B: u[p*g.packed+j*g.k:], BRow: width, BPanel: g.k * width, M: s.tiles, N: n, K: g.kh * g.f,
				}
				g.kern.Run(&bl)
			}
			at := ((s.n*g.h+s.i+r)*g.w+left)*g.c + j
			l := lines{
				src: ms, srcStride: m.stride, srcTile: m.ld, dst: y[at:], dstStride: g.c, dstTile: lineTile * g.c,
				tiles: whole, channels: n,
			}
			l.output(level)
			if whole < s.tiles {
				l.src, l.dst, l.dstStride, l.tiles = ms[whole*m.ld:], last, group, 1
				l.output(level)
				for a := range g.w - left - lineTile*whole {
					copy(y[at+(lineTile*whole+a)*g.c:][:n], last[a*group:])
				}
			}
			g.fin.apply(y, at-j, g.c, min(lineTile*s.tiles, g.w-left), j, n)
		}
	}
}
