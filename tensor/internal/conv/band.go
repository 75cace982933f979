package conv

import (
	"github.com/gander-ml/gander/tensor/internal/gemm"
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// bandRows and bandCols are the size of the piece of a grid that is computed from one padded copy of the image.
const bandRows, bandCols = 8, 64

// A band is a padded copy of the part of an image that some positions of a grid read. Where every row of taps is one
// run, the kernels can read the patches from it where they overlap, and nothing is copied once per tap.
type band struct {
	m          *patches
	i, j, n    int // first position
	rows, cols int // positions
	top        int // first line of the image
	lines      int
	pixels     int // in a line
	data       []float32
}

// uniform reports whether bands can be used: all taps of a row are one run, all runs are equal, and a pixel is read whole.
func (m *patches) uniform() bool {
	if m.each != m.stride || len(m.runs) == 0 {
		return false
	}
	for _, r := range m.runs {
		if r.dw != m.runs[0].dw || r.taps != m.runs[0].taps {
			return false
		}
	}
	return true
}

// span returns the lowest and the highest line of the runs.
func (m *patches) span() (low, high int) {
	low, high = m.runs[0].dh, m.runs[0].dh
	for _, r := range m.runs {
		low, high = min(low, r.dh), max(high, r.dh)
	}
	return low, high
}

// bands returns how many bands the grid has, down and across an image.
func (m *patches) bands() (down, across int) {
	return (m.oh + bandRows - 1) / bandRows, (m.ow + bandCols - 1) / bandCols
}

// bandLen is the length of the copy for the largest band.
func (m *patches) bandLen() int {
	low, high := m.span()
	return ((bandRows-1)*m.stepH + high - low + 1) * ((min(bandCols, m.ow)-1)*m.stepW + m.runs[0].taps) * m.stride
}

// band copies the b-th band of the batch to data.
func (m *patches) band(b int, data, image []float32) *band {
	down, across := m.bands()
	low, high := m.span()
	p := &band{m: m, i: b / across % down * bandRows, j: b % across * bandCols, n: b / across / down}
	p.rows, p.cols = min(bandRows, m.oh-p.i), min(bandCols, m.ow-p.j)
	p.top = p.i*m.stepH + low
	p.lines = (p.rows-1)*m.stepH + high - low + 1
	p.pixels = (p.cols-1)*m.stepW + m.runs[0].taps
	p.data = data[:p.lines*p.pixels*m.stride]
	for l := range p.lines {
		d := p.data[l*p.pixels*m.stride:][:p.pixels*m.stride]
		if h := p.top + l; h < 0 || h >= m.h {
			clear(d)
		} else {
			m.clipped(d, image[(p.n*m.h+h)*m.w*m.stride:][:m.w*m.stride], p.j*m.stepW+m.runs[0].dw, 0)
		}
	}
	return p
}

// line returns where in the band row i of its positions finds run r.
func (p *band) line(i, r int) int {
	return ((p.i+i)*p.m.stepH + p.m.runs[r].dh - p.top) * p.pixels * p.m.stride
}

// offsets returns where the runs start for the first row of positions, relative to which they are for all.
func (p *band) offsets(buf []int) []int {
	for r := range p.m.runs {
		buf = append(buf, p.line(0, r))
	}
	return buf
}

// runBands computes all rows of the product from bands.
func (p *side) runBands(y, image []float32) {
	m := &p.m
	down, across := m.bands()
	par.For(m.n*down*across, 1, func(lo, hi int) {
		buf := scratch.Get(m.bandLen())
		defer buf.Free()
		offs := make([]int, 0, 16)
		var bl gemm.Block // one for all: it escapes
		for t := lo; t < hi; t++ {
			b := m.band(t, buf.Data, image)
			offs = b.offsets(offs[:0])
			for i := range b.rows {
				bl = gemm.Block{
					C: y[p.out.pixel(m, ((b.n*m.oh+b.i+i)*m.ow+b.j)):], CRow: p.out.stepW * p.out.stride,
					A: b.data[i*m.stepH*b.pixels*m.stride:], ARow: m.stepW * m.stride, AK: 1, Offs: offs,
					B: p.b, M: b.cols, N: p.cols, K: m.runs[0].taps * m.stride,
				}
				if p.narrow {
					bl.BRow, bl.BPanel = 1, m.k
					p.kern.Dot(&bl)
				} else {
					bl.BRow, bl.BPanel = p.kern.Width, m.k*p.kern.Width
					p.kern.Run(&bl)
				}
				at := p.out.pixel(m, (b.n*m.oh+b.i+i)*m.ow+b.j)
				p.fin.apply(y, at-p.out.first, bl.CRow, b.cols, p.out.first, p.cols)
			}
		}
	})
}

// narrowWeight computes the weight gradient for few output channels as dwᵀ = dyᵀ·patches, so that vectors lie along the
// patches, which are read from bands.
func (s *Shape) narrowWeight(dw, x, dy []float32) {
	m := s.forwardPatches(0)
	kern := gemm.Current()
	down, across := m.bands()
	bands := m.n * down * across
	parts := min(weightTasks/2, bands)
	size := s.Cout * m.k
	sums := scratch.Get(parts * size)
	defer sums.Free()
	run := m.runs[0].taps * m.stride
	par.For(parts, 1, func(lo, hi int) {
		buf := scratch.Get(m.bandLen())
		defer buf.Free()
		for part := lo; part < hi; part++ {
			sum := sums.Data[part*size:][:size]
			from, to := bands*part/parts, bands*(part+1)/parts
			clear(sum)
			for t := from; t < to; t++ {
				b := m.band(t, buf.Data, x)
				for i := range b.rows {
					for r := range m.runs {
						kern.Run(&gemm.Block{
							C: sum[m.runs[r].at:], CRow: m.k,
							A: dy[((b.n*m.oh+b.i+i)*m.ow+b.j)*s.Cout:], ARow: 1, AK: s.Cout,
							B: b.data[b.line(i, r):], BRow: m.stepW * m.stride, BPanel: kern.Width,
							M: s.Cout, N: run, K: b.cols, Accumulate: true,
						})
					}
				}
			}
		}
	})
	par.For(m.k, 256, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			for o := range s.Cout {
				v := sums.Data[o*m.k+k]
				for part := 1; part < parts; part++ {
					v += sums.Data[part*size+o*m.k+k]
				}
				dw[k*s.Cout+o] = v
			}
		}
	})
}
