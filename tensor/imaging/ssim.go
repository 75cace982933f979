package imaging

import (
	"math"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/internal/par"
)

const (
	ssimWindow = 11
	ssimSigma  = 1.5
	ssimC1     = (0.01 * 255) * (0.01 * 255)
	ssimC2     = (0.03 * 255) * (0.03 * 255)
)

// SSIM returns the mean structural similarity, at most 1 and 1 for equal pictures: over all whole 11×11 windows with
// Gaussian weights (σ 1.5, sum 1),
//
//	(2·μx·μy + C₁)·(2·σxy + C₂) / ((μx² + μy² + C₁)·(σx² + σy² + C₂)),  C₁ = (0.01·255)², C₂ = (0.03·255)²
//
// without the downsampling of some tools. a and b are as in [Protocol.PSNR]; without Y it is the mean over the channels.
// It panics if the shapes differ, and returns an error if less than one window is left inside the border.
// Wang, Bovik, Sheikh & Simoncelli 2004, section III.
func (p Protocol) SSIM(a, b *tensor.Tensor) (float64, error) {
	return p.mean("imaging.SSIM", a, b, ssimWindow, ssim, func(v float64) float64 { return v })
}

// ssim is the mean of the map. Blocks of rows filter across, then down; each repeats the rows that its windows share with
// the next, which bounds memory and leaves every value with one owner.
func ssim(x, y plane) float64 {
	const grain = 32
	g := gaussian()
	h, w := x.h-ssimWindow+1, x.w-ssimWindow+1
	rows := make([]float64, h)
	par.For(h, grain, func(lo, hi int) {
		across := make([][5]float64, (hi-lo+ssimWindow-1)*w) // x, y, x², y², xy filtered along the rows
		for i := range hi - lo + ssimWindow - 1 {
			xr, yr := x.v[(lo+i)*x.w:][:x.w], y.v[(lo+i)*y.w:][:y.w]
			for j := range w {
				var s [5]float64
				for k, gk := range g {
					u, v := xr[j+k], yr[j+k]
					s[0] += float64(gk * u)
					s[1] += float64(gk * v)
					s[2] += float64(gk * u * u)
					s[3] += float64(gk * v * v)
					s[4] += float64(gk * u * v)
				}
				across[i*w+j] = s
			}
		}
		for i := range hi - lo {
			for j := range w {
				var s [5]float64
				for k, gk := range g {
					t := &across[(i+k)*w+j]
					for c := range s {
						s[c] += float64(gk * t[c])
					}
				}
				rows[lo+i] += similarity(s)
			}
		}
	})
	return total(rows) / float64(h*w)
}

// similarity is SSIM of one window from its weighted means of x, y, x², y² and xy.
func similarity(s [5]float64) float64 {
	mx, my := s[0], s[1]
	vx, vy, cov := s[2]-mx*mx, s[3]-my*my, s[4]-mx*my
	return (2*mx*my + ssimC1) * (2*cov + ssimC2) / ((mx*mx + my*my + ssimC1) * (vx + vy + ssimC2))
}

// gaussian returns one side of the separable window, with sum 1.
func gaussian() (g [ssimWindow]float64) {
	for i := range g {
		d := float64(i - ssimWindow/2)
		g[i] = math.Exp(-d * d / (2 * ssimSigma * ssimSigma))
	}
	sum := total(g[:])
	for i := range g {
		g[i] /= sum
	}
	return g
}
