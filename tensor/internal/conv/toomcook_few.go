package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// toFew computes the image of few channels. Every line of the source is transformed once and multiplied with all lines of the
// kernel. What belongs to one column of the result is summed where lines lie side by side, the last one first: there the
// products with all lines of the kernel are neighbours, too, and can be added as they come.
func (g *toomCook) toFew(y, x, u []float32) {
	count, at := g.spans(g.fh, g.fw, 96, 24)
	par.For(count, 1, func(lo, hi int) {
		for b := lo; b < hi; b++ {
			s := at(b)
			g.fewSpan(y, x, u, &s)
		}
	})
}

func (g *toomCook) fewSpan(y, x, u []float32, s *span) {
	level, width := g.kern.Level, g.kern.Width
	sources := s.tiles + g.pieces - 1
	vStride := sources*g.c + 16
	ld := (s.rows + 2*g.kh - 2) * g.f
	sumStride := s.tiles*ld + 16
	outLd := full(s.rows * g.f)
	buf := scratch.Get(linePoints*g.c + linePoints*(vStride+sumStride) + 16 + lineTile*outLd)
	defer buf.Free()
	vs := buf.Data[linePoints*g.c:]
	sums := vs[linePoints*vStride:]
	out := sums[linePoints*sumStride+16:]
	clear(sums[:linePoints*sumStride+16])
	chain := gemm.Chains(g.k)
	var bl gemm.Block // one for all: it escapes
	for l := range s.rows + g.kh - 1 {
		h := s.i + l - g.top
		if h < 0 || h >= g.h {
			continue
		}
		g.sources(vs, vStride, buf.Data, x, s.n, h, s.t, sources)
		from, to := max(0, l-s.rows+1), min(g.kh, l+1) // line p of the kernel meets line l−p of the result
		if g.m > width {
			from, to = 0, g.kh // whole panels
		}
		window := (s.rows + g.kh - 2 - l + from) * g.f
		for p := range linePoints {
			for k := 0; k < g.k; k += chain {
				bl = gemm.Block{
					C: sums[p*sumStride+window:], CRow: ld, A: vs[p*vStride+k:], ARow: g.c, AK: 1,
					B: u[p*g.packed+k*width+from*g.f:], BRow: width, BPanel: g.k * width,
					M: s.tiles, N: (to - from) * g.f, K: min(chain, g.k-k), Accumulate: true,
				}
				g.kern.Run(&bl)
			}
		}
	}
	for t := range s.tiles {
		(&lines{
			src: sums[t*ld+(g.kh-1)*g.f:], srcStride: sumStride, dst: out, dstStride: outLd, tiles: 1, channels: s.rows * g.f,
		}).output(level)
		j := lineTile * (s.t + t)
		for r := range s.rows {
			d := y[((s.n*g.fh+s.i+r)*g.fw+j)*g.f:]
			for a := range min(lineTile, g.fw-j) {
				for o, v := range out[a*outLd+(s.rows-1-r)*g.f:][:g.f] {
					d[a*g.f+o] = v
				}
			}
		}
	}
	j := lineTile * s.t
	for i := s.i; i < s.i+s.rows; i++ {
		g.fin.apply(y, ((s.n*g.fh+i)*g.fw+j)*g.f, g.f, min(lineTile*s.tiles, g.fw-j), 0, g.f)
	}
}
