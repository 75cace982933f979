package imaging

import (
	"fmt"
	"math"
	"strings"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/internal/par"
)

// Protocol says how two pictures are compared. Figures of different protocols cannot be: print it beside them. Pictures
// are rounded to 8 bits first, as if they had been saved; the peak is 255. The protocol of the super-resolution papers is
// Protocol{Y: true, Border: 4} for a factor of 4.
type Protocol struct {
	Y      bool       // compare the luma of BT.601 (see [Y], not rounded again) instead of all channels
	Border int        // pixels cut off on each side first
	Range  [2]float32 // the values that mean black and white; zero means 0 and 1
}

// String describes the protocol in the words to print beside a figure.
func (p Protocol) String() string {
	parts := []string{"all channels"}
	if p.Y {
		parts[0] = "Y of BT.601"
	}
	switch p.Border {
	case 0:
		parts = append(parts, "no border cut")
	default:
		parts = append(parts, fmt.Sprintf("border of %d px cut", p.Border))
	}
	parts = append(parts, "rounded to 8 bits", "peak 255")
	if p.Range != ([2]float32{}) && p.Range != [2]float32{0, 1} {
		parts = append(parts, fmt.Sprintf("range [%g, %g]", p.Range[0], p.Range[1]))
	}
	return strings.Join(parts, ", ")
}

// PSNR returns the peak signal-to-noise ratio in decibels,
//
//	10·log₁₀(255² / MSE)
//
// +Inf if the pictures are equal. a and b are (H, W, C) or (N, H, W, C) with C 1 or 3; of N pictures it is the mean of
// their figures. Errors are summed in float64. It panics if the shapes differ, and returns an error if nothing is left
// inside the border.
func (p Protocol) PSNR(a, b *tensor.Tensor) (float64, error) {
	return p.mean("imaging.PSNR", a, b, 1, func(x, y plane) float64 {
		rows := make([]float64, x.h)
		par.For(x.h, rowGrain, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				for j := i * x.w; j < (i+1)*x.w; j++ {
					d := x.v[j] - y.v[j]
					rows[i] += d * d
				}
			}
		})
		return total(rows) / float64(x.h*x.w)
	}, func(mse float64) float64 { return 10 * math.Log10(255*255/mse) })
}

// plane is one channel of a picture on the scale of 8 bits, in float64.
type plane struct {
	h, w int
	v    []float64
}

// mean applies measure to each pair of planes, averages over the channels of a picture, finishes each picture's figure
// and averages over the pictures. Planes with a side below least are an error.
func (p Protocol) mean(
	op string, a, b *tensor.Tensor, least int, measure func(x, y plane) float64, finish func(float64) float64,
) (float64, error) {
	if !tensor.SameShape(a, b) || a.Rank() != 3 && a.Rank() != 4 {
		panic(fmt.Sprintf("%s: want two pictures of one shape (H,W,C) or (N,H,W,C), got %s and %s",
			op, tensor.Format(a.Shape()), tensor.Format(b.Shape())))
	}
	channelsOf(op, a, 1, 3)
	if p.Border < 0 {
		panic(fmt.Sprintf("%s: negative border %d", op, p.Border))
	}
	h, w := a.Dim(-3), a.Dim(-2)
	if h-2*p.Border < least || w-2*p.Border < least {
		return 0, fmt.Errorf("%s: a picture of %d×%d pixels less a border of %d leaves no %d×%d pixels to compare",
			op, w, h, p.Border, least, least)
	}
	n := 1
	if a.Rank() == 4 {
		n = a.Dim(0)
	}
	if n == 0 {
		return 0, fmt.Errorf("%s: no pictures", op)
	}
	sum := 0.0
	for i := range n {
		one := 0.0
		xs, ys := p.planes(a, i, h, w), p.planes(b, i, h, w)
		for k := range xs {
			one += measure(xs[k], ys[k])
		}
		sum += finish(one / float64(len(xs)))
	}
	return sum / float64(n), nil
}

// planes returns what the protocol compares of picture i: rounded to 8 bits, without the border, the channels or their luma.
func (p Protocol) planes(x *tensor.Tensor, i, h, w int) []plane {
	c := x.Dim(-1)
	src := x.Data()[i*h*w*c : (i+1)*h*w*c]
	count := c
	if p.Y {
		count = 1
	}
	out := make([]plane, count)
	for k := range out {
		out[k] = plane{h: h - 2*p.Border, w: w - 2*p.Border}
		out[k].v = make([]float64, out[k].h*out[k].w)
	}
	lo, span := float64(p.Range[0]), float64(p.Range[1])-float64(p.Range[0])
	if span == 0 {
		lo, span = 0, 1
	}
	value := func(v float32) float64 { return level64((float64(v)-lo)/span, 255) }
	par.For(out[0].h, rowGrain, func(first, last int) {
		for y := first; y < last; y++ {
			for j := range out[0].w {
				px := src[((y+p.Border)*w+j+p.Border)*c:][:c]
				at := y*out[0].w + j
				if p.Y {
					out[0].v[at] = luma(value(px[0])/255, value(px[c/2])/255, value(px[c-1])/255)
					continue
				}
				for k, v := range px {
					out[k].v[at] = value(v)
				}
			}
		}
	})
	return out
}

// total adds in order, so that the sum does not depend on who computed the terms.
func total(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum
}
