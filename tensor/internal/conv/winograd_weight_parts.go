package conv

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

const (
	// gradientParts is the number of parts that the tiles of all jobs are cut into, if there are enough for three blocks in each.
	gradientParts = 16
	// gradientBlock is the number of tiles that are transformed and multiplied at a time. Their products are one chain of
	// additions.
	gradientBlock = 24
)

// weightInParts cuts the tiles into parts, each of which is transformed in the second-level cache and summed by itself, and adds
// up the sums in order. It is for few channels, of which the sums take little room, and many tiles. Cores share nothing but these.
func (g *winograd) weightInParts(dw, x, dy []float32) {
	rows, cols := min(gradientSide, g.cin), min(gradientSide, g.cout)
	v, d, m := newDomain(gradientBlock, rows), newDomain(gradientBlock, cols), newDomain(rows, cols)
	var jobs []weightJob
	for o := 0; o < g.cout; o += gradientSide {
		for c := 0; c < g.cin; c += gradientSide {
			jobs = append(jobs, weightJob{q: &g.pieces[0], c0: c, nc: min(gradientSide, g.cin-c), o0: o, no: min(gradientSide, g.cout-o)})
		}
	}
	parts := max(2, min(gradientParts/len(jobs), g.tiles()/(3*gradientBlock))) &^ 1
	buf := scratch.Get(len(jobs) * parts * m.len())
	defer buf.Free()
	par.For(len(jobs)*parts, 1, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		own := scratch.Get(v.len() + d.len())
		defer own.Free()
		vs, ds := own.Data[:v.len()], own.Data[v.len():]
		p := &product{
			cPoint: m.stride, cRow: m.ld, a: vs, aPoint: v.stride, aRow: 1, aK: v.ld, b: ds, bPoint: d.stride, bRow: d.ld,
			bPanel: g.kern.Width, points: points,
		}
		for i := lo; i < hi; i++ {
			j, part := &jobs[i/parts], i%parts
			from, to := g.tiles()*part/parts, g.tiles()*(part+1)/parts
			p.c, p.rows, p.cols = buf.Data[i*m.len():][:m.len()], j.nc, j.no
			for t := from; t < to; t += gradientBlock {
				end := min(t+gradientBlock, to)
				g.stage(tr, vs, v, x, j.q, t, end, j.c0, j.nc)
				g.stageGradient(tr, ds, d, dy, t, end, j.o0, j.no)
				p.depth, p.accumulate = end-t, t > from
				tr.multiply(g.kern, p)
			}
		}
	})
	blocks := (m.rows + sumRows - 1) / sumRows
	par.For(len(jobs)*blocks, 1, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		for t := lo; t < hi; t++ {
			j, c := &jobs[t/blocks], t%blocks*sumRows
			n := min(sumRows, j.nc-c)
			if n <= 0 {
				continue
			}
			sums := buf.Data[t/blocks*parts*m.len():]
			for part := 1; part < parts; part++ {
				for p := range points {
					sum := sums[p*m.stride+c*m.ld:][:n*m.ld]
					vec.Add(sum, sum, sums[part*m.len()+p*m.stride+c*m.ld:][:n*m.ld])
				}
			}
			g.weightSums(tr, dw, sums, m, j, c, n)
		}
	})
}
