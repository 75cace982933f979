package conv

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

const (
	// gradientBlock is the number of tiles that are transformed and multiplied at a time for a weight gradient. The
	// products of a block are one chain of additions.
	gradientBlock = 32
	// gradientSide is the number of input and of output channels whose products are summed together, so that the sums
	// and the transformed tiles stay in the second-level cache.
	gradientSide = 64
	// gradientTasks is the number of pieces of work that a weight gradient is cut into if it is large enough.
	gradientTasks = 16
)

// A weightJob is the weights of one piece between some input and some output channels: dw = Gᵀ·(Σ V·D)·G, where V are the
// transformed tiles of x and D those of dy, summed over the tiles. It is the adjoint of the transformed convolution.
type weightJob struct {
	g      *winograd
	q      *piece
	c0, nc int // input channels
	o0, no int // output channels
	m      domain
}

// winogradWeight computes a weight gradient. If there are few jobs the tiles are cut into parts, too, into a number that
// depends on the shape alone, each summed by itself and then in order.
func (s *Shape) winogradWeight(dw, x, dy []float32) {
	g := s.winograd(Output)
	m := newDomain(min(gradientSide, g.cin), min(gradientSide, g.cout))
	var jobs []weightJob
	for i := range g.pieces {
		for c := 0; c < g.cin; c += gradientSide {
			for o := 0; o < g.cout; o += gradientSide {
				jobs = append(jobs, weightJob{g, &g.pieces[i], c, min(gradientSide, g.cin-c), o, min(gradientSide, g.cout-o), m})
			}
		}
	}
	parts := max(1, min((gradientTasks+len(jobs)-1)/len(jobs), g.tiles()/(2*gradientBlock)))
	if parts == 1 {
		par.For(len(jobs), 1, func(lo, hi int) {
			buf := scratch.Get(m.len())
			defer buf.Free()
			for _, j := range jobs[lo:hi] {
				j.sum(buf.Data, x, dy, 0, g.tiles())
				j.finish(dw, buf.Data, 0, j.nc)
			}
		})
		return
	}
	buf := scratch.Get(len(jobs) * parts * m.len())
	defer buf.Free()
	par.For(len(jobs)*parts, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			part := t % parts
			jobs[t/parts].sum(buf.Data[t*m.len():][:m.len()], x, dy, g.tiles()*part/parts, g.tiles()*(part+1)/parts)
		}
	})
	const rows = 8
	across := (m.rows + rows - 1) / rows
	par.For(len(jobs)*across, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			j, c := &jobs[t/across], t%across*rows
			sums := buf.Data[t/across*parts*m.len():]
			n := min(rows, j.nc-c)
			if n <= 0 {
				continue
			}
			for part := 1; part < parts; part++ {
				for p := range points {
					sum := sums[p*m.stride+c*m.ld:][:n*m.ld]
					vec.Add(sum, sum, sums[part*m.len()+p*m.stride+c*m.ld:][:n*m.ld])
				}
			}
			j.finish(dw, sums, c, n)
		}
	})
}

// sum overwrites sum with V·D of the tiles from to to.
func (j *weightJob) sum(sum, x, dy []float32, from, to int) {
	g := j.g
	v, d := newDomain(gradientBlock, j.nc), newDomain(gradientBlock, j.no)
	buf := scratch.Get(v.len() + d.len())
	defer buf.Free()
	vs, ds := buf.Data[:v.len()], buf.Data[v.len():]
	tr := newTransformer(g.kern.Level)
	defer tr.release()
	var in [points]int
	var out [16]int
	for lo := from; lo < to; lo += gradientBlock {
		hi := min(lo+gradientBlock, to)
		for t := lo; t < hi; {
			g.inputAt(j.q, t, j.c0, &in)
			r := g.inputSeries(j.q, t, hi)
			tr.input(vs[(t-lo)*v.ld:], v, x, &in, r, j.nc)
			t += r.tiles
		}
		for t := lo; t < hi; {
			g.outputAt(0, t, j.o0, &out)
			r := g.outputSeries(0, t, hi)
			tr.gradient(ds[(t-lo)*d.ld:], d, dy, &out, r, j.no)
			t += r.tiles
		}
		tr.multiply(g.kern, &product{
			c: sum, cPoint: j.m.stride, cRow: j.m.ld, a: vs, aPoint: v.stride, aRow: 1, aK: v.ld,
			b: ds, bPoint: d.stride, bRow: d.ld, bPanel: g.kern.Width, points: points, rows: j.nc, cols: j.no, depth: hi - lo, accumulate: lo > from,
		})
	}
}

// finish transforms n rows of the sum back, from row c on.
func (j *weightJob) finish(dw, sum []float32, c, n int) {
	g := j.g
	tr := newTransformer(g.kern.Level)
	defer tr.release()
	size := g.cin * g.cout
	at := (j.c0+c)*g.cout + j.o0
	if g.natural() {
		tr.weightGradient(dw[at:], size, g.cout, sum[c*j.m.ld:], j.m.stride, j.m.ld, n, j.no)
		return
	}
	own := scratch.Get(9 * n * j.no)
	defer own.Free()
	tr.weightGradient(own.Data, n*j.no, j.no, sum[c*j.m.ld:], j.m.stride, j.m.ld, n, j.no)
	for t, k := range j.q.taps[0] {
		for r := range n {
			if k >= 0 {
				copy(dw[k*size+at+r*g.cout:][:j.no], own.Data[(t*n+r)*j.no:])
			}
		}
	}
}
