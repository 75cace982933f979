package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// portable computes the transforms in Go. It is the twin of the assembly.
type portable struct{}

func (portable) release() {}

func (portable) multiply(kern *gemm.Kernel, p *product) { p.each(kern) }

type line func(d *[6]float32)

// separable applies f to the columns and then to the rows of the in×in values of d, for a result of out×out.
func separable(d *[points]float32, in, out int, f line) {
	var v [6]float32
	for j := range in {
		for i := range in {
			v[i] = d[6*i+j]
		}
		f(&v)
		for i := range out {
			d[6*i+j] = v[i]
		}
	}
	for i := range out {
		copy(v[:], d[6*i:6*i+in])
		f(&v)
		copy(d[6*i:6*i+out], v[:])
	}
}

// The interpolation points; gemm/_asm has the same.
const (
	pa, pb = 5. / 8, 3. / 2
	qa, qb = pa * pa, pb * pb
	na, nb = 2 * qa * (qa - qb), 2 * qb * (qb - qa)
)

func inputLine(d *[6]float32) {
	q, t := d[4]-qb*d[2], d[3]-qb*d[1]
	r, s := d[4]-qa*d[2], d[3]-qa*d[1]
	d[0], d[5] = q-qa*(d[2]-qb*d[0]), d[5]-qb*d[3]-qa*t
	d[1], d[2], d[3], d[4] = q+pa*t, q-pa*t, r+pb*s, r-pb*s
}

func outputLine(m *[6]float32) {
	p, e, r, f := m[1]+m[2], pa*(m[1]-m[2]), m[3]+m[4], pb*(m[3]-m[4])
	m[0], m[1], m[2], m[3] = m[0]+p+r, e+f, qa*p+qb*r, m[5]+qa*e+qb*f
}

func gradientLine(e *[6]float32) {
	s, t, u, v := e[0]+qa*e[2], e[1]+qa*e[3], e[0]+qb*e[2], e[1]+qb*e[3]
	e[1], e[2], e[3], e[4], e[5] = s+pa*t, s-pa*t, u+pb*v, u-pb*v, e[3]
}

func weightLine(g *[6]float32) {
	s, t := g[0]/na+qa/na*g[2], pa/na*g[1]
	u, v := g[0]/nb+qb/nb*g[2], pb/nb*g[1]
	g[0], g[1], g[2], g[3], g[4], g[5] = g[0]/(qa*qb), s+t, s-t, u+v, u-v, g[2]
}

func weightGradientLine(m *[6]float32) {
	p, e, r, f := m[1]+m[2], m[1]-m[2], m[3]+m[4], m[3]-m[4]
	m[0], m[1], m[2] = m[0]/(qa*qb)+p/na+r/nb, pa/na*e+pb/nb*f, m[5]+qa/na*p+qb/nb*r
}

func (p portable) input(dst []float32, d domain, image []float32, at *[points]int, s series, channels int) {
	for t := range s.tiles {
		p.inputTile(dst[t*d.ld:], d.stride, image[t*s.step:], at, channels)
	}
}

func (p portable) output(image []float32, at *[16]int, src []float32, d domain, s series, _, channels int, _ *finisher) bool {
	for t := range s.tiles {
		p.outputTile(image[t*s.step:], at, src[t*d.ld:], d.stride, channels)
	}
	return false
}

func (p portable) gradient(dst []float32, d domain, image []float32, at *[16]int, s series, channels int) {
	for t := range s.tiles {
		p.gradientTile(dst[t*d.ld:], d.stride, image[t*s.step:], at, channels)
	}
}

func (portable) inputTile(dst []float32, stride int, image []float32, at *[points]int, channels int) {
	var d [points]float32
	for c := range channels {
		for p, o := range at {
			d[p] = 0
			if o >= 0 {
				d[p] = image[o+c]
			}
		}
		separable(&d, 6, 6, inputLine)
		for p, v := range d {
			dst[p*stride+c] = v
		}
	}
}

func (portable) outputTile(image []float32, at *[16]int, src []float32, stride, channels int) {
	var d [points]float32
	for c := range channels {
		for p := range d {
			d[p] = src[p*stride+c]
		}
		separable(&d, 6, 4, outputLine)
		for p, o := range at {
			if o >= 0 {
				image[o+c] = d[p/4*6+p%4]
			}
		}
	}
}

func (portable) gradientTile(dst []float32, stride int, image []float32, at *[16]int, channels int) {
	var d [points]float32
	for c := range channels {
		for p, o := range at {
			d[p/4*6+p%4] = 0
			if o >= 0 {
				d[p/4*6+p%4] = image[o+c]
			}
		}
		separable(&d, 4, 6, gradientLine)
		for p, v := range d {
			dst[p*stride+c] = v
		}
	}
}

func (portable) weight(u []float32, stride, width int, w []float32, tap, row, rows, n int) {
	var d [points]float32
	for c := range rows {
		for e := range width {
			for t := range 9 {
				d[t/3*6+t%3] = 0
				if e < n {
					d[t/3*6+t%3] = w[t*tap+c*row+e]
				}
			}
			separable(&d, 3, 6, weightLine)
			for p, v := range d {
				u[p*stride+c*width+e] = v
			}
		}
	}
}

func (portable) weightGradient(dw []float32, tap, row int, m []float32, stride, ld, rows, n int) {
	var d [points]float32
	for c := range rows {
		for e := range n {
			for p := range d {
				d[p] = m[p*stride+c*ld+e]
			}
			separable(&d, 6, 3, weightGradientLine)
			for t := range 9 {
				dw[t*tap+c*row+e] = d[t/3*6+t%3]
			}
		}
	}
}
