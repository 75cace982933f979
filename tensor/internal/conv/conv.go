// Package conv computes two-dimensional convolutions of channels-last images and their two adjoints.
package conv

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
)

// Shape is everything a convolution's sizes depend on. x is (N,H,W,Cin), w is (KH,KW,Cin/Groups,Cout) and y is
// (N,OH,OW,Cout) with OH = (H+PadT+PadB−DilH·(KH−1)−1)/StrideH + 1, rounded down, or less: a caller that wants the adjoint for a larger
// image than the smallest possible states OH itself. Padding is with zeros and may be negative (a crop).
type Shape struct {
	N, H, W, Cin           int
	KH, KW, Cout           int
	StrideH, StrideW       int
	PadT, PadB, PadL, PadR int
	DilH, DilW             int
	Groups                 int
	OH, OW                 int
}

// Forward overwrites y with the convolution of x and w,
//
//	y[n,i,j,o] = Σ_{p,q,c} x[n, i·StrideH+p·DilH−PadT, j·StrideW+q·DilW−PadL, c] · w[p,q,c,o]
func Forward(y, x, w []float32, s *Shape) {
	s.check(y, x, w)
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	par.For(s.N*s.OH, 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			n, i := r/s.OH, r%s.OH
			for j := range s.OW {
				out := y[(r*s.OW+j)*s.Cout:][:s.Cout]
				clear(out)
				s.taps(i, j, func(p, q, h, v int) {
					for g := range s.Groups {
						in := x[((n*s.H+h)*s.W+v)*s.Cin+g*cg:][:cg]
						for c, a := range in {
							k := w[((p*s.KW+q)*cg+c)*s.Cout+g*og:][:og]
							o := out[g*og:][:og]
							for e, b := range k {
								o[e] += a * b
							}
						}
					}
				})
			}
		}
	})
}

// GradInput overwrites dx with the gradient of ⟨y, dy⟩ with respect to x: the transposed convolution of dy.
func GradInput(dx, dy, w []float32, s *Shape) {
	s.check(dy, dx, w)
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	par.For(s.N, 1, func(lo, hi int) {
		clear(dx[lo*s.H*s.W*s.Cin : hi*s.H*s.W*s.Cin])
		for r := lo * s.OH; r < hi*s.OH; r++ {
			n, i := r/s.OH, r%s.OH
			for j := range s.OW {
				out := dy[(r*s.OW+j)*s.Cout:][:s.Cout]
				s.taps(i, j, func(p, q, h, v int) {
					for g := range s.Groups {
						in := dx[((n*s.H+h)*s.W+v)*s.Cin+g*cg:][:cg]
						for c := range in {
							k := w[((p*s.KW+q)*cg+c)*s.Cout+g*og:][:og]
							sum := float32(0)
							for e, b := range out[g*og:][:og] {
								sum += b * k[e]
							}
							in[c] += sum
						}
					}
				})
			}
		}
	})
}

// GradWeight overwrites dw with the gradient of ⟨y, dy⟩ with respect to w.
func GradWeight(dw, x, dy []float32, s *Shape) {
	s.check(dy, x, dw)
	cg, og := s.Cin/s.Groups, s.Cout/s.Groups
	par.For(s.KH*s.KW, 1, func(lo, hi int) {
		clear(dw[lo*cg*s.Cout : hi*cg*s.Cout])
		for r := range s.N * s.OH {
			n, i := r/s.OH, r%s.OH
			for j := range s.OW {
				out := dy[(r*s.OW+j)*s.Cout:][:s.Cout]
				for t := lo; t < hi; t++ {
					p, q := t/s.KW, t%s.KW
					h, v := i*s.StrideH+p*s.DilH-s.PadT, j*s.StrideW+q*s.DilW-s.PadL
					if h < 0 || h >= s.H || v < 0 || v >= s.W {
						continue
					}
					for g := range s.Groups {
						in := x[((n*s.H+h)*s.W+v)*s.Cin+g*cg:][:cg]
						for c, a := range in {
							k := dw[(t*cg+c)*s.Cout+g*og:][:og]
							for e, b := range out[g*og:][:og] {
								k[e] += a * b
							}
						}
					}
				}
			}
		}
	})
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

func (s *Shape) check(y, x, w []float32) {
	if len(x) != s.N*s.H*s.W*s.Cin || len(y) != s.N*s.OH*s.OW*s.Cout || len(w) != s.KH*s.KW*(s.Cin/s.Groups)*s.Cout {
		panic(fmt.Sprintf("conv: slices of %d, %d and %d values do not fit %+v", len(x), len(w), len(y), *s))
	}
}
