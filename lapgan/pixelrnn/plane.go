package pixelrnn

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// To draw a pixel, only what depends on it needs computing; everything before stays as it is. So each layer keeps what later
// pixels will look at, and computes one pixel after the other. A pixel is computed once for each of its colours, since a
// colour depends on those before it; what the last of these computations leaves is final, for no layer sees the last colour
// of its own pixel.

// stepper is a layer that computes one pixel after the other.
type stepper interface {
	// row is called when a row begins: all above it is final.
	row(r int)

	// pixel returns x (N,2h), the layer's input at a pixel, plus what the layer adds to it. It may be called for a pixel
	// again; the last call counts.
	pixel(r, c int, x *tensor.Tensor) *tensor.Tensor
}

// sizes are those of the images that are drawn.
type sizes struct{ n, h, w int }

// plane holds the values (N,C) of every pixel, and zeros for what is outside.
type plane struct {
	sizes
	x *tensor.Tensor // (H·W+1,N,C)
}

func (s sizes) plane(channels int) plane { return plane{s, tensor.New(s.h*s.w+1, s.n, channels)} }

func (p plane) channels() int { return p.x.Dim(2) }

// index returns where the values of a pixel are.
func (p plane) index(r, c int) int {
	if r < 0 || r >= p.h || c < 0 || c >= p.w {
		return p.h * p.w
	}
	return r*p.w + c
}

// get returns the values of a pixel, sharing memory.
func (p plane) get(r, c int) *tensor.Tensor {
	i := p.index(r, c)
	return p.x.Rows(i, i+1).Reshape(p.n, p.channels())
}

// row returns the values of a row (W,N,C), sharing memory.
func (p plane) row(r int) *tensor.Tensor { return p.x.Rows(r*p.w, (r+1)*p.w) }

func (p plane) put(r, c int, x *tensor.Tensor) { p.get(r, c).CopyFrom(x) }

// pixelConv is a masked convolution that computes one pixel.
type pixelConv struct {
	w      *tensor.Tensor // (taps·in,out), of the taps up to the centre
	bias   *tensor.Tensor // (out)
	kh, kw int
}

func newPixelConv(l *nn.MaskedConv2D) pixelConv {
	w := tensor.Mul(l.Conv.Weight.Value(), l.Mask)
	kh, kw, in, out := w.Dim(0), w.Dim(1), w.Dim(2), w.Dim(3)
	taps := kh/2*kw + kw/2 + 1
	return pixelConv{w: w.Reshape(kh*kw*in, out).Rows(0, taps*in), bias: l.Conv.Bias.Value(), kh: kh, kw: kw}
}

// point is a 1×1 convolution of the values x (N,in) of a pixel.
func (l pixelConv) point(x *tensor.Tensor) *tensor.Tensor {
	return tensor.Add(tensor.MatMul(x, l.w), l.bias)
}

// at returns the values (N,out) at a pixel.
func (l pixelConv) at(p plane, r, c int) *tensor.Tensor {
	index := make([]int, 0, l.kh/2*l.kw+l.kw/2+1)
	for i := range l.kh/2 + 1 {
		for j := range l.kw {
			if i < l.kh/2 || j <= l.kw/2 {
				index = append(index, p.index(r+i-l.kh/2, c+j-l.kw/2))
			}
		}
	}
	patch := tensor.Permute(tensor.Gather(p.x, index), 1, 0, 2)
	return l.point(patch.Reshape(p.n, len(index)*p.channels()))
}

// pixelCondition holds what the condition adds at every pixel.
type pixelCondition struct {
	plane
	some bool
}

func newPixelCondition(c Conditioning, s sizes, given condition) pixelCondition {
	var sum *autograd.Var
	switch {
	case c.Low != nil:
		sum = c.add(autograd.Const(tensor.New(s.n, s.h, s.w, c.Low.Weight.Dim(3))), given)
	case c.Class != nil:
		sum = c.add(autograd.Const(tensor.New(s.n, s.h, s.w, c.Class.Weight.Dim(1))), given)
	default:
		return pixelCondition{}
	}
	k := sum.Dim(3)
	x := tensor.Permute(sum.Value().Reshape(s.n, s.h*s.w, k), 1, 0, 2)
	return pixelCondition{plane{s, x}, true}
}

func (c pixelCondition) add(r, col int, x *tensor.Tensor) *tensor.Tensor {
	if !c.some {
		return x
	}
	return tensor.Add(x, c.get(r, col))
}

func relu(x *tensor.Tensor) *tensor.Tensor { return tensor.LeakyReLU(x, 0) }
