package conv

import "github.com/gander-ml/gander/tensor/internal/par"

// The depthwise algorithms are plain loops along the channels, which lie side by side in the image and in the weights.

func (s *Shape) depthwiseForward(y, x, w []float32, fin *finisher) {
	c := s.Cin
	par.For(s.N*s.OH, 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			n, i := r/s.OH, r%s.OH
			for j := range s.OW {
				out := y[(r*s.OW+j)*c:][:c]
				clear(out)
				s.taps(i, j, func(p, q, h, v int) {
					multiplyAdd(out, x[((n*s.H+h)*s.W+v)*c:], w[(p*s.KW+q)*c:])
				})
			}
			fin.apply(y, r*s.OW*c, c, s.OW, 0, c)
		}
	})
}

func (s *Shape) depthwiseInput(dx, dy, w []float32, fin *finisher) {
	c := s.Cin
	par.For(s.N, 1, func(lo, hi int) {
		clear(dx[lo*s.H*s.W*c : hi*s.H*s.W*c])
		for r := lo * s.OH; r < hi*s.OH; r++ {
			n, i := r/s.OH, r%s.OH
			for j := range s.OW {
				g := dy[(r*s.OW+j)*c:][:c]
				s.taps(i, j, func(p, q, h, v int) {
					multiplyAdd(dx[((n*s.H+h)*s.W+v)*c:][:c], g, w[(p*s.KW+q)*c:])
				})
			}
		}
		fin.apply(dx, lo*s.H*s.W*c, c, (hi-lo)*s.H*s.W, 0, c)
	})
}

func (s *Shape) depthwiseWeight(dw, x, dy []float32) {
	c := s.Cin
	par.For(s.KH*s.KW, 1, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			out := dw[t*c:][:c]
			clear(out)
			p, q := t/s.KW, t%s.KW
			for r := range s.N * s.OH {
				n, h := r/s.OH, r%s.OH*s.StrideH+p*s.DilH-s.PadT
				if h < 0 || h >= s.H {
					continue
				}
				for j := range s.OW {
					if v := j*s.StrideW + q*s.DilW - s.PadL; v >= 0 && v < s.W {
						multiplyAdd(out, x[((n*s.H+h)*s.W+v)*c:], dy[(r*s.OW+j)*c:])
					}
				}
			}
		}
	})
}

// multiplyAdd adds a·b to dst, element by element.
func multiplyAdd(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] += a[i] * b[i]
	}
}

// taps calls f for the kernel positions (p,q) of output (i,j) that fall inside the image, at (h,v).
func (s *Shape) taps(i, j int, f func(p, q, h, v int)) {
	for p := range s.KH {
		h := i*s.StrideH + p*s.DilH - s.PadT
		if h < 0 || h >= s.H {
			continue
		}
		for q := range s.KW {
			if v := j*s.StrideW + q*s.DilW - s.PadL; v >= 0 && v < s.W {
				f(p, q, h, v)
			}
		}
	}
}
