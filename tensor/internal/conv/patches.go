package conv

// patches describes the matrix whose products with the weights are a convolution, without building it whole: a row for
// every position of a grid of OH×OW in each of N images, and in the row, tap by tap, channels of an image of H×W.
// Position (i,j) reads the pixel (i·stepH+dh, j·stepW+dw) for the tap (dh,dw), zeros outside the image.
type patches struct {
	n, oh, ow    int
	stepH, stepW int
	h, w         int
	stride       int // channels of a pixel of the image
	first, each  int // channels that the rows hold
	runs         []run
	k            int // length of a row
}

// A run is neighbouring taps of one image row whose channels lie side by side.
type run struct {
	dh, dw int
	taps   int
	at     int // place in a row of the matrix
}

// A tap is the place of one pixel relative to the grid.
type tap struct{ dh, dw int }

// setTaps lays the taps out in the rows in the order given.
func (m *patches) setTaps(taps []tap) {
	m.runs = m.runs[:0]
	for t, p := range taps {
		if l := len(m.runs) - 1; l >= 0 && m.each == m.stride {
			if r := &m.runs[l]; r.dh == p.dh && r.dw+r.taps == p.dw {
				r.taps++
				continue
			}
		}
		m.runs = append(m.runs, run{p.dh, p.dw, 1, t * m.each})
	}
	m.k = len(taps) * m.each
}

func (m *patches) rows() int { return m.n * m.oh * m.ow }

// gather writes columns k0 to k1 of rows lo to hi to dst, whose rows are ld apart.
func (m *patches) gather(dst, image []float32, lo, hi, k0, k1, ld int) {
	for _, r := range m.runs {
		a, b := max(r.at, k0), min(r.at+r.taps*m.each, k1)
		if a >= b {
			continue
		}
		j := lo % m.ow
		i := lo / m.ow % m.oh
		n := lo / m.ow / m.oh
		for row := range hi - lo {
			d := dst[row*ld+a-k0 : row*ld+b-k0]
			h := i*m.stepH + r.dh
			v := j*m.stepW + r.dw
			switch {
			case h < 0 || h >= m.h:
				clear(d)
			case v >= 0 && v+r.taps <= m.w:
				copy(d, image[((n*m.h+h)*m.w+v)*m.stride+m.first+a-r.at:])
			default:
				m.clipped(d, image[(n*m.h+h)*m.w*m.stride:][:m.w*m.stride], v, a-r.at)
			}
			if j++; j == m.ow {
				j = 0
				if i++; i == m.oh {
					i = 0
					n++
				}
			}
		}
	}
}

// clipped copies what of a run lies inside a line of the image. The run starts at pixel v; skip of its values are not wanted.
func (m *patches) clipped(d, line []float32, v, skip int) {
	start := v*m.stride + m.first + skip // where d[0] comes from
	if m.each != m.stride {
		// A run of one tap, so it is outside as a whole.
		clear(d)
		return
	}
	from := min(max(0, -start), len(d))
	to := max(from, min(len(d), len(line)-start))
	clear(d[:from])
	if to > from {
		copy(d[from:to], line[start+from:])
	}
	clear(d[to:])
}

// forwardPatches is the matrix of a forward convolution, of one group of channels.
func (s *Shape) forwardPatches(group int) patches {
	cg := s.Cin / s.Groups
	m := patches{
		n: s.N, oh: s.OH, ow: s.OW, stepH: s.StrideH, stepW: s.StrideW,
		h: s.H, w: s.W, stride: s.Cin, first: group * cg, each: cg,
	}
	taps := make([]tap, 0, s.KH*s.KW)
	for p := range s.KH {
		for q := range s.KW {
			taps = append(taps, tap{p*s.DilH - s.PadT, q*s.DilW - s.PadL})
		}
	}
	m.setTaps(taps)
	return m
}
