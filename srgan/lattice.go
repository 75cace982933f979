package srgan

import (
	"math"
	"slices"

	"github.com/gander-ml/gander/tensor"
)

// latticeSide is the number of blocks along a side of a window of [Lattice]: so many that texture averages out in natural photographs.
const latticeSide = 16

// Lattice tells how strong the pattern is that repeats at every scale pixels, as pixel shuffles leave it and texture does not. From y it
// takes the moving average over scale×scale pixels, which has all of a slope and nothing of a lattice. Of what is left, and for each
// place in blocks of scale×scale pixels, the mean over the 16×16 blocks of a window would be zero without a lattice: the result is the
// root mean square of these means, for the median window, in steps of 255 to the range. y is (H,W,C) with values in [0,1]. It is
// NaN if there is no whole window.
func Lattice(y *tensor.Tensor, scale int) float64 {
	side, channels := latticeSide*scale, y.Dim(2)
	rest, h, w := withoutSlope(y, scale)
	var all []float64
	means := make([]float64, scale*scale*channels)
	for top := 0; top+side <= h; top += side {
		for left := 0; left+side <= w; left += side {
			clear(means)
			for i := range side {
				for j, v := range rest[((top+i)*w+left)*channels:][:side*channels] {
					means[i%scale*scale*channels+j%(scale*channels)] += v / (latticeSide * latticeSide)
				}
			}
			sum := 0.0
			for _, m := range means {
				sum += m * m
			}
			all = append(all, 255*math.Sqrt(sum/float64(len(means))))
		}
	}
	if len(all) == 0 {
		return math.NaN()
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// withoutSlope returns y less its moving average, without the border of which there is none.
func withoutSlope(y *tensor.Tensor, scale int) (rest []float64, h, w int) {
	channels, margin := y.Dim(2), scale/2
	h, w = max(0, y.Dim(0)-2*margin), max(0, y.Dim(1)-2*margin)
	weight := func(d int) float64 { // of a pixel d away; the ends of an even scale are half in it
		if scale%2 == 0 && (d == margin || d == -margin) {
			return 0.5 / float64(scale)
		}
		return 1 / float64(scale)
	}
	across := make([]float64, y.Dim(0)*w*channels) // averaged along rows
	at := func(i, j, c int) float64 { return float64(y.Data()[(i*y.Dim(1)+j)*channels+c]) }
	for i := range y.Dim(0) {
		for j := range w {
			for c := range channels {
				for d := -margin; d <= margin; d++ {
					across[(i*w+j)*channels+c] += weight(d) * at(i, j+margin+d, c)
				}
			}
		}
	}
	for i := range h {
		for j := range w {
			for c := range channels {
				v := at(i+margin, j+margin, c)
				for d := -margin; d <= margin; d++ {
					v -= weight(d) * across[((i+margin+d)*w+j)*channels+c]
				}
				rest = append(rest, v)
			}
		}
	}
	return rest, h, w
}
