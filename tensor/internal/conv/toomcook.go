package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// fewChannels is the largest number of channels that the narrow side of a toomCook has.
const fewChannels = 8

// toomCook is a convolution with stride 1 between an image of many channels and one of few, computed four outputs of a line
// at a time by F(4,5). A line of the kernel is cut into pieces of four positions, and one more in the last, so that the tiles
// of a piece are those of the next, one tile on. Lines of the kernel are summed as they are.
type toomCook struct {
	n            int
	h, w, c      int // image of many channels
	fh, fw, f    int // image of few
	kh, kw       int
	top, left    int  // pixel (i,j) of the result reads (i+p−top, j+q−left) of the source
	flip         bool // the kernel is turned around
	wc, wf       int  // distances of channels of the two images in the kernel
	pieces       int
	kern         *gemm.Kernel
	fin          *finisher
	fromMany     bool // the image of many channels is the source
	packed, k, m int  // of the transformed kernel at one point: length, rows and columns
}

// thin reports whether a direction of the shape is for toomCook: it needs few channels on one side, whole vectors on the other,
// and kernels wide enough to save what the transforms cost.
func (s *Shape) thin(d Direction) bool {
	few, many := min(s.Cin, s.Cout), max(s.Cin, s.Cout)
	if s.StrideH != 1 || s.StrideW != 1 || s.DilH != 1 || s.DilW != 1 || s.Groups != 1 || few > fewChannels || many%16 != 0 {
		return false
	}
	k := linePieces(s.KW) * s.KH * few
	if s.KW < 4 || gemm.Chains(k) < k {
		return false
	}
	if d == Weight || (d == Output) == (s.Cin < s.Cout) {
		return true
	}
	return 5*linePoints*linePieces(s.KW)*full(s.KH*few) <= 4*lineTile*s.KW*s.KH*few
}

// linePieces is the number of pieces of a line of the kernel.
func linePieces(kernel int) int { return max(1, (kernel+2)/4) }

// toomCook returns one direction of the shape.
func (s *Shape) toomCook(d Direction) *toomCook {
	g := &toomCook{
		n: s.N, h: s.H, w: s.W, c: s.Cin, fh: s.OH, fw: s.OW, f: s.Cout, kh: s.KH, kw: s.KW, top: s.PadT, left: s.PadL,
		wc: s.Cout, wf: 1, pieces: linePieces(s.KW), kern: gemm.Current(), fromMany: d != Input, flip: d == Input,
	}
	if s.Cin < s.Cout {
		g.h, g.w, g.c, g.fh, g.fw, g.f = s.OH, s.OW, s.Cout, s.H, s.W, s.Cin
		g.wc, g.wf, g.fromMany, g.flip = 1, s.Cout, d != Output, d != Output
	}
	if g.flip {
		g.top, g.left = s.KH-1-s.PadT, s.KW-1-s.PadL
	}
	g.k, g.m = g.pieces*g.c, g.kh*g.f
	if !g.fromMany {
		g.k, g.m = g.pieces*g.kh*g.f, g.c
	}
	g.packed = g.kern.PackedLen(g.k, g.m)
	return g
}

// toomCookRun computes y from the image, with the kernel w or, if there is one, with a transformed one.
func (s *Shape) toomCookRun(d Direction, y, image, w []float32, packed *Packed, fin *finisher) {
	g := s.toomCook(d)
	g.fin = fin
	if packed != nil {
		g.run(y, image, packed.parts[0])
		return
	}
	buf := scratch.Get(g.weightsLen())
	defer buf.Free()
	g.weights(buf.Data, w)
	g.run(y, image, buf.Data)
}

// run computes the directions Output and Input, with a transformed kernel.
func (g *toomCook) run(y, x, u []float32) {
	if g.fromMany {
		g.toFew(y, x, u)
	} else {
		g.toMany(y, x, u)
	}
}

// at finds the kernel position (p,q) of the first channels in w.
func (g *toomCook) at(p, q int) int {
	t := p*g.kw + q
	if g.flip {
		t = g.kh*g.kw - 1 - t
	}
	return t * g.c * g.f
}

// positions returns where in a line of the kernel a piece begins, and which of its five positions count.
func (g *toomCook) positions(piece int) (start, from, to int) {
	start = 4 * piece
	return start, min(piece, 1), min(5, g.kw-start)
}

func (g *toomCook) weightsLen() int { return linePoints * g.packed }

// weights transforms the kernel and packs it, at each point a matrix: its rows are pieces and many channels, its columns
// kernel lines and few channels; or rows are pieces, lines and few channels, and columns many channels.
func (g *toomCook) weights(u, w []float32) {
	clear(u)
	width := g.kern.Width
	par.For(g.pieces*g.kh, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			piece, p := i/g.kh, i%g.kh
			start, from, to := g.positions(piece)
			for c := range g.c {
				for o := range g.f {
					var taps [5]float32
					for t := from; t < to; t++ {
						taps[t] = w[g.at(p, start+t)+c*g.wc+o*g.wf]
					}
					row, col := piece*g.c+c, p*g.f+o
					if !g.fromMany {
						row, col = i*g.f+o, c
					}
					at := (col/width*g.k+row)*width + col%width
					for _, v := range toomWeight(&taps) {
						u[at] = v
						at += g.packed
					}
				}
			}
		}
	})
}

// A span is the part of a result that is computed at a time: some lines of some tiles of an image.
type span struct{ n, i, rows, t, tiles int }

// spans cuts a result of h×w into parts of at most rows and tiles, of like sizes.
func (g *toomCook) spans(h, w, rows, tiles int) (count int, at func(int) span) {
	tw := (w + lineTile - 1) / lineTile
	down, across := (h+rows-1)/rows, (tw+tiles-1)/tiles
	return g.n * down * across, func(b int) span {
		i, t := b/across%down, b%across
		s := span{n: b / across / down, i: h * i / down, t: tw * t / across}
		s.rows, s.tiles = h*(i+1)/down-s.i, tw*(t+1)/across-s.t
		return s
	}
}

// line returns some pixels of line h of the image of many channels, from column v on, with zeros where there are none. It
// copies them to buf if it must.
func (g *toomCook) line(buf, image []float32, n, h, v, pixels int) []float32 {
	line := image[(n*g.h+h)*g.w*g.c:][:g.w*g.c]
	if v >= 0 && v+pixels <= g.w {
		return line[v*g.c:][:pixels*g.c]
	}
	buf = buf[:pixels*g.c]
	from := min(max(0, -v), pixels)
	to := max(from, min(pixels, g.w-v))
	clear(buf[:from*g.c])
	if to > from {
		copy(buf[from*g.c:to*g.c], line[(v+from)*g.c:])
	}
	clear(buf[to*g.c:])
	return buf
}

// sources transforms tiles of line h of the image of many channels, from tile t on, and fetches the next line. Only tiles that
// reach over an edge of the image are copied, to buf, which has room for the pixels of one.
func (g *toomCook) sources(dst []float32, stride int, buf, image []float32, n, h, t, tiles int) {
	v := lineTile*t - g.left
	from := min(max(0, (lineTile-1-v)/lineTile), tiles)
	to := max(from, min(tiles, floorDiv(g.w-v-linePoints, lineTile)+1))
	l := lines{srcStride: g.c, srcTile: lineTile * g.c, dstStride: stride, dstTile: g.c, tiles: 1, channels: g.c}
	for i := range tiles {
		if i < from || i >= to {
			l.src, l.dst = g.line(buf, image, n, h, v+lineTile*i, linePoints), dst[i*g.c:]
			l.input(g.kern.Level)
		}
	}
	if from < to {
		l.src, l.dst, l.tiles = image[((n*g.h+h)*g.w+v+lineTile*from)*g.c:], dst[from*g.c:], to-from
		l.ahead = g.w * g.c
		l.input(g.kern.Level)
	}
}

// upright copies rows of the image of few channels, from row i and column j on, so that all rows of a column lie side by
// side, ld apart: downwards or, with up, from the last to the first. Outside the image are zeros.
func (g *toomCook) upright(dst, image []float32, n, i, rows, j, cols, ld int, up bool) {
	clear(dst[:cols*ld])
	from, to := max(0, -j), min(cols, g.fw-j)
	for r := range rows {
		if i+r < 0 || i+r >= g.fh || from >= to {
			continue
		}
		at := r * g.f
		if up {
			at = (rows - 1 - r) * g.f
		}
		line := image[((n*g.fh+i+r)*g.fw+j+from)*g.f:]
		for q := from; q < to; q++ {
			d := dst[q*ld+at:]
			for o := range g.f {
				d[o] = line[o]
			}
			line = line[g.f:]
		}
	}
}
