package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// rowBlock is the number of patches that are gathered and multiplied at a time, a multiple of the kernels' tiles.
const rowBlock = 84

// A side is a convolution as the product of patches with packed weights: the whole of a forward one, or one residue
// class of positions of an input gradient.
type side struct {
	m      patches
	kern   *gemm.Kernel
	narrow bool
	b      []float32 // packed weights, for narrow a column after the other
	cols   int
	out    grid
	taps   []int // kernel positions, row by row, in the order of the patches
	flip   bool  // for an input gradient: patches hold output channels, columns are input channels
	fin    *finisher
	id     int // the same for the same group and residue class of any image
}

// A grid says where the rows of a product go: position (i,j) of image n to pixel (i·stepH+top, j·stepW+left) of an
// image of h×w whose pixels have stride channels, from channel first on.
type grid struct {
	stepH, stepW, top, left int
	h, w                    int
	stride, first           int
}

// dense reports whether consecutive positions are consecutive pixels.
func (g *grid) dense(m *patches) bool {
	return g.stepH == 1 && g.stepW == 1 && g.top == 0 && g.left == 0 && g.h == m.oh && g.w == m.ow
}

// pixel returns where row r of the product starts in the output.
func (g *grid) pixel(m *patches, r int) int {
	j, i, n := r%m.ow, r/m.ow%m.oh, r/m.ow/m.oh
	return ((n*g.h+i*g.stepH+g.top)*g.w+j*g.stepW+g.left)*g.stride + g.first
}

// packedLen is the length that b must have.
func (p *side) packedLen() int {
	if p.narrow {
		return p.cols * p.m.k
	}
	return p.kern.PackedLen(p.m.k, p.cols)
}

// banded reports whether patches are read from bands. Wide products with more than one chain are not, so that the width
// of an image does not change the order of its sums.
func (p *side) banded() bool {
	return p.m.uniform() && (p.narrow || p.m.ow >= 12 && gemm.Chains(p.m.k) >= p.m.k)
}

// run computes all rows. Few rows with many columns are shared out by columns, too.
func (p *side) run(y, image []float32) {
	if p.banded() {
		p.runBands(y, image)
		return
	}
	rows := p.m.rows()
	blocks := (rows + rowBlock - 1) / rowBlock
	cols := p.cols
	if !p.narrow {
		for n := blocks; n < 16 && cols > 2*p.kern.Width; n *= 2 {
			cols = (cols/2 + p.kern.Width - 1) / p.kern.Width * p.kern.Width
		}
	}
	across := (p.cols + cols - 1) / cols
	par.For(blocks*across, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			r, j := t/across*rowBlock, t%across*cols
			p.block(y, image, r, min(r+rowBlock, rows), j, min(cols, p.cols-j))
		}
	})
}

// block computes columns j to j+cols of rows lo to hi.
func (p *side) block(y, image []float32, lo, hi, j, cols int) {
	chain := gemm.Chains(p.m.k)
	ld := (min(chain, p.m.k)+15)/16*16 + 4
	dense := p.out.dense(&p.m)
	room := rowBlock * ld
	if !dense {
		room += rowBlock * cols
	}
	buf := scratch.Get(room)
	defer buf.Free()
	bl := gemm.Block{A: buf.Data[:rowBlock*ld], ARow: ld, AK: 1, M: hi - lo, N: cols}
	if dense {
		bl.C, bl.CRow = y[lo*p.out.stride+p.out.first+j:], p.out.stride
	} else {
		bl.C, bl.CRow = buf.Data[rowBlock*ld:], cols
	}
	for k := 0; k < p.m.k; k += chain {
		bl.K = min(chain, p.m.k-k)
		bl.Accumulate = k > 0
		p.m.gather(bl.A, image, lo, hi, k, k+bl.K, ld)
		if p.narrow {
			bl.B, bl.BRow, bl.BPanel = p.b[j*p.m.k+k:], 1, p.m.k
			p.kern.Dot(&bl)
		} else {
			w := p.kern.Width
			bl.B, bl.BRow, bl.BPanel = p.b[j*p.m.k+k*w:], w, p.m.k*w
			p.kern.Run(&bl)
		}
	}
	if dense {
		p.fin.apply(y, lo*p.out.stride, p.out.stride, bl.M, p.out.first+j, cols)
		return
	}
	for r := range bl.M {
		at := p.out.pixel(&p.m, lo+r)
		copy(y[at+j:][:cols], bl.C[r*cols:])
		p.fin.apply(y, at-p.out.first, p.out.stride, 1, p.out.first+j, cols)
	}
}

// sides returns the products that make up one direction of a convolution.
func (s *Shape) sides(d Direction, kern *gemm.Kernel) []*side {
	var all []*side
	for g := range s.Groups {
		if d == Output {
			all = append(all, s.forwardSide(kern, g))
		} else {
			all = append(all, s.inputSides(kern, g)...)
		}
	}
	return all
}

// forwardSide returns the convolution of one group.
func (s *Shape) forwardSide(kern *gemm.Kernel, group int) *side {
	og := s.Cout / s.Groups
	p := &side{
		m: s.forwardPatches(group), kern: kern, narrow: og <= gemm.MaxDot, cols: og, id: group,
		out: grid{1, 1, 0, 0, s.OH, s.OW, s.Cout, group * og},
	}
	for t := range s.KH * s.KW {
		p.taps = append(p.taps, t)
	}
	return p
}

// pack packs the weights of the taps into b.
func (p *side) pack(s *Shape, w []float32) {
	size := s.Cin / s.Groups * s.Cout
	for i, t := range p.taps {
		at := i * p.m.each
		switch {
		case p.flip && p.narrow:
			for c := range p.cols {
				copy(p.b[c*p.m.k+at:][:p.m.each], w[t*size+c*s.Cout+p.m.first:])
			}
		case p.flip:
			p.kern.PackRows(p.b, p.m.k, at, w[t*size+p.m.first:], p.m.each, p.cols, s.Cout, true)
		case p.narrow:
			for k := range p.m.each {
				for o, v := range w[t*size+k*s.Cout+p.out.first:][:p.cols] {
					p.b[o*p.m.k+at+k] = v
				}
			}
		default:
			p.kern.PackRows(p.b, p.m.k, at, w[t*size+p.out.first:], p.m.each, p.cols, s.Cout, false)
		}
	}
}

// implicit computes y from the image, with the weights w or, if there are any, with packed ones.
func (s *Shape) implicit(d Direction, y, image, w []float32, packed *Packed, fin *finisher) {
	kern, pairs := s.kernel(d)
	if pairs {
		buf := s.pairImage(kern, d, image)
		defer buf.Free()
		image = buf.Data
		if packed == nil {
			buf := s.pairWeights(kern, d, w)
			defer buf.Free()
			w = buf.Data
		}
		s = s.paired(d)
	}
	for _, p := range s.sides(d, kern) {
		p.fin = fin
		switch {
		case p.m.k == 0:
			p.zero(y)
		case packed != nil:
			p.b = packed.parts[p.id]
			p.run(y, image)
		default:
			buf := scratch.Get(p.packedLen())
			p.b = buf.Data
			p.pack(s, w)
			p.run(y, image)
			buf.Free()
		}
	}
}

// zero is run where no kernel position reaches.
func (p *side) zero(y []float32) {
	for r := range p.m.rows() {
		at := p.out.pixel(&p.m, r)
		clear(y[at:][:p.cols])
		p.fin.apply(y, at-p.out.first, p.out.stride, 1, p.out.first, p.cols)
	}
}
