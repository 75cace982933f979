package conv

// The transforms of F(4×4, 2×2), with the interpolation points ±1/2, ±5/4 and ∞. A tile is 5×5 values a channel in the
// transformed domain; value p of a tile lies at distance p·stride.

const phasePoints = 25

// phaseTransformer computes the transforms for all channels of one tile. Places are as for a [transformer].
type phaseTransformer interface {
	// phaseInput transforms 5×5 pixels of the image: dst = Bᵀ·d·B.
	phaseInput(dst []float32, stride int, image []float32, at *[phasePoints]int, channels int)
	// phaseOutput transforms back to 4×4 pixels: y = Aᵀ·m·A.
	phaseOutput(image []float32, at *[16]int, src []float32, stride, channels int)
	// phaseGradient is the adjoint of phaseOutput: dst = A·g·Aᵀ for 4×4 pixels.
	phaseGradient(dst []float32, stride int, image []float32, at *[16]int, channels int)
	// phaseWeight transforms 2×2 kernels, u = G·w·Gᵀ, for rows input channels and n ≤ width output channels. Kernel
	// position t of row c is at w[at[t] + c·row], u[c·width].
	phaseWeight(u []float32, stride, width int, w []float32, at *[4]int, row, rows, n int)
	// phaseWeightGradient is the adjoint of phaseWeight, dw = Gᵀ·m·G, for n output channels of rows input channels, which
	// are ld apart in m.
	phaseWeightGradient(dw []float32, at *[4]int, row int, m []float32, stride, ld, rows, n int)
}

// The interpolation points; gemm/_asm has the same.
const (
	ha, hb   = 1. / 2, 5. / 4
	haa, hbb = ha * ha, hb * hb
	hn       = 1 / (2 * (haa - hbb))
)

func phaseInputLine(d *[6]float32) {
	t, s := d[2]-hbb*d[0], d[2]-haa*d[0]
	u, r := d[3]-hbb*d[1], d[3]-haa*d[1]
	d[4] = d[4] - hbb*d[2] - haa*t
	d[0], d[1], d[2], d[3] = u+ha*t, u-ha*t, r+hb*s, r-hb*s
}

func phaseOutputLine(m *[6]float32) {
	p, e, r, f := m[0]+m[1], m[0]-m[1], m[2]+m[3], m[2]-m[3]
	m[0], m[1], m[2], m[3] = p+r, ha*e+hb*f, haa*p+hbb*r, m[4]+ha*haa*e+hb*hbb*f
}

func phaseGradientLine(e *[6]float32) {
	s, t, u, v := e[0]+haa*e[2], e[1]+haa*e[3], e[0]+hbb*e[2], e[1]+hbb*e[3]
	e[0], e[1], e[2], e[3], e[4] = s+ha*t, s-ha*t, u+hb*v, u-hb*v, e[3]
}

func phaseWeightLine(g *[6]float32) {
	s, t, a, b := hn*g[1], -hn*g[1], hn/ha*g[0], hn/hb*g[0]
	g[0], g[1], g[2], g[3], g[4] = s+a, s-a, t-b, t+b, g[1]
}

func phaseWeightGradientLine(m *[6]float32) {
	p, e, r, f := m[0]+m[1], m[0]-m[1], m[2]+m[3], m[2]-m[3]
	m[0], m[1] = hn/ha*e-hn/hb*f, m[4]+hn*(p-r)
}

func (portable) phaseInput(dst []float32, stride int, image []float32, at *[phasePoints]int, channels int) {
	var d [points]float32
	for c := range channels {
		for p, o := range at {
			d[p/5*6+p%5] = 0
			if o >= 0 {
				d[p/5*6+p%5] = image[o+c]
			}
		}
		separable(&d, 5, 5, phaseInputLine)
		for p := range phasePoints {
			dst[p*stride+c] = d[p/5*6+p%5]
		}
	}
}

func (portable) phaseOutput(image []float32, at *[16]int, src []float32, stride, channels int) {
	var d [points]float32
	for c := range channels {
		for p := range phasePoints {
			d[p/5*6+p%5] = src[p*stride+c]
		}
		separable(&d, 5, 4, phaseOutputLine)
		for p, o := range at {
			if o >= 0 {
				image[o+c] = d[p/4*6+p%4]
			}
		}
	}
}

func (portable) phaseGradient(dst []float32, stride int, image []float32, at *[16]int, channels int) {
	var d [points]float32
	for c := range channels {
		for p, o := range at {
			d[p/4*6+p%4] = 0
			if o >= 0 {
				d[p/4*6+p%4] = image[o+c]
			}
		}
		separable(&d, 4, 5, phaseGradientLine)
		for p := range phasePoints {
			dst[p*stride+c] = d[p/5*6+p%5]
		}
	}
}

func (portable) phaseWeight(u []float32, stride, width int, w []float32, at *[4]int, row, rows, n int) {
	var d [points]float32
	for c := range rows {
		for e := range width {
			for t, o := range at {
				d[t/2*6+t%2] = 0
				if e < n {
					d[t/2*6+t%2] = w[o+c*row+e]
				}
			}
			separable(&d, 2, 5, phaseWeightLine)
			for p := range phasePoints {
				u[p*stride+c*width+e] = d[p/5*6+p%5]
			}
		}
	}
}

func (portable) phaseWeightGradient(dw []float32, at *[4]int, row int, m []float32, stride, ld, rows, n int) {
	var d [points]float32
	for c := range rows {
		for e := range n {
			for p := range phasePoints {
				d[p/5*6+p%5] = m[p*stride+c*ld+e]
			}
			separable(&d, 5, 2, phaseWeightGradientLine)
			for t, o := range at {
				dw[o+c*row+e] = d[t/2*6+t%2]
			}
		}
	}
}
