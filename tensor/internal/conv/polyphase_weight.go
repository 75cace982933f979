package conv

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

const (
	// phaseSide is the number of input and of output channels whose products are summed together, so that the sums stay in
	// the second-level cache. Where that makes fewer than phaseJobs pieces of work, half as many output channels are.
	phaseSide, phaseJobs = 64, 16
	// gradientTiles and gradientRoom bound the tiles, in number and in values, that are transformed at a time. Their
	// products are one chain of additions.
	gradientTiles, gradientRoom = 128, 6 << 20
)

// polyphaseWeight computes a weight gradient: for each phase dw = Gᵀ·(Σ V·D)·G, where V are the transformed tiles of x and D
// those of dy, summed over the tiles. It is the adjoint of the transformed convolution. As many tiles as there is room for
// are transformed, and their products are summed, before the next.
func (s *Shape) polyphaseWeight(dw, x, dy []float32) {
	if s.KH < 2*s.StrideH || s.KW < 2*s.StrideW {
		clear(dw)
	}
	g := s.polyphase(Output)
	side := phaseSide
	down := (g.cin + phaseSide - 1) / phaseSide
	if len(g.phases)*down*((g.cout+side-1)/side) < phaseJobs {
		side /= 2
	}
	across := (g.cout + side - 1) / side
	tiles := g.tiles()
	chunk := max(1, min(gradientTiles, gradientRoom/(phasePoints*(len(g.phases)*down*phaseSide+across*side))))
	chunk = (tiles + (tiles+chunk-1)/chunk - 1) / ((tiles + chunk - 1) / chunk)
	v, d := newPhaseDomain(chunk, min(phaseSide, g.cin)), newPhaseDomain(chunk, min(side, g.cout))
	m := newPhaseDomain(min(phaseSide, g.cin), min(side, g.cout))
	inputs := len(g.phases) * down
	buf := scratch.Get(inputs*v.len() + across*d.len())
	defer buf.Free()
	vs, ds := buf.Data[:inputs*v.len()], buf.Data[inputs*v.len():]
	for from := 0; from < tiles; from += chunk {
		to := min(from+chunk, tiles)
		par.For(to-from, phaseGrain, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			for i := range inputs {
				c := i % down * phaseSide
				g.input(tr, vs[i*v.len()+lo*v.ld:], v, x, &g.phases[i/down], c, min(phaseSide, g.cin-c), from+lo, from+hi)
			}
			var at [16]int
			for t := lo; t < hi; t++ {
				for i := range across {
					o := i * side
					g.outputAt(0, from+t, o, &at)
					tr.phaseGradient(ds[i*d.len()+t*d.ld:], d.stride, dy, &at, min(side, g.cout-o))
				}
			}
		})
		par.For(inputs*across, 1, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			own := scratch.Get(m.len())
			defer own.Free()
			p := &product{ // one for all: it escapes
				c: own.Data, cPoint: m.stride, cRow: m.ld, aPoint: v.stride, aRow: 1, aK: v.ld, bPoint: d.stride, bRow: d.ld, bPanel: g.kern.Width,
				points: phasePoints, depth: to - from,
			}
			for t := lo; t < hi; t++ {
				i, j := t/across, t%across
				c, o := i%down*phaseSide, j*side
				nc, no := min(phaseSide, g.cin-c), min(side, g.cout-o)
				p.a, p.b, p.rows, p.cols = vs[i*v.len():], ds[j*d.len():], nc, no
				tr.multiply(g.kern, p)
				g.gradient(tr, dw, own.Data, m, &g.phases[i/down], c, nc, o, no, from > 0)
			}
		})
	}
}

// gradient transforms sums of a phase back to the weights from nc input channels from c on to no output channels from o on.
func (g *polyphase) gradient(tr transformer, dw, sums []float32, m phaseDomain, q *phase, c, nc, o, no int, add bool) {
	size := g.cin * g.cout
	at := q.taps
	if !add && min(at[0], at[1], at[2], at[3]) >= 0 {
		for t := range at {
			at[t] = at[t]*size + c*g.cout + o
		}
		tr.phaseWeightGradient(dw, &at, g.cout, sums, m.stride, m.ld, nc, no)
		return
	}
	own := scratch.Get(4 * nc * no)
	defer own.Free()
	tr.phaseWeightGradient(own.Data, &[4]int{0, nc * no, 2 * nc * no, 3 * nc * no}, no, sums, m.stride, m.ld, nc, no)
	for t, k := range at {
		for r := range nc {
			if k < 0 {
				break
			}
			sum, part := dw[k*size+(c+r)*g.cout+o:][:no], own.Data[(t*nc+r)*no:][:no]
			if add {
				vec.Add(sum, sum, part)
			} else {
				copy(sum, part)
			}
		}
	}
}
