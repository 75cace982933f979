package conv

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

const (
	// gradientParts is the number of parts that the tiles are cut into, if there are enough for three blocks in each.
	gradientParts = 16
	// gradientBlock is the number of tiles that are transformed and multiplied at a time. Their products are one chain of
	// additions.
	gradientBlock = 24
)

// weightInParts cuts the tiles into parts, each of which is transformed in the second-level cache and summed by itself, and adds
// up the sums in order. It is for few channels, of which the sums take little room, and many tiles. Cores share nothing but these.
func (g *winograd) weightInParts(dw, x, dy []float32) {
	v, d, m := newDomain(gradientBlock, g.cin), newDomain(gradientBlock, g.cout), newDomain(g.cin, g.cout)
	parts := max(2, min(gradientParts, g.tiles()/(3*gradientBlock))) &^ 1
	job := &weightJob{q: &g.pieces[0], nc: g.cin, no: g.cout}
	buf := scratch.Get(parts * m.len())
	defer buf.Free()
	par.For(parts, 1, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		own := scratch.Get(v.len() + d.len())
		defer own.Free()
		vs, ds := own.Data[:v.len()], own.Data[v.len():]
		p := &product{
			cPoint: m.stride, cRow: m.ld, a: vs, aPoint: v.stride, aRow: 1, aK: v.ld, b: ds, bPoint: d.stride, bRow: d.ld,
			bPanel: g.kern.Width, points: points, rows: g.cin, cols: g.cout,
		}
		for part := lo; part < hi; part++ {
			from, to := g.tiles()*part/parts, g.tiles()*(part+1)/parts
			p.c = buf.Data[part*m.len():][:m.len()]
			for t := from; t < to; t += gradientBlock {
				end := min(t+gradientBlock, to)
				g.stage(tr, vs, v, x, job.q, t, end, 0, g.cin)
				g.stageGradient(tr, ds, d, dy, t, end, 0, g.cout)
				p.depth, p.accumulate = end-t, t > from
				tr.multiply(g.kern, p)
			}
		}
	})
	par.For((m.rows+sumRows-1)/sumRows, 1, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		for t := lo; t < hi; t++ {
			c := t * sumRows
			n := min(sumRows, g.cin-c)
			for part := 1; part < parts; part++ {
				for p := range points {
					sum := buf.Data[p*m.stride+c*m.ld:][:n*m.ld]
					vec.Add(sum, sum, buf.Data[part*m.len()+p*m.stride+c*m.ld:][:n*m.ld])
				}
			}
			g.weightSums(tr, dw, buf.Data, m, job, c, n)
		}
	})
}
