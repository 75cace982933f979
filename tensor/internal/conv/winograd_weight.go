package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// gradientSide is the number of input and of output channels whose products are summed together, so that the sums and
	// what is multiplied at a point stay in the second-level cache.
	gradientSide = 64
	// gradientTasks is the number of pieces of work from which each has all points.
	gradientTasks = 16
	// stagedTiles bounds the transformed tiles, in values, that are kept for a weight gradient. They go through the
	// third-level cache.
	stagedTiles = 1 << 20
	// stagedGrain is the number of tiles that a goroutine transforms at a time.
	stagedGrain = 12
	// manyTiles is the number of tiles from which, with no more than fewJobs, goroutines sum tiles of their own.
	manyTiles, fewJobs = 256, 4
)

// A weightJob is the weights of one piece between some input and some output channels: dw = Gᵀ·(Σ V·D)·G, where V are the
// transformed tiles of x and D those of dy, summed over the tiles. It is the adjoint of the transformed convolution.
type weightJob struct {
	q      *piece
	c0, nc int // input channels
	o0, no int // output channels
	v, d   []float32
}

// winogradWeight computes a weight gradient.
func (s *Shape) winogradWeight(dw, x, dy []float32) {
	g := s.winograd(Output)
	jobs := (g.cin + gradientSide - 1) / gradientSide * ((g.cout + gradientSide - 1) / gradientSide)
	if len(g.pieces) == 1 && jobs <= fewJobs && g.tiles() >= manyTiles {
		g.weightInParts(dw, x, dy)
	} else {
		g.weightStaged(dw, x, dy, stagedTiles)
	}
}

// weightStaged transforms as many tiles as there is room for so many values, side by side for so many channels at a time, and then
// multiplies them point by point, so that all goroutines share what is transformed and a sum is as long a chain as can be.
func (g *winograd) weightStaged(dw, x, dy []float32, room int) {
	tiles := g.tiles()
	down, across := (g.cin+gradientSide-1)/gradientSide, (g.cout+gradientSide-1)/gradientSide
	sides := len(g.pieces)*down*min(gradientSide, full(g.cin)) + across*min(gradientSide, full(g.cout))
	if len(g.pieces)*down*across >= gradientTasks {
		room *= 4 // so many sums are far away, and better not needed twice
	}
	chunk := max(stagedGrain, room/(points*sides)/stagedGrain*stagedGrain)
	chunk = evenly(tiles, chunk, stagedGrain)
	v, d := newDomain(chunk, min(gradientSide, g.cin)), newDomain(chunk, min(gradientSide, g.cout))
	m := newDomain(min(gradientSide, g.cin), min(gradientSide, g.cout))
	inputs := len(g.pieces) * down
	buf := scratch.Get(inputs*v.len() + across*d.len())
	defer buf.Free()
	vs, ds := buf.Data[:inputs*v.len()], buf.Data[inputs*v.len():]
	jobs := make([]weightJob, 0, inputs*across)
	for i := range inputs {
		for j := range across {
			c, o := i%down*gradientSide, j*gradientSide
			jobs = append(jobs, weightJob{
				&g.pieces[i/down], c, min(gradientSide, g.cin-c), o, min(gradientSide, g.cout-o), vs[i*v.len():], ds[j*d.len():],
			})
		}
	}
	per := pointsOf(len(jobs))
	parts := points / per
	alone := parts == 1 && chunk >= tiles // then a job is done in one go, and its sums need not be kept
	kept := len(jobs)
	if alone {
		kept = 0
	}
	sums := scratch.Get(kept * m.len())
	defer sums.Free()
	for from := 0; from < tiles; from += chunk {
		to := min(from+chunk, tiles)
		par.For(to-from, stagedGrain, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			for i := range inputs {
				c := i % down * gradientSide
				g.stage(tr, vs[i*v.len()+lo*v.ld:], v, x, &g.pieces[i/down], from+lo, from+hi, c, min(gradientSide, g.cin-c))
			}
			for j := range across {
				o := j * gradientSide
				g.stageGradient(tr, ds[j*d.len()+lo*d.ld:], d, dy, from+lo, from+hi, o, min(gradientSide, g.cout-o))
			}
		})
		chain := gemm.Chains(to - from)
		par.For(len(jobs)*parts, 1, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			own := scratch.Get(m.len())
			defer own.Free()
			p := &product{ // one for all: it escapes
				cPoint: m.stride, cRow: m.ld, aPoint: v.stride, aRow: 1, aK: v.ld, bPoint: d.stride, bRow: d.ld, bPanel: g.kern.Width, points: per,
			}
			for t := lo; t < hi; t++ {
				j, e := &jobs[t/parts], t%parts*per
				sum := own.Data
				if !alone {
					sum = sums.Data[t/parts*m.len():]
				}
				p.c, p.rows, p.cols = sum[e*m.stride:], j.nc, j.no
				for k := 0; k < to-from; k += chain {
					p.a, p.b, p.depth, p.accumulate = j.v[e*v.stride+k*v.ld:], j.d[e*d.stride+k*d.ld:], min(chain, to-from-k), from+k > 0
					tr.multiply(g.kern, p)
				}
				if parts == 1 && to == tiles {
					g.weightSums(tr, dw, sum, m, j, 0, j.nc)
				}
			}
		})
	}
	if parts == 1 {
		return
	}
	blocks := (m.rows + sumRows - 1) / sumRows
	par.For(len(jobs)*blocks, 1, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		for t := lo; t < hi; t++ {
			j, c := &jobs[t/blocks], t%blocks*sumRows
			if n := min(sumRows, j.nc-c); n > 0 {
				g.weightSums(tr, dw, sums.Data[t/blocks*m.len():], m, j, c, n)
			}
		}
	})
}

// sumRows is the number of rows of sums that a goroutine transforms back at a time.
const sumRows = 8

// pointsOf returns how many points of one of so many jobs are multiplied at a time.
func pointsOf(jobs int) int {
	if jobs >= gradientTasks {
		return points
	}
	n := jobs
	for points%n != 0 {
		n--
	}
	return n
}

// evenly returns the size of the parts of n when there are as few as possible, each of at most most, a multiple of grain.
func evenly(n, most, grain int) int {
	parts := (n + most - 1) / most
	return ((n+parts-1)/parts + grain - 1) / grain * grain
}

// stage transforms tiles lo to hi of the source, for nc channels of a piece from c on.
func (g *winograd) stage(tr transformer, dst []float32, v domain, x []float32, q *piece, lo, hi, c, nc int) {
	var at [points]int
	for t := lo; t < hi; {
		g.inputAt(q, t, c, &at)
		r := g.inputSeries(q, t, hi)
		tr.input(dst[(t-lo)*v.ld:], v, x, &at, r, nc)
		t += r.tiles
	}
}

// stageGradient transforms tiles lo to hi of the gradient of the result, for no channels from o on.
func (g *winograd) stageGradient(tr transformer, dst []float32, d domain, dy []float32, lo, hi, o, no int) {
	var at [16]int
	for t := lo; t < hi; {
		g.outputAt(0, t, o, &at)
		r := g.outputSeries(0, t, hi)
		tr.gradient(dst[(t-lo)*d.ld:], d, dy, &at, r, no)
		t += r.tiles
	}
}

// weightSums transforms n rows of the sums of a job back, from row c on.
func (g *winograd) weightSums(tr transformer, dw, sums []float32, m domain, j *weightJob, c, n int) {
	size := g.cin * g.cout
	at := (j.c0+c)*g.cout + j.o0
	if g.natural() {
		tr.weightGradient(dw[at:], size, g.cout, sums[c*m.ld:], m.stride, m.ld, n, j.no)
		return
	}
	own := scratch.Get(9 * n * j.no)
	defer own.Free()
	tr.weightGradient(own.Data, n*j.no, j.no, sums[c*m.ld:], m.stride, m.ld, n, j.no)
	for t, k := range j.q.taps[0] {
		for r := range n {
			if k >= 0 {
				copy(dw[k*size+at+r*g.cout:][:j.no], own.Data[(t*n+r)*j.no:])
			}
		}
	}
}
