package srgan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Perceptual is a distance between images that follows what people see better than pixels do: that of their feature maps φ,
// made of unit length at each pixel,
//
//	1/maps Σ 1/(w·h) Σ |φ(x)/|φ(x)| − φ(y)/|φ(y)||²
//
// It lies between 0, for equal images, and 4, or 2 for maps that are not negative. Zhang et al. 2018, eq. 1, without the weights
// that they learn from judgements of people, so that the figures are not those of LPIPS; they are to be compared only among
// distances over the same network, whose name belongs beside them.
type Perceptual struct{ Features Features }

// Name says what the distance is measured over.
func (p Perceptual) Name() string { return "perceptual distance over " + p.Features.Name() }

// unitEps keeps the length of a pixel that no feature responds to from being 0, and its derivative finite.
const unitEps = 1e-10

// Value returns the distance, of one element, between x and y (N,H,W,3) with values in [-1,1], averaged over N.
func (p Perceptual) Value(x, y *autograd.Var) *autograd.Var {
	a, b := p.Features.Maps(x), p.Features.Maps(y)
	if len(a) == 0 || len(a) != len(b) {
		panic(fmt.Sprintf("srgan.Perceptual: %s made %d and %d maps", p.Features.Name(), len(a), len(b)))
	}
	var sum *autograd.Var
	for i := range a {
		if a[i].Rank() != 4 || !tensor.SameShape(a[i].Value(), b[i].Value()) {
			panic(fmt.Sprintf("srgan.Perceptual: %s made maps of %v and %v, want two equal shapes (N,h,w,c)", p.Features.Name(), a[i], b[i]))
		}
		// The mean over channels, too, times their number is the sum over them.
		d := autograd.Mean(autograd.Square(autograd.Sub(unit(a[i]), unit(b[i]))))
		d = autograd.Scale(d, float32(float64(a[i].Dim(3))/float64(len(a))))
		if sum != nil {
			d = autograd.Add(sum, d)
		}
		sum = d
	}
	return sum
}

// Distance returns the distance between two pictures (H,W,3) with values in [0,1]. It is an error if they differ in size.
func (p Perceptual) Distance(x, y *tensor.Tensor) (float64, error) {
	if x.Rank() != 3 || x.Dim(2) != 3 || !tensor.SameShape(x, y) {
		return 0, fmt.Errorf("srgan: no %s between pictures of %s and %s", p.Name(), tensor.Format(x.Shape()), tensor.Format(y.Shape()))
	}
	image := func(t *tensor.Tensor) *autograd.Var {
		return autograd.Const(tensor.Affine(t, 2, -1).Reshape(1, t.Dim(0), t.Dim(1), 3))
	}
	return float64(p.Value(image(x), image(y)).Item()), nil
}

// unit returns x (N,H,W,C) divided by the length of the channels at each pixel.
func unit(x *autograd.Var) *autograd.Var {
	length := autograd.Sqrt(autograd.Shift(autograd.Sum(autograd.Square(x), 3), unitEps))
	s := x.Shape()
	return autograd.Div(x, autograd.Reshape(length, s[0], s[1], s[2], 1))
}
