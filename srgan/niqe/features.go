package niqe

import (
	"math"

	"github.com/gander-ml/gander/tensor"
)

// plane is a picture of one channel.
type plane struct {
	h, w int
	pix  []float64
}

// luma returns the grey values of (H,W,3) or (H,W,1) in [0,1] on the scale of 8 bits, made from a picture of 8 bits and
// rounded, as by MATLAB's rgb2gray.
func luma(x *tensor.Tensor) plane {
	p := plane{h: x.Dim(0), w: x.Dim(1), pix: make([]float64, x.Dim(0)*x.Dim(1))}
	c := x.Dim(2)
	for i := range p.pix {
		px := x.Data()[i*c : (i+1)*c]
		byteOf := func(v float32) float64 { return math.Floor(float64(min(max(v, 0), 1))*255 + 0.5) }
		p.pix[i] = byteOf(px[0])
		if c == 3 {
			p.pix[i] = math.Floor(0.2989*byteOf(px[0]) + 0.5870*byteOf(px[1]) + 0.1140*byteOf(px[2]) + 0.5)
		}
	}
	return p
}

// crop returns the part of p that begins at the origin.
func (p plane) crop(h, w int) plane {
	out := plane{h: h, w: w, pix: make([]float64, 0, h*w)}
	for y := range h {
		out.pix = append(out.pix, p.pix[y*p.w:y*p.w+w]...)
	}
	return out
}

// half returns p at half its size, antialiased, by MATLAB's imresize.
func (p plane) half() plane {
	x := tensor.New(1, p.h, p.w, 1)
	for i, v := range p.pix {
		x.Data()[i] = float32(v)
	}
	y := tensor.Resize(x, p.h/2, p.w/2, tensor.Bicubic)
	out := plane{h: p.h / 2, w: p.w / 2, pix: make([]float64, y.Len())}
	for i, v := range y.Data() {
		out.pix[i] = float64(v)
	}
	return out
}

// windowRadius and windowSigma are the Gaussian that local means are taken with: 7×7 pixels.
const (
	windowRadius = 3
	windowSigma  = 7.0 / 6
)

// blur returns p under the window, with the border repeated outside.
func (p plane) blur() plane {
	var taps [2*windowRadius + 1]float64
	sum := 0.0
	for i := range taps {
		d := float64(i-windowRadius) / windowSigma
		taps[i] = math.Exp(-d * d / 2)
		sum += taps[i]
	}
	pass := func(src []float64, n, stride, lines, across int) []float64 {
		out := make([]float64, len(src))
		for l := range lines {
			for i := range n {
				v := 0.0
				for k, t := range taps {
					j := min(max(i+k-windowRadius, 0), n-1)
					v += t * src[l*across+j*stride]
				}
				out[l*across+i*stride] = v / sum
			}
		}
		return out
	}
	rows := pass(p.pix, p.w, 1, p.h, p.w)
	return plane{p.h, p.w, pass(rows, p.h, p.w, p.w, 1)}
}

// normalise returns (p−μ)/(σ+1) with the local mean μ and deviation σ, and σ itself.
func (p plane) normalise() (normal, deviation plane) {
	squares := plane{p.h, p.w, make([]float64, len(p.pix))}
	for i, v := range p.pix {
		squares.pix[i] = v * v
	}
	mean, square := p.blur(), squares.blur()
	normal = plane{p.h, p.w, make([]float64, len(p.pix))}
	for i, v := range p.pix {
		s := math.Sqrt(math.Abs(square.pix[i] - mean.pix[i]*mean.pix[i]))
		square.pix[i] = s
		normal.pix[i] = (v - mean.pix[i]) / (s + 1)
	}
	return normal, square
}

// perScale is how many numbers describe a patch at one size: 2 for its values and 4 for each direction of neighbours.
const perScale = 2 + 4*4

// describe appends the numbers of the patch of side n at (y,x).
func (p plane) describe(to []float64, y, x, n int) []float64 {
	at := func(i, j int) float64 { return p.pix[(y+i)*p.w+x+j] }
	values := make([]float64, 0, n*n)
	for i := range n {
		for j := range n {
			values = append(values, at(i, j))
		}
	}
	d := fitAGGD(values)
	to = append(to, d.alpha, (d.left+d.right)/2)
	for _, s := range [][2]int{{0, 1}, {1, 0}, {1, 1}, {1, -1}} { // to the right, below, and along both diagonals
		values = values[:0]
		for i := range n - s[0] {
			for j := max(0, -s[1]); j < n-max(0, s[1]); j++ {
				values = append(values, at(i, j)*at(i+s[0], j+s[1]))
			}
		}
		d := fitAGGD(values)
		to = append(to, d.alpha, d.mean(), d.left, d.right)
	}
	return to
}

// patch is a part of a picture as numbers.
type patch struct {
	features  []float64 // at full size, then at half
	sharpness float64   // the mean local deviation
}

// patches cuts a picture into squares of side n and describes them. Those for which a distribution cannot be fitted, such
// as flat ones, are left out.
func patches(p plane, n int) []patch {
	rows, columns := p.h/n, p.w/n
	if rows == 0 || columns == 0 {
		return nil
	}
	p = p.crop(rows*n, columns*n)
	full, deviation := p.normalise()
	half, _ := p.half().normalise()
	var out []patch
	for r := range rows {
		for c := range columns {
			f := full.describe(make([]float64, 0, 2*perScale), r*n, c*n, n)
			f = half.describe(f, r*n/2, c*n/2, n/2)
			if !allFinite(f) {
				continue
			}
			sharp := 0.0
			for i := range n {
				for j := range n {
					sharp += deviation.pix[(r*n+i)*p.w+c*n+j]
				}
			}
			out = append(out, patch{f, sharp / float64(n*n)})
		}
	}
	return out
}

func allFinite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
