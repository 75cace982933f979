package conv

import (
	"github.com/gander-ml/gander/tensor/internal/cpu"
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// sequenceTile is the number of outputs of a tile, sequenceTaps of positions of the kernel.
	sequenceTile, sequenceTaps = 5, 4
	// sequenceDepth bounds the input channels, or the tiles of a weight gradient, whose products are one chain of additions.
	sequenceDepth = 128
	// sequenceRows and sequenceColumns are the tiles and the output channels that are multiplied at a time, so that their
	// products and the weights stay in the second-level cache. Rows are a multiple of those of every kernel.
	sequenceRows, sequenceColumns = 96, 32
	// sequenceRoom bounds the values of tiles that are transformed before they are multiplied.
	sequenceRoom = 4 << 20
	// sequenceGrain is the number of tiles that are transformed at a time.
	sequenceGrain = 16
)

// sequence is a convolution along lines with a kernel of 1×4, or its input gradient, which is another one. It is computed as
// F(5,4): as a product is symmetric, that is F(4,5) with the output transform of the one as the weight gradient's of the other.
// The kernel goes through lines.gradient, and sums come back through lines.weightGradient.
type sequence struct {
	lines   int
	w, cin  int // source
	ow      int // result
	cout    int
	left    int  // output j reads pixels from j−left on
	flip    bool // the kernel is turned around, and its channels are exchanged
	tw      int  // tiles of a line
	kern    *gemm.Kernel
	fin     *finisher
	uStride int // distance of points in the transformed kernel
}

// sequential reports whether the shape is for sequence. Channels are whole vectors and enough to pay for the transforms.
func (s *Shape) sequential() bool {
	return s.KH == 1 && s.KW == sequenceTaps && s.StrideH == 1 && s.StrideW == 1 && s.DilH == 1 && s.DilW == 1 && s.Groups == 1 &&
		s.PadT == 0 && s.OH == s.H && min(s.W, s.OW) >= 4 && min(s.Cin, s.Cout) >= 32 && s.Cin%16 == 0 && s.Cout%16 == 0
}

// sequence returns one direction of the shape. Weight has that of Output.
func (s *Shape) sequence(d Direction) *sequence {
	g := &sequence{lines: s.N * s.H, w: s.W, cin: s.Cin, ow: s.OW, cout: s.Cout, left: s.PadL, kern: gemm.Current()}
	if d == Input {
		g.w, g.cin, g.ow, g.cout, g.left, g.flip = s.OW, s.Cout, s.W, s.Cin, sequenceTaps-1-s.PadL, true
	}
	g.tw = (g.ow + sequenceTile - 1) / sequenceTile
	g.uStride = g.kern.PackedLen(g.cin, g.cout) + 16
	return g
}

func (g *sequence) tiles() int { return g.lines * g.tw }

func (g *sequence) weightsLen() int { return linePoints * g.uStride }

// newLineDomain returns room for tiles of so many channels at eight points.
func newLineDomain(tiles, channels int) lineDomain {
	return lineDomain{newPhaseDomain(tiles, channels)}
}

type lineDomain struct{ phaseDomain }

func (d lineDomain) len() int { return linePoints * d.stride }

// sequenceRun computes y from the image, with the kernel w or, if there is one, with a transformed one.
func (s *Shape) sequenceRun(d Direction, y, image, w []float32, packed *Packed, fin *finisher) {
	g := s.sequence(d)
	g.fin = fin
	if packed != nil {
		g.run(y, image, packed.parts[0], sequenceRoom)
		return
	}
	buf := scratch.Get(g.weightsLen())
	defer buf.Free()
	g.weights(buf.Data, w)
	g.run(y, image, buf.Data, sequenceRoom)
}

// weights transforms the kernel: at each point it becomes panels of all input channels.
func (g *sequence) weights(u, w []float32) {
	const rows = 64
	width, size := g.kern.Width, g.cin*g.cout
	down := (g.cin + rows - 1) / rows
	panels := (g.cout + width - 1) / width
	par.For(panels*down, 1, func(lo, hi int) {
		own := scratch.Get(sequenceTaps * rows * width)
		defer own.Free()
		var l lines // one for all
		for t := lo; t < hi; t++ {
			j, c := t/down*width, t%down*rows
			n, cols := min(rows, g.cin-c), min(width, g.cout-j)
			for q := range sequenceTaps {
				d := own.Data[q*n*width:][:n*width]
				if g.flip {
					g.kern.PackRows(d, n, 0, w[(sequenceTaps-1-q)*size+j*g.cin+c:], n, cols, g.cin, true)
				} else {
					g.kern.PackRows(d, n, 0, w[q*size+c*g.cout+j:], n, cols, g.cout, false)
				}
			}
			l = lines{
				src: own.Data, srcStride: n * width, dst: u[j*g.cin+c*width:], dstStride: g.uStride, tiles: 1, channels: n * width,
			}
			l.gradient(g.kern.Level)
		}
	})
}

// run computes y with a transformed kernel. As many tiles as there is room for are transformed, then multiplied with the
// weights of some output channels after the other.
func (g *sequence) run(y, x, u []float32, room int) {
	slices := (g.cin + sequenceDepth - 1) / sequenceDepth
	depth := full((g.cin + slices - 1) / slices)
	slices = (g.cin + depth - 1) / depth
	width, tiles := g.kern.Width, g.tiles()
	chunk := min(tiles, max(sequenceRows, room/(linePoints*g.cin)))
	v, m := newLineDomain(chunk, depth), newLineDomain(min(chunk, sequenceRows), sequenceColumns)
	buf := scratch.Get(slices * v.len())
	defer buf.Free()
	for from := 0; from < tiles; from += chunk {
		to := min(from+chunk, tiles)
		par.For(to-from, sequenceGrain, func(lo, hi int) {
			own := scratch.Get(linePoints * depth)
			defer own.Free()
			src := tileSource{image: x, w: g.w, channels: g.cin, left: g.left, tw: g.tw, in: linePoints, edge: own.Data}
			for k := range slices {
				c := k * depth
				src.transform((*lines).input, g.kern.Level, buf.Data[k*v.len()+lo*v.ld:], v, c, min(depth, g.cin-c), from+lo, from+hi)
			}
		})
		blocks := (to - from + sequenceRows - 1) / sequenceRows
		par.For((g.cout+sequenceColumns-1)/sequenceColumns*blocks, 1, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			own := scratch.Get(m.len() + sequenceTile*sequenceColumns)
			defer own.Free()
			p := &product{ // one for all: it escapes
				c: own.Data, cPoint: m.stride, cRow: m.ld, aPoint: v.stride, aRow: v.ld, aK: 1,
				bPoint: g.uStride, bRow: width, bPanel: g.cin * width, points: linePoints, far: true,
			}
			for t := lo; t < hi; t++ {
				j, i := t/blocks*sequenceColumns, t%blocks*sequenceRows
				p.rows, p.cols = min(sequenceRows, to-from-i), min(sequenceColumns, g.cout-j)
				for k := range slices {
					c := k * depth
					p.a, p.depth, p.accumulate = buf.Data[k*v.len()+i*v.ld:], min(depth, g.cin-c), k > 0
					p.b = u[j*g.cin+c*width:] // j is a multiple of every width
					tr.multiply(g.kern, p)
				}
				g.output(y, own.Data, m, from+i, from+i+p.rows, j, p.cols, own.Data[m.len():])
			}
		})
	}
}

// output transforms n output channels from j on of tiles lo to hi back, and applies the epilogue. Tiles that reach over the end
// of a line go through edge.
func (g *sequence) output(y, ms []float32, m lineDomain, lo, hi, j, n int, edge []float32) {
	var l lines // one for all
	for t := lo; t < hi; {
		first := t % g.tw
		tiles := min(hi-t, g.tw-first)
		whole := min(tiles, max(0, g.ow/sequenceTile-first))
		at := (t/g.tw*g.ow+sequenceTile*first)*g.cout + j
		l = lines{
			src: ms[(t-lo)*m.ld:], srcStride: m.stride, srcTile: m.ld, dst: y[at:], dstStride: g.cout,
			dstTile: sequenceTile * g.cout, tiles: whole, channels: n,
		}
		l.weightGradient(g.kern.Level)
		if whole < tiles {
			l.src, l.dst, l.dstStride, l.tiles = ms[(t-lo+whole)*m.ld:], edge, n, 1
			l.weightGradient(g.kern.Level)
			for a := range g.ow % sequenceTile {
				copy(y[at+(sequenceTile*whole+a)*g.cout:][:n], edge[a*n:])
			}
		}
		g.fin.apply(y, at-j, g.cout, min(g.ow-sequenceTile*first, sequenceTile*tiles), j, n)
		t += tiles
	}
}

// A tileSource is an image whose lines are cut into tiles that read in pixels from sequenceTile·t−left on, with zeros where
// there are none. It has room in edge for one of them.
type tileSource struct {
	image       []float32
	w, channels int
	left, tw    int
	in          int
	edge        []float32
}

// transform transforms n channels from c on of tiles lo to hi.
func (s *tileSource) transform(f func(*lines, cpu.Level), level cpu.Level, dst []float32, d lineDomain, c, n, lo, hi int) {
	var l lines // one for all
	for t := lo; t < hi; {
		line := s.image[t/s.tw*s.w*s.channels:][:s.w*s.channels]
		v := t%s.tw*sequenceTile - s.left
		tiles := 0 // that lie inside
		if v >= 0 {
			tiles = max(0, min(hi-t, s.tw-t%s.tw, floorDiv(s.w-v-s.in, sequenceTile)+1))
		}
		l = lines{dst: dst[(t-lo)*d.ld:], dstStride: d.stride, dstTile: d.ld, channels: n}
		if tiles > 0 {
			l.src, l.srcStride, l.srcTile, l.tiles = line[v*s.channels+c:], s.channels, sequenceTile*s.channels, tiles
		} else {
			for i := range s.in {
				p := s.edge[i*n:][:n]
				if v+i >= 0 && v+i < s.w {
					copy(p, line[(v+i)*s.channels+c:])
				} else {
					clear(p)
				}
			}
			tiles = 1
			l.src, l.srcStride, l.tiles = s.edge, n, 1
		}
		f(&l, level)
		t += tiles
	}
}
