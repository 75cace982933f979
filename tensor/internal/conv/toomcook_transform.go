package conv

// The transforms of F(4,5), after Toom and Cook, with the interpolation points 0, ±1, ±2, ±1/2 and ∞: four neighbouring
// outputs of a line from eight pixels and five kernel positions, with eight multiplications. Powers of two are moved from the
// transforms of images to those of kernels, where they cost nothing.

// linePoints is the number of values of a tile in the transformed domain, lineTile of pixels of its output.
const linePoints, lineTile = 8, 4

// lines is a transform of all tiles of a line: value i of channel c of tile t lies at i·stride + t·tile + c, in a source
// and in a destination that have room for whole vectors.
type lines struct {
	src                []float32
	srcStride, srcTile int
	dst                []float32
	dstStride, dstTile int
	tiles, channels    int
	ahead              int // distance in the source to what will be read next
}

// check panics where a kernel would leave the slices.
func (l *lines) check(in, out int) bool {
	if l.tiles <= 0 || l.channels <= 0 {
		return false
	}
	c := full(l.channels)
	_ = l.src[:(in-1)*l.srcStride+(l.tiles-1)*l.srcTile+c]
	_ = l.dst[:(out-1)*l.dstStride+(l.tiles-1)*l.dstTile+c]
	return true
}

// each is the twin in Go of the assembly.
func (l *lines) each(in, out int, f func(d *[linePoints]float32)) {
	var d [linePoints]float32
	for t := range l.tiles {
		for c := range full(l.channels) {
			for i := range in {
				d[i] = l.src[i*l.srcStride+t*l.srcTile+c]
			}
			f(&d)
			for i := range out {
				l.dst[i*l.dstStride+t*l.dstTile+c] = d[i]
			}
		}
	}
}

func toomInput(d *[linePoints]float32) {
	a, b := d[2]+d[6]-17./4*d[4], d[1]+d[5]-17./4*d[3]
	p, q := d[2]+4*d[6]-5*d[4], d[1]+4*d[5]-5*d[3]
	r, s := 2*(d[6]+4*d[2]-5*d[4]), d[5]+4*d[1]-5*d[3]
	d[0], d[7] = d[0]-d[6]+21./4*(d[4]-d[2]), d[7]-d[1]+21./4*(d[3]-d[5])
	d[1], d[2], d[3], d[4], d[5], d[6] = a+b, a-b, p+2*q, p-2*q, r+s, r-s
}

func toomOutput(m *[linePoints]float32) {
	p, q, r := m[1]+m[2], m[3]+m[4], m[5]+m[6]
	e, f, g := m[1]-m[2], m[3]-m[4], m[5]-m[6]
	m[0], m[1], m[2], m[3] = m[0]+p+q+8*r, e+2*f+4*g, p+4*q+2*r, m[7]+e+8*f+g
}

func toomGradient(e *[linePoints]float32) {
	a, b := e[0]+e[2], e[1]+e[3]
	p, q := e[0]+4*e[2], 2*(e[1]+4*e[3])
	r, s := 8*e[0]+2*e[2], 4*e[1]+e[3]
	e[1], e[2], e[3], e[4], e[5], e[6], e[7] = a+b, a-b, p+q, p-q, r+s, r-s, e[3]
}

// toomWeight transforms five kernel positions.
func toomWeight(g *[5]float32) (u [linePoints]float32) {
	a, b := -2./9*(g[0]+g[2]+g[4]), -2./9*(g[1]+g[3])
	p, q := (g[0]+4*g[2]+16*g[4])/360, (g[1]+4*g[3])/180
	r, s := (16*g[0]+4*g[2]+g[4])/360, (4*g[1]+g[3])/180
	return [linePoints]float32{g[0], a + b, a - b, p + q, p - q, r + s, r - s, g[4]}
}

// toomWeightGradient is the adjoint of toomWeight.
func toomWeightGradient(m *[linePoints]float32) [5]float32 {
	a, b := -2./9*(m[1]+m[2]), -2./9*(m[1]-m[2])
	p, q := (m[3]+m[4])/360, (m[3]-m[4])/180
	r, s := (m[5]+m[6])/360, (m[5]-m[6])/180
	return [5]float32{m[0] + a + p + 16*r, b + q + 4*s, a + 4*p + 4*r, b + 4*q + s, m[7] + a + 16*p + r}
}

func toomWeightLine(d *[linePoints]float32) { *d = toomWeight((*[5]float32)(d[:5])) }

func toomWeightGradientLine(d *[linePoints]float32) {
	taps := toomWeightGradient(d)
	copy(d[:5], taps[:])
}
