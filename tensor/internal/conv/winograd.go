package conv

import (
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// tileBlock is the number of tiles that are transformed and multiplied at a time while the weights are few.
	tileBlock = 24
	// columnGroup is the number of output channels whose products are kept before they are transformed back.
	columnGroup = 64
	// large is the size of a result that the caches do not hold together with what it is computed from. It is written past
	// them: other stores would first read the memory that they overwrite.
	large = 3 << 20
	// manyWeights is the number of weights from which their transforms do not fit into a cache. All tiles are then
	// transformed first, and each goroutine goes through them with the weights of some output channels.
	manyWeights = 1 << 17
	// stagedRoom bounds the transformed tiles, in values, that are kept in that case.
	stagedRoom = 4 << 20
)

// winograd is a convolution as a sum of pieces, computed at one or, for an input gradient with a stride, several classes
// of output positions. All that is transformed of the source serves every class.
type winograd struct {
	n, h, w, cin int // source
	stepH, stepW int // from one output position to the next, in the source
	pieces       []piece
	oh, ow, cout int // result
	classH       int // classes of rows and columns: the distances of their positions in the result
	classW       int
	th, tw       int // tiles down and across an image
	flip         bool
	kern         *gemm.Kernel
	fin          *finisher
	stream       bool // the result is written past the caches
}

// A piece is a 3×3 convolution of the pixels from (top, left) on.
type piece struct {
	top, left int
	taps      [][9]int // for each class, the kernel positions p·KW+q, or -1
}

// winograd returns the pieces of a direction. Weight has those of Output.
func (s *Shape) winograd(d Direction) *winograd {
	g := &winograd{
		n: s.N, h: s.H, w: s.W, cin: s.Cin, stepH: s.StrideH, stepW: s.StrideW, oh: s.OH, ow: s.OW, cout: s.Cout,
		classH: 1, classW: 1, kern: gemm.Current(),
	}
	rows, cols := forwardPieces(s.KH, s.StrideH, s.PadT), forwardPieces(s.KW, s.StrideW, s.PadL)
	if d == Input {
		g.h, g.w, g.cin, g.stepH, g.stepW, g.oh, g.ow, g.cout = s.OH, s.OW, s.Cout, 1, 1, s.H, s.W, s.Cin
		g.classH, g.classW, g.flip = s.StrideH, s.StrideW, true
		rows, cols = inputPieces(s.KH, s.StrideH, s.PadT), inputPieces(s.KW, s.StrideW, s.PadL)
	}
	for _, v := range rows {
		for _, u := range cols {
			p := piece{v.origin, u.origin, make([][9]int, g.classes())}
			for c := range p.taps {
				for t := range 9 {
					a, b := v.taps[c/g.classW][t/3], u.taps[c%g.classW][t%3]
					p.taps[c][t] = -1
					if a >= 0 && b >= 0 {
						p.taps[c][t] = a*s.KW + b
					}
				}
			}
			g.pieces = append(g.pieces, p)
		}
	}
	g.th, g.tw = (g.oh+4*g.classH-1)/(4*g.classH), (g.ow+4*g.classW-1)/(4*g.classW)
	return g
}

func (g *winograd) classes() int { return g.classH * g.classW }

// depth is the number of products that make an element in the transformed domain.
func (g *winograd) depth() int { return len(g.pieces) * g.cin }

// winogradRun computes y from the image, with the kernel w or, if there is one, with a transformed one.
func (s *Shape) winogradRun(d Direction, y, image, w []float32, packed *Packed, fin *finisher) {
	g := s.winograd(d)
	g.fin = fin
	if packed != nil {
		g.run(y, image, nil, packed.parts[0])
		return
	}
	buf := scratch.Get(g.kernelsLen())
	defer buf.Free()
	g.run(y, image, g.kernels(buf.Data, w), nil)
}

// natural reports whether the kernel is its only piece as it is.
func (g *winograd) natural() bool {
	return len(g.pieces) == 1 && !g.flip && g.pieces[0].taps[0] == [9]int{0, 1, 2, 3, 4, 5, 6, 7, 8}
}

// kernelLen is the room that a tap of a kernel takes, as it is or in panels.
func (g *winograd) kernelLen() int {
	if g.natural() {
		return g.cin * g.cout
	}
	return g.kern.PackedLen(g.cin, g.cout)
}

// kernelsLen is the room that kernels needs.
func (g *winograd) kernelsLen() int {
	if g.natural() {
		return 0
	}
	return g.classes() * 9 * len(g.pieces) * g.kernelLen()
}

// kernels returns the kernels of all pieces of all classes one after the other: tap, input, output channel. If they are not
// the natural ones, the output channels lie in panels.
func (g *winograd) kernels(dst, w []float32) []float32 {
	if g.natural() {
		return w
	}
	size, packed, width := g.cin*g.cout, g.kernelLen(), g.kern.Width
	panels := packed / (g.cin * width)
	par.For(g.classes()*len(g.pieces)*9*panels, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			d := dst[i*g.cin*width:][:g.cin*width]
			tap, j := i/panels, i%panels*width
			cols := min(width, g.cout-j)
			switch t := g.pieces[tap/9%len(g.pieces)].taps[tap/9/len(g.pieces)][tap%9]; {
			case t < 0:
				clear(d)
			case g.flip:
				g.kern.PackRows(d, g.cin, 0, w[t*size+j*g.cin:], g.cin, cols, g.cin, true)
			default:
				g.kern.PackRows(d, g.cin, 0, w[t*size+j:], g.cin, cols, g.cout, false)
			}
		}
	})
	return dst
}

// full is n rounded up to whole vectors, which transformed tiles have.
func full(n int) int { return (n + 15) / 16 * 16 }

func (g *winograd) tiles() int { return g.n * g.th * g.tw }

// inputAt finds the pixels of the source that piece p of tile t reads, from a channel on.
func (g *winograd) inputAt(p *piece, t, channel int, at *[points]int) {
	i, j, n := t/g.tw%g.th*4*g.stepH+p.top, t%g.tw*4*g.stepW+p.left, t/g.tw/g.th
	for a := range 6 {
		h := i + a*g.stepH
		line := at[6*a : 6*a+6]
		if h < 0 || h >= g.h {
			for b := range line {
				line[b] = -1
			}
			continue
		}
		o := ((n*g.h+h)*g.w+j)*g.cin + channel
		for b := range line {
			line[b] = -1
			if w := j + b*g.stepW; w >= 0 && w < g.w {
				line[b] = o + b*g.stepW*g.cin
			}
		}
	}
}

// outputAt finds the pixels of the result that tile t computes for a class, from a channel on.
func (g *winograd) outputAt(class, t, channel int, at *[16]int) {
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

// A domain is room for tiles in the transformed domain: value p of channel c of tile t is at p·stride + t·ld + c. The
// stride is not a power of two, or the values of a tile would fall on each other in the cache.
type domain struct{ rows, ld, stride int }

func newDomain(tiles, channels int) domain {
	ld := full(channels)
	return domain{tiles, ld, rowsRoom(tiles)*ld + 16}
}

// source returns room for tiles of the source, whose pieces lie side by side. They are written in whole vectors, in turn.
func (g *winograd) source(tiles int) domain {
	return newDomain(tiles, (len(g.pieces)-1)*g.cin+full(g.cin))
}

func (d domain) len() int { return points * d.stride }

// run computes y from x and either the kernels w of the pieces or all of them transformed, u.
func (g *winograd) run(y, x, w, u []float32) {
	g.stream = len(y) >= large && g.streamable(y)
	switch {
	case g.classes()*g.depth()*g.cout >= manyWeights:
		g.staged(y, x, w, u, stagedRoom)
	case u != nil:
		g.blocked(y, x, u)
	default:
		buf := scratch.Get(g.weightsLen())
		defer buf.Free()
		g.weights(buf.Data, w)
		g.blocked(y, x, buf.Data)
	}
}

// streamable reports whether y can be written past the caches.
func (g *winograd) streamable(y []float32) bool {
	return g.cout%16 == 0 && uintptr(unsafe.Pointer(unsafe.SliceData(y)))%64 == 0
}

// weightsLen is the length of the transformed kernels: for each class, point and panel of output channels, all pieces.
func (g *winograd) weightsLen() int { return g.classes() * points * g.packed() }

// packed is the distance of points in the transformed kernels.
func (g *winograd) packed() int { return g.kern.PackedLen(g.depth(), g.cout) }

// weights transforms all kernels.
func (g *winograd) weights(u, w []float32) {
	width := g.kern.Width
	panels := (g.cout + width - 1) / width
	per := len(g.pieces) * panels
	const rows = 32
	across := (g.cin + rows - 1) / rows
	par.For(g.classes()*per*across, 2, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		for t := lo; t < hi; t++ {
			class, p, j, c := t/across/per, t/across/panels%len(g.pieces), t/across%panels*width, t%across*rows
			g.panel(tr, u[class*points*g.packed():], g.packed(), w, class, p, j, j, c, min(rows, g.cin-c))
		}
	})
}

// panel transforms the kernels of piece p for the output channels of one panel, from j on, and n input channels from c
// on. The panel is the one of channel at in u, where points are packed apart.
func (g *winograd) panel(tr transformer, u []float32, packed int, w []float32, class, p, j, at, c, n int) {
	width, tap := g.kern.Width, g.kernelLen()
	from, row := j*g.cin+c*width, width
	if g.natural() {
		from, row = c*g.cout+j, g.cout
	}
	from += (class*len(g.pieces) + p) * 9 * tap
	tr.weight(u[at*g.depth()+(p*g.cin+c)*width:], packed, width, w[from:], tap, row, n, min(width, g.cout-j))
}

// blocked goes through the tiles in blocks.
func (g *winograd) blocked(y, x, u []float32) {
	group := min(columnGroup, full(g.cout))
	v, m := g.source(tileBlock), newDomain(tileBlock, group)
	par.For(g.tiles(), tileBlock, func(lo, hi int) {
		tr := newTransformer(g.kern.Level)
		defer tr.release()
		buf := scratch.Get(v.len() + m.len())
		defer buf.Free()
		g.input(tr, buf.Data, v, x, lo, hi)
		for class := range g.classes() {
			for j := 0; j < g.cout; j += group {
				at := class*points*g.packed() + j*g.depth()
				g.columns(tr, y, buf.Data, v, buf.Data[v.len():], m, u[at:], g.packed(), class, lo, hi, j, min(group, g.cout-j))
			}
		}
	})
}

// staged transforms all tiles, as far as there is room for so many values, and then goes through the output channels in groups.
func (g *winograd) staged(y, x, w, u []float32, room int) {
	chunk := max(1, room/(points*g.depth())/tileBlock) * tileBlock
	chunk = min(chunk, g.tiles())
	v := g.source(chunk)
	buf := scratch.Get(v.len())
	defer buf.Free()
	width := g.kern.Width
	group := (32 + width - 1) / width * width
	groups := (g.cout + group - 1) / group
	for from := 0; from < g.tiles(); from += chunk {
		to := min(from+chunk, g.tiles())
		par.For(to-from, 4, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			g.input(tr, buf.Data[lo*v.ld:], v, x, from+lo, from+hi)
		})
		par.For(g.classes()*groups, 1, func(lo, hi int) {
			tr := newTransformer(g.kern.Level)
			defer tr.release()
			m := newDomain(to-from, group)
			packed := g.kern.PackedLen(g.depth(), group)
			own := scratch.Get(points*packed + m.len())
			defer own.Free()
			ms := own.Data[points*packed:]
			for t := lo; t < hi; t++ {
				class, j := t/groups, t%groups*group
				n := min(group, g.cout-j)
				if u != nil {
					at := class*points*g.packed() + j*g.depth()
					g.columns(tr, y, buf.Data, v, ms, m, u[at:], g.packed(), class, from, to, j, n)
					continue
				}
				for p := range g.pieces {
					for e := 0; e < n; e += width {
						g.panel(tr, own.Data, packed, w, class, p, j+e, e, 0, g.cin)
					}
				}
				g.columns(tr, y, buf.Data, v, ms, m, own.Data, packed, class, from, to, j, n)
			}
		})
	}
}

// input transforms tiles lo to hi.
func (g *winograd) input(tr transformer, dst []float32, v domain, x []float32, lo, hi int) {
	var at [points]int
	for i := range g.pieces {
		p := &g.pieces[i]
		for t := lo; t < hi; {
			g.inputAt(p, t, 0, &at)
			r := g.inputSeries(p, t, hi)
			tr.input(dst[(t-lo)*v.ld+i*g.cin:], v, x, &at, r, g.cin)
			t += r.tiles
		}
	}
}

// inputSeries returns the tiles from t on, before hi, that piece p can read in one go.
func (g *winograd) inputSeries(p *piece, t, hi int) series {
	i, j := t/g.tw%g.th*4*g.stepH+p.top, t%g.tw*4*g.stepW+p.left
	r := series{tiles: 1, step: 4 * g.stepW * g.cin}
	if last := g.w - 1 - 5*g.stepW - j; i >= 0 && i+5*g.stepH < g.h && j >= 0 && last >= 0 {
		r.tiles = min(hi-t, g.tw-t%g.tw, 1+last/(4*g.stepW))
	}
	return r
}

// outputSeries returns the tiles from t on, before hi, of a class that can be written in one go.
func (g *winograd) outputSeries(class, t, hi int) series {
	i, j := t/g.tw%g.th*4*g.classH+class/g.classW, t%g.tw*4*g.classW+class%g.classW
	r := series{tiles: 1, step: 4 * g.classW * g.cout, stream: g.stream}
	if last := g.ow - 1 - 3*g.classW - j; i+3*g.classH < g.oh && last >= 0 {
		r.tiles = min(hi-t, g.tw-t%g.tw, 1+last/(4*g.classW))
	}
	return r
}

// columns multiplies the transformed tiles lo to hi with the weights u of output channels j to j+n of a class, which are
// packed apart for each point, and transforms the products back.
func (g *winograd) columns(tr transformer, y, vs []float32, v domain, ms []float32, m domain, u []float32, packed, class, lo, hi, j, n int) {
	depth := g.depth()
	chain := gemm.Chains(depth)
	width := g.kern.Width
	p := product{
		c: ms, cPoint: m.stride, cRow: m.ld, a: vs, aPoint: v.stride, aRow: v.ld, aK: 1,
		b: u, bPoint: packed, bRow: width, bPanel: depth * width, points: points, rows: hi - lo, cols: n,
	}
	for k := 0; k < depth; k += chain {
		p.a, p.b, p.depth, p.accumulate = vs[k:], u[k*width:], min(chain, depth-k), k > 0
		tr.multiply(g.kern, &p)
	}
	var at [16]int
	finished := true
	for t := lo; t < hi; {
		g.outputAt(class, t, j, &at)
		r := g.outputSeries(class, t, hi)
		finished = tr.output(y, &at, ms[(t-lo)*m.ld:], m, r, j, n, g.fin)
		t += r.tiles
	}
	if !finished {
		g.finish(y, class, lo, hi, j, n)
	}
}

// finish applies the epilogue to output channels j to j+n of a class of tiles lo to hi.
func (g *winograd) finish(y []float32, class, lo, hi, j, n int) {
	if g.fin == nil {
		return
	}
	for lo < hi {
		tiles := min(g.tw-lo%g.tw, hi-lo)
		image, top, left := lo/g.tw/g.th, lo/g.tw%g.th*4*g.classH+class/g.classW, lo%g.tw*4*g.classW+class%g.classW
		for i := top; i < min(top+4*g.classH, g.oh) && left < g.ow; i += g.classH {
			at := ((image*g.oh+i)*g.ow + left) * g.cout
			g.fin.apply(y, at, g.classW*g.cout, min(4*tiles, (g.ow-left+g.classW-1)/g.classW), j, n)
		}
		lo += tiles
	}
}
