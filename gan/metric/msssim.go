package metric

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

const (
	ssimWindow = 11
	ssimSigma  = 1.5
	ssimC1     = 0.01 * 0.01
	ssimC2     = 0.03 * 0.03
)

// msWeights are the exponents of the scales, from fine to coarse. Wang, Simoncelli & Bovik 2003, §3.2.
var msWeights = [...]float64{0.0448, 0.2856, 0.3001, 0.2363, 0.1333}

// MSSSIM returns the multi-scale structural similarity of two pictures (H, W, C) with values in [0, 1], and the number of
// scales it was taken over: at most 1, and 1 for equal pictures. Contrast and structure are compared at each scale,
// luminance at the coarsest, in windows as those of imaging.Protocol.SSIM; the next scale is the mean of 2×2 pixels;
// channels are averaged. Negative similarities count as 0. The paper has five scales, which takes 176 pixels a side;
// smaller pictures have as many as leave a window of 11 pixels, with exponents scaled to add up to 1, so that a single one
// is plain SSIM. It panics if the shapes differ or a side is below 11. Wang, Simoncelli & Bovik 2003.
func MSSSIM(a, b *tensor.Tensor) (similarity float64, scales int) {
	if !tensor.SameShape(a, b) || a.Rank() != 3 || min(a.Dim(0), a.Dim(1)) < ssimWindow {
		panic(fmt.Sprintf("metric.MSSSIM: want two pictures (H,W,C) of one shape, at least 11×11, got %s and %s",
			tensor.Format(a.Shape()), tensor.Format(b.Shape())))
	}
	scales = msScales(min(a.Dim(0), a.Dim(1)))
	norm := 1.0 // the exponents of all five add up to 1.0001
	if scales < len(msWeights) {
		norm = 0
		for _, w := range msWeights[:scales] {
			norm += w
		}
	}
	sum := 0.0
	for c := range a.Dim(2) {
		x, y := planeOf(a, c), planeOf(b, c)
		product := 1.0
		for s := range scales {
			luminance, contrast := ssimParts(x, y)
			part := contrast
			if s == scales-1 {
				part = luminance
			}
			product *= math.Pow(max(part, 0), msWeights[s]/norm)
			x, y = x.half(), y.half()
		}
		sum += product
	}
	return sum / float64(a.Dim(2)), scales
}

func msScales(side int) int {
	n := 1
	for n < len(msWeights) && side/2 >= ssimWindow {
		side /= 2
		n++
	}
	return n
}

// plane is one channel of a picture.
type plane struct {
	h, w int
	v    []float64
}

func planeOf(x *tensor.Tensor, c int) plane {
	p := plane{x.Dim(0), x.Dim(1), make([]float64, x.Dim(0)*x.Dim(1))}
	for i := range p.v {
		p.v[i] = float64(x.Data()[i*x.Dim(2)+c])
	}
	return p
}

// half returns the means of 2×2 pixels. An odd last row or column is left out.
func (p plane) half() plane {
	q := plane{p.h / 2, p.w / 2, make([]float64, (p.h/2)*(p.w/2))}
	for i := range q.h {
		for j := range q.w {
			at := 2*i*p.w + 2*j
			q.v[i*q.w+j] = (p.v[at] + p.v[at+1] + p.v[at+p.w] + p.v[at+p.w+1]) / 4
		}
	}
	return q
}

// ssimParts returns the means over all whole windows of the similarity, and of its part that compares contrast and
// structure.
func ssimParts(x, y plane) (whole, contrast float64) {
	var g [ssimWindow]float64
	norm := 0.0
	for i := range g {
		d := float64(i - ssimWindow/2)
		g[i] = math.Exp(-d * d / (2 * ssimSigma * ssimSigma))
		norm += g[i]
	}
	h, w := x.h-ssimWindow+1, x.w-ssimWindow+1
	across := make([][5]float64, x.h*w) // x, y, x², y², xy filtered along the rows
	for i := range x.h {
		for j := range w {
			var s [5]float64
			for k, gk := range g {
				u, v := x.v[i*x.w+j+k], y.v[i*x.w+j+k]
				gk /= norm
				s[0] += gk * u
				s[1] += gk * v
				s[2] += gk * u * u
				s[3] += gk * v * v
				s[4] += gk * u * v
			}
			across[i*w+j] = s
		}
	}
	for i := range h {
		for j := range w {
			var s [5]float64
			for k, gk := range g {
				for c, v := range across[(i+k)*w+j] {
					s[c] += gk / norm * v
				}
			}
			vx, vy, cov := s[2]-s[0]*s[0], s[3]-s[1]*s[1], s[4]-s[0]*s[1]
			cs := (2*cov + ssimC2) / (vx + vy + ssimC2)
			contrast += cs
			whole += cs * (2*s[0]*s[1] + ssimC1) / (s[0]*s[0] + s[1]*s[1] + ssimC1)
		}
	}
	return whole / float64(h*w), contrast / float64(h*w)
}

// DiversityOptions are the choices of [Diversity].
type DiversityOptions struct {
	Pairs int    // 0 means 100
	Seed  uint64 // of the choice of pairs
}

// Diversity returns the mean MS-SSIM of random pairs of different pictures of (N, H, W, C): near 0 for pictures that have
// nothing in common, 1 if all are the same. Compare it with that of real pictures, of one class at a time where there are
// classes: a generator whose figure is higher than theirs collapses. It is an error if there are fewer than two pictures
// or they are smaller than 11×11. Odena, Olah & Shlens 2017, "Conditional image synthesis with auxiliary classifier GANs",
// §4.2.
func Diversity(x *tensor.Tensor, o DiversityOptions) (Figure, error) {
	if x.Rank() != 4 || x.Dim(0) < 2 || min(x.Dim(1), x.Dim(2)) < ssimWindow || x.Dim(3) < 1 {
		return Figure{}, fmt.Errorf("metric: MS-SSIM diversity needs 2 pictures (N,H,W,C) of at least 11×11, got %s",
			tensor.Format(x.Shape()))
	}
	if err := checkRange(x, 0); err != nil {
		return Figure{}, err
	}
	pairs := o.Pairs
	if pairs == 0 {
		pairs = 100
	}
	if pairs < 1 {
		return Figure{}, fmt.Errorf("metric: MS-SSIM diversity over %d pairs", pairs)
	}
	n := x.Dim(0)
	values := make([]float64, pairs)
	blocks(pairs, 1, func(at, _ int) {
		rng := data.Stream(o.Seed, uint64(at))
		i := rng.IntN(n)
		j := (i + 1 + rng.IntN(n-1)) % n
		values[at], _ = MSSSIM(picture(x, i), picture(x, j))
	})
	mean, std := meanStd(values)
	return Figure{Name: "MS-SSIM diversity", Value: mean, Spread: std / math.Sqrt(float64(pairs)), Protocol: protocol(
		fmt.Sprintf("%d pictures", n), fmt.Sprintf("%d pairs", pairs), fmt.Sprintf("%d scales", msScales(min(x.Dim(1), x.Dim(2)))),
		fmt.Sprintf("seed %d", o.Seed), "± standard error")}, nil
}

// picture returns picture i of x (N, H, W, C).
func picture(x *tensor.Tensor, i int) *tensor.Tensor { return x.Rows(i, i+1).Reshape(x.Shape()[1:]...) }
