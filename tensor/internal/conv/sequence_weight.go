package conv

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// sequenceSide is the number of input and of output channels whose products are summed together.
const sequenceSide = 64

// sequenceWeight computes a weight gradient, dw = Aᵀ·(Σ V·D), where V are the transformed tiles of x and D those of dy, summed
// over the tiles: four positions of the kernel from eight pixels of x and five of dy, as F(4,5).
func (s *Shape) sequenceWeight(dw, x, dy []float32) {
	s.sequence(Output).gradient(dw, x, dy, gradientRoom)
}

func (g *sequence) gradient(dw, x, dy []float32, room int) {
	const side = sequenceSide
	down, across := (g.cin+side-1)/side, (g.cout+side-1)/side
	size, tiles := g.cin*g.cout, g.tiles()
	chunk := max(1, min(tiles, room/(linePoints*side*(down+across))))
	v, m := newLineDomain(chunk, side), newLineDomain(side, side)
	buf := scratch.Get((down + across) * v.len())
	defer buf.Free()
	ds := buf.Data[down*v.len():]
	for from := 0; from < tiles; from += chunk {
		to := min(from+chunk, tiles)
		par.For(to-from, sequenceGrain, func(lo, hi int) {
			own := scratch.Get(linePoints * side)
			defer own.Free()
			src := tileSource{image: x, w: g.w, channels: g.cin, left: g.left, tw: g.tw, in: linePoints, edge: own.Data}
			for i := range down {
				src.transform((*lines).input, g.kern.Level, buf.Data[i*v.len()+lo*v.ld:], v, i*side, min(side, g.cin-i*side), from+lo, from+hi)
			}
			src = tileSource{image: dy, w: g.ow, channels: g.cout, tw: g.tw, in: sequenceTile, edge: own.Data}
			for i := range across {
				src.transform((*lines).weight, g.kern.Level, ds[i*v.len()+lo*v.ld:], v, i*side, min(side, g.cout-i*side), from+lo, from+hi)
			}
		})
		par.For(down*across, 1, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			own := scratch.Get(m.len() + sequenceTaps*side*side)
			defer own.Free()
			p := &product{ // one for all: it escapes
				c: own.Data, cPoint: m.stride, cRow: m.ld, aPoint: v.stride, aRow: 1, aK: v.ld,
				bPoint: v.stride, bRow: v.ld, bPanel: g.kern.Width, points: linePoints,
			}
			for t := lo; t < hi; t++ {
				i, j := t/across, t%across
				p.rows, p.cols = min(side, g.cin-i*side), min(side, g.cout-j*side)
				for k := 0; k < to-from; k += sequenceDepth {
					p.a, p.b = buf.Data[i*v.len()+k*v.ld:], ds[j*v.len()+k*v.ld:]
					p.depth, p.accumulate = min(sequenceDepth, to-from-k), k > 0
					tr.multiply(g.kern, p)
				}
				at := i*side*g.cout + j*side
				l := &lines{
					src: own.Data, srcStride: m.stride, srcTile: m.ld, dst: dw[at:], dstStride: size, dstTile: g.cout,
					tiles: p.rows, channels: p.cols,
				}
				if from == 0 {
					l.output(g.kern.Level)
					continue
				}
				part := own.Data[m.len():]
				l.dst, l.dstStride, l.dstTile = part, side*side, side
				l.output(g.kern.Level)
				for q := range sequenceTaps {
					for r := range p.rows {
						sum := dw[q*size+at+r*g.cout:][:p.cols]
						vec.Add(sum, sum, part[(q*side+r)*side:][:p.cols])
					}
				}
			}
		})
	}
}
