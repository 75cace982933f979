package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// phaseBlock is the number of tiles that are transformed and multiplied at a time while the weights are few.
	phaseBlock = 24
	// phaseChannels bounds the input channels whose products are one chain of additions, so that what is transformed of
	// the tiles or of the weights stays in the second-level cache.
	phaseChannels = 128
	// phaseWeights is the number of weights of a kernel position up to which their transforms are best kept while blocks of
	// tiles pass by. Beyond it, as many tiles as there is room for are transformed first, and a goroutine goes through them
	// with the weights of some output channels, which it transforms itself.
	phaseWeights = 1 << 14
	// packedWeights is the number up to which the transforms of weights that are used many times are kept all the same.
	packedWeights = 1 << 15
	// fewTiles is the number of tiles for which such weights are not worth being taken in parts.
	fewTiles = 48
	// phaseTiles and phaseRoom bound the tiles that are transformed first, in number and in values.
	phaseTiles, phaseRoom = 128, 4 << 20
	// phaseColumns is the number of output channels that are done at a time in that case.
	phaseColumns = 32
	// phaseGrain is the number of tiles that are then transformed at a time.
	phaseGrain = 8
)

// polyphase is a convolution with a stride as a sum of 2×2 convolutions without, one for each residue class of kernel
// positions, or an input gradient as one such convolution for each residue class of positions. Each is computed as
// F(4×4, 2×2): a tile is 4×4 outputs.
type polyphase struct {
	n, h, w, cin int // source
	stepH, stepW int // from one output position to the next, in the source
	phases       []phase
	oh, ow, cout int // result
	classH       int // classes of rows and columns of the result: the distances of their positions
	classW       int
	th, tw       int // tiles down and across an image
	flip         bool
	kern         *gemm.Kernel
	fin          *finisher
}

// A phase is a 2×2 convolution of the pixels from (top, left) on.
type phase struct {
	top, left int
	taps      [4]int // kernel positions p·KW+q, or -1
}

// phaseAxis is one dimension of a phase: its first position in the source and the kernel positions of its taps, or -1.
type phaseAxis struct {
	origin int
	taps   [2]int
}

// phaseAxes takes a dimension apart: by residues of kernel positions or, for an input gradient, of positions of the input,
// of which r+stride·i meets position i+(r+pad-p)/stride of the output through kernel position p.
func phaseAxes(d Direction, kernel, stride, pad int) []phaseAxis {
	all := make([]phaseAxis, stride)
	for r := range all {
		a := phaseAxis{r - pad, [2]int{r, r + stride}}
		if d == Input {
			p := ((r+pad)%stride + stride) % stride
			a = phaseAxis{(r + pad - p - stride) / stride, [2]int{p + stride, p}}
		}
		for t, p := range a.taps {
			if p >= kernel {
				a.taps[t] = -1
			}
		}
		all[r] = a
	}
	return all
}

// polyphase returns the phases of a direction. Weight has those of Output.
func (s *Shape) polyphase(d Direction) *polyphase {
	g := &polyphase{
		n: s.N, h: s.H, w: s.W, cin: s.Cin, stepH: s.StrideH, stepW: s.StrideW, oh: s.OH, ow: s.OW, cout: s.Cout,
		classH: 1, classW: 1, kern: gemm.Current(),
	}
	if d == Input {
		g.h, g.w, g.cin, g.stepH, g.stepW, g.oh, g.ow, g.cout = s.OH, s.OW, s.Cout, 1, 1, s.H, s.W, s.Cin
		g.classH, g.classW, g.flip = s.StrideH, s.StrideW, true
	}
	for _, v := range phaseAxes(d, s.KH, s.StrideH, s.PadT) {
		for _, u := range phaseAxes(d, s.KW, s.StrideW, s.PadL) {
			p := phase{top: v.origin, left: u.origin}
			for t := range p.taps {
				p.taps[t] = -1
				if a, b := v.taps[t/2], u.taps[t%2]; a >= 0 && b >= 0 {
					p.taps[t] = a*s.KW + b
				}
			}
			g.phases = append(g.phases, p)
		}
	}
	g.th, g.tw = (g.oh+4*g.classH-1)/(4*g.classH), (g.ow+4*g.classW-1)/(4*g.classW)
	return g
}

func (g *polyphase) classes() int { return g.classH * g.classW }

// summed is the number of phases that make a class.
func (g *polyphase) summed() int { return len(g.phases) / g.classes() }

func (g *polyphase) tiles() int { return g.n * g.th * g.tw }

// depth is the number of input channels that are multiplied at a time, a multiple of a vector.
func (g *polyphase) depth() int {
	parts := (g.cin + phaseChannels - 1) / phaseChannels
	return full((g.cin + parts - 1) / parts)
}

// inputAt finds the pixels of the source that a phase of tile t reads, from a channel on.
func (g *polyphase) inputAt(q *phase, t, channel int, at *[phasePoints]int) {
	i, j, n := t/g.tw%g.th*4*g.stepH+q.top, t%g.tw*4*g.stepW+q.left, t/g.tw/g.th
	for a := range 5 {
		h := i + a*g.stepH
		line := at[5*a : 5*a+5]
		o := ((n*g.h+h)*g.w+j)*g.cin + channel
		for b := range line {
			line[b] = -1
			if w := j + b*g.stepW; h >= 0 && h < g.h && w >= 0 && w < g.w {
				line[b] = o + b*g.stepW*g.cin
			}
		}
	}
}

// outputAt finds the pixels of the result that tile t computes for a class, from a channel on.
func (g *polyphase) outputAt(class, t, channel int, at *[16]int) {
	i, j, n := t/g.tw%g.th*4*g.classH+class/g.classW, t%g.tw*4*g.classW+class%g.classW, t/g.tw/g.th
	for a := range 4 {
		for b := range 4 {
			at[4*a+b] = -1
			if h, w := i+a*g.classH, j+b*g.classW; h < g.oh && w < g.ow {
				at[4*a+b] = ((n*g.oh+h)*g.ow+w)*g.cout + channel
			}
		}
	}
}

// A phaseDomain is room for tiles in the transformed domain: value p of channel c of tile t is at p·stride + t·ld + c. The
// stride is not a power of two, or the values of a tile would fall on each other in the cache.
type phaseDomain struct{ ld, stride int }

func newPhaseDomain(tiles, channels int) phaseDomain {
	ld := full(channels)
	return phaseDomain{ld, rowsRoom(tiles)*ld + 16}
}

func (d phaseDomain) len() int { return phasePoints * d.stride }

// polyphaseRun computes y from the image, with the kernel w or with what polyphasePack made of it.
func (s *Shape) polyphaseRun(d Direction, y, image, w []float32, packed *Packed, fin *finisher) {
	g := s.polyphase(d)
	g.fin = fin
	size := g.cin * g.cout
	var u []float32
	switch {
	case packed != nil && size <= packedWeights:
		u = packed.parts[0]
	case packed != nil:
		w, g.flip = packed.parts[0], false
	case size <= phaseWeights:
		buf := scratch.Get(g.weightsLen())
		defer buf.Free()
		u = buf.Data
		g.weights(u, w)
	}
	if u != nil && (size <= phaseWeights || g.tiles() <= fewTiles) {
		g.blocked(y, image, u)
	} else {
		g.staged(y, image, w, u, phaseRoom)
	}
}

// polyphasePack returns the transformed weights or, where they are many, weights that lie as those of Output.
func (s *Shape) polyphasePack(d Direction, w []float32) []float32 {
	g := s.polyphase(d)
	size := g.cin * g.cout
	if size <= packedWeights {
		u := make([]float32, g.weightsLen())
		g.weights(u, w)
		return u
	}
	if !g.flip {
		return w
	}
	turned := make([]float32, len(w))
	par.For(len(w)/size, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			transpose(turned[t*size:][:size], w[t*size:][:size], g.cout, g.cin)
		}
	})
	return turned
}

// weightStride is the distance of points in the transformed weights. For each phase and point, they are panels.
func (g *polyphase) weightStride() int { return g.kern.PackedLen(g.cin, g.cout) + 16 }

func (g *polyphase) weightsLen() int { return len(g.phases) * phasePoints * g.weightStride() }

// weights transforms all weights.
func (g *polyphase) weights(u, w []float32) {
	width, stride := g.kern.Width, g.weightStride()
	panels := (g.cout + width - 1) / width
	const rows = 32
	down := (g.cin + rows - 1) / rows
	par.For(len(g.phases)*panels*down, 2, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		own := scratch.Get(4 * rows * width)
		defer own.Free()
		for t := lo; t < hi; t++ {
			q, j, c := t/down/panels, t/down%panels*width, t%down*rows
			at := q*phasePoints*stride + j*g.cin + c*width
			g.panel(tr, u[at:], stride, w, &g.phases[q], c, min(rows, g.cin-c), j, own.Data)
		}
	})
}

// panel transforms the weights of a phase from n input channels from c on to the output channels of one panel, from j on.
func (g *polyphase) panel(tr transformer, u []float32, stride int, w []float32, q *phase, c, n, j int, own []float32) {
	width, size := g.kern.Width, g.cin*g.cout
	cols := min(width, g.cout-j)
	at := q.taps
	if !g.flip && min(at[0], at[1], at[2], at[3]) >= 0 {
		for t := range at {
			at[t] = at[t]*size + c*g.cout + j
		}
		tr.phaseWeight(u, stride, width, w, &at, g.cout, n, cols)
		return
	}
	for t, p := range at {
		at[t] = t * n * width
		switch d := own[at[t]:][:n*width]; {
		case p < 0:
			clear(d)
		case g.flip:
			g.kern.PackRows(d, n, 0, w[p*size+j*g.cin+c:], n, cols, g.cin, true)
		default:
			g.kern.PackRows(d, n, 0, w[p*size+c*g.cout+j:], n, cols, g.cout, false)
		}
	}
	tr.phaseWeight(u, stride, width, own, &at, width, n, cols)
}

// blocked goes through the tiles in blocks, with all weights transformed.
func (g *polyphase) blocked(y, x, u []float32) {
	depth, width, stride := g.depth(), g.kern.Width, g.weightStride()
	v, m := newPhaseDomain(phaseBlock, depth), newPhaseDomain(phaseBlock, g.cout)
	par.For(g.tiles(), phaseBlock, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		buf := scratch.Get(v.len() + m.len())
		defer buf.Free()
		vs, ms := buf.Data[:v.len()], buf.Data[v.len():]
		p := g.product(ms, m, v, hi-lo) // one for all: it escapes
		p.a, p.bPoint, p.bPanel, p.cols = vs, stride, g.cin*width, g.cout
		for class := range g.classes() {
			for i := range g.summed() {
				q := class*g.summed() + i
				for c := 0; c < g.cin; c += depth {
					n := min(depth, g.cin-c)
					g.input(tr, vs, v, x, &g.phases[q], c, n, lo, hi)
					p.b, p.depth, p.accumulate = u[q*phasePoints*stride+c*width:], n, i+c > 0
					tr.multiply(g.kern, p)
				}
			}
			g.output(tr, y, ms, m, class, lo, hi, 0, g.cout)
		}
	})
}

// staged transforms the tiles, as far as there is room for so many values, a class at a time. It then goes through the
// output channels in groups, whose weights, if they do not lie ready, are transformed a few input channels at a time.
func (g *polyphase) staged(y, x, w, ready []float32, room int) {
	depth, width := g.depth(), g.kern.Width
	slices := (g.cin + depth - 1) / depth
	tiles := g.tiles()
	chunk := max(1, min(phaseTiles, room/(phasePoints*g.summed()*slices*depth)))
	chunk = (tiles + (tiles+chunk-1)/chunk - 1) / ((tiles + chunk - 1) / chunk)
	v := newPhaseDomain(chunk, depth)
	buf := scratch.Get(g.summed() * slices * v.len())
	defer buf.Free()
	group := (phaseColumns + width - 1) / width * width
	m, u := newPhaseDomain(chunk, group), newPhaseDomain(depth, group)
	for from := 0; from < tiles; from += chunk {
		to := min(from+chunk, tiles)
		for class := range g.classes() {
			phases := g.phases[class*g.summed():][:g.summed()]
			par.For(to-from, phaseGrain, func(lo, hi int) {
				tr := newTransformer(g.kern.Level)
				defer tr.release()
				for i := range phases {
					for k := range slices {
						at := (i*slices+k)*v.len() + lo*v.ld
						g.input(tr, buf.Data[at:], v, x, &phases[i], k*depth, min(depth, g.cin-k*depth), from+lo, from+hi)
					}
				}
			})
			par.For((g.cout+group-1)/group, 1, func(lo, hi int) {
				tr := newTransformer(g.kern.Level)
				defer tr.release()
				own := scratch.Get(u.len() + m.len() + 4*depth*width)
				defer own.Free()
				us, ms, tmp := own.Data[:u.len()], own.Data[u.len():][:m.len()], own.Data[u.len()+m.len():]
				p := g.product(ms, m, v, to-from) // one for all: it escapes
				p.far = true
				for j := lo * group; j < min(hi*group, g.cout); j += group {
					cols := min(group, g.cout-j)
					for i := range phases {
						for k := range slices {
							c := k * depth
							n := min(depth, g.cin-c)
							if ready != nil {
								stride := g.weightStride()
								p.b, p.bPoint, p.bPanel = ready[(class*g.summed()+i)*phasePoints*stride+j*g.cin+c*width:], stride, g.cin*width
							} else {
								for e := 0; e < cols; e += width {
									g.panel(tr, us[e*n:], u.stride, w, &phases[i], c, n, j+e, tmp)
								}
								p.b, p.bPoint, p.bPanel = us, u.stride, n*width
							}
							p.a, p.cols, p.depth, p.accumulate = buf.Data[(i*slices+k)*v.len():], cols, n, i+k > 0
							tr.multiply(g.kern, p)
						}
					}
					g.output(tr, y, ms, m, class, from, to, j, cols)
				}
			})
		}
	}
}

// product returns the product of so many tiles of the source, without their place and the weights.
func (g *polyphase) product(ms []float32, m, v phaseDomain, tiles int) *product {
	return &product{
		c: ms, cPoint: m.stride, cRow: m.ld, aPoint: v.stride, aRow: v.ld, aK: 1, bRow: g.kern.Width, points: phasePoints, rows: tiles,
	}
}

// input transforms n channels from c on of tiles lo to hi of a phase.
func (g *polyphase) input(tr transformer, dst []float32, v phaseDomain, x []float32, q *phase, c, n, lo, hi int) {
	var at [phasePoints]int
	for t := lo; t < hi; t++ {
		g.inputAt(q, t, c, &at)
		tr.phaseInput(dst[(t-lo)*v.ld:], v.stride, x, &at, n)
	}
}

// output transforms n output channels from j on of a class of tiles lo to hi back, and applies the epilogue.
func (g *polyphase) output(tr transformer, y, ms []float32, m phaseDomain, class, lo, hi, j, n int) {
	var at [16]int
	for t := lo; t < hi; t++ {
		g.outputAt(class, t, j, &at)
		tr.phaseOutput(y, &at, ms[(t-lo)*m.ld:], m.stride, n)
		if g.fin == nil {
			continue
		}
		for a := 0; a < 16; a += 4 {
			if at[a] < 0 {
				break
			}
			pixels := 1
			for pixels < 4 && at[a+pixels] >= 0 {
				pixels++
			}
			g.fin.apply(y, at[a]-j, g.classW*g.cout, pixels, j, n)
		}
	}
}

// transpose sets dst[j·rows+i] = src[i·cols+j].
func transpose(dst, src []float32, rows, cols int) {
	const side = 16
	for i0 := 0; i0 < rows; i0 += side {
		for j0 := 0; j0 < cols; j0 += side {
			for j := j0; j < min(j0+side, cols); j++ {
				d := dst[j*rows+i0:][:min(side, rows-i0)]
				at := i0*cols + j
				for i := range d {
					d[i] = src[at]
					at += cols
				}
			}
		}
	}
}
