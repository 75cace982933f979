package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// weightRoom bounds the sums of a weight gradient's parts, in values.
const weightRoom = 1 << 20

// toomCookWeight computes a weight gradient. The lines are cut into parts whose number depends on the shape alone, each
// summed by itself and then in order.
func (s *Shape) toomCookWeight(dw, x, dy []float32) {
	g := s.toomCook(Weight)
	if s.Cin < s.Cout {
		x, dy = dy, x
	}
	const tiles = 24
	rows := max(1, 128/(min(tiles, (g.fw+lineTile-1)/lineTile)+g.pieces-1)) // a chain is about that many tiles
	count, at := g.spans(g.h, g.fw, rows, tiles)
	ld := g.pieces*g.c + 16
	stride := g.kh * g.f * ld
	parts := min(weightTasks/2, count, max(1, weightRoom/(linePoints*stride)))
	sums := scratch.Get(parts * linePoints * stride)
	defer sums.Free()
	par.For(parts, 1, func(lo, hi int) {
		for part := lo; part < hi; part++ {
			sum := sums.Data[part*linePoints*stride:][:linePoints*stride]
			clear(sum)
			for b := count * part / parts; b < count*(part+1)/parts; b++ {
				s := at(b)
				g.weightSpan(sum, ld, stride, x, dy, &s)
			}
		}
	})
	par.For(g.kh, 1, func(lo, hi int) {
		for p := lo; p < hi; p++ {
			for i := range linePoints {
				line := sums.Data[i*stride+p*g.f*ld:][:g.f*ld]
				for part := 1; part < parts; part++ {
					vec.Add(line, line, sums.Data[(part*linePoints+i)*stride+p*g.f*ld:][:g.f*ld])
				}
			}
			g.weightGradient(dw, sums.Data, ld, stride, p)
		}
	})
}

// weightSpan adds what some lines of x contribute, in the transformed domain: at each point a matrix of kernel lines and few
// channels by pieces and many channels.
func (g *toomCook) weightSpan(sum []float32, ld, stride int, x, dy []float32, s *span) {
	level := g.kern.Level
	sources := s.tiles + g.pieces - 1
	vStride := (s.rows*sources+g.pieces-1)*g.c + 16
	height := (s.rows + g.kh - 1) * g.f
	dLd := full(height)
	dStride := s.tiles*dLd + 16
	eLd := g.kh*g.f + 1
	eStride := s.rows * sources * eLd
	buf := scratch.Get(linePoints*g.c + linePoints*(vStride+dStride+eStride) + lineTile*s.tiles*dLd)
	defer buf.Free()
	vs := buf.Data[linePoints*g.c:]
	ds := vs[linePoints*vStride:]
	es := ds[linePoints*dStride:]
	cols := es[linePoints*eStride:]

	// Line h of x meets line h+top−p of dy. The lines lie side by side, the last one first, as in toFew.
	g.upright(cols, dy, s.n, s.i+g.top-g.kh+1, s.rows+g.kh-1, lineTile*s.t, lineTile*s.tiles, dLd, true)
	(&lines{
		src: cols, srcStride: dLd, srcTile: lineTile * dLd, dst: ds, dstStride: dStride, dstTile: dLd,
		tiles: s.tiles, channels: height,
	}).gradient(level)
	clear(es[:linePoints*eStride])
	for l := range s.rows {
		g.sources(vs[l*sources*g.c:], vStride, buf.Data, x, s.n, s.i+l, s.t, sources)
		window := (s.rows - 1 - l) * g.f
		for p := range linePoints {
			for t := range s.tiles {
				copy(es[p*eStride+(l*sources+t)*eLd:][:g.kh*g.f], ds[p*dStride+t*dLd+window:])
			}
		}
	}
	var bl gemm.Block // one for all: it escapes
	for p := range linePoints {
		// The last rows read past the last tile, where they count for nothing.
		clear(vs[p*vStride+s.rows*sources*g.c:][:(g.pieces-1)*g.c])
		bl = gemm.Block{
			C: sum[p*stride:], CRow: ld, A: es[p*eStride:], ARow: 1, AK: eLd,
			B: vs[p*vStride:], BRow: g.c, BPanel: g.kern.Width,
			M: g.kh * g.f, N: g.pieces * g.c, K: s.rows * sources, Accumulate: true,
		}
		g.kern.Run(&bl)
	}
}

// weightGradient transforms the sums of line p of the kernel back.
func (g *toomCook) weightGradient(dw, m []float32, ld, stride, p int) {
	for piece := range g.pieces {
		start, from, to := g.positions(piece)
		for c := range g.c {
			for o := range g.f {
				var v [linePoints]float32
				at := (p*g.f+o)*ld + piece*g.c + c
				for i := range v {
					v[i] = m[at+i*stride]
				}
				taps := toomWeightGradient(&v)
				for t := from; t < to; t++ {
					dw[g.at(p, start+t)+c*g.wc+o*g.wf] = taps[t]
				}
			}
		}
	}
}
