package lapgan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Size is a height and a width in pixels.
type Size struct{ H, W int }

// Squares returns the sizes of square images.
func Squares(sides ...int) []Size {
	out := make([]Size, len(sides))
	for i, n := range sides {
		out[i] = Size{n, n}
	}
	return out
}

// Decompose returns the Laplacian pyramid of images x (N,H,W,C) with the given sizes, from coarse to fine, the last of which
// is x's own: the coarsest image and one residual for each finer size,
//
//	I_K = x made smaller again and again,  h_k = I_k − u(I_{k+1})
//
// where u makes images larger. [Collapse] inverts it for any operator. Sums may be differentiated. It panics unless sizes
// grow and end with x's. Burt & Adelson 1983.
func Decompose(op Operator, x *autograd.Var, sizes []Size) (coarsest *autograd.Var, residuals []*autograd.Var) {
	images := gaussian(op, x, sizes)
	for k := 1; k < len(images); k++ {
		low := op.Up(images[k-1], sizes[k].H, sizes[k].W)
		residuals = append(residuals, autograd.Sub(images[k], low))
	}
	return images[0], residuals
}

// Collapse returns the images that [Decompose] took apart: from the coarsest on, each image is made larger to the size of the
// next residual, which is added.
func Collapse(op Operator, coarsest *autograd.Var, residuals []*autograd.Var) *autograd.Var {
	x := coarsest
	for _, h := range residuals {
		x = autograd.Add(op.Up(x, h.Dim(1), h.Dim(2)), h)
	}
	return x
}

// gaussian returns x in all sizes, coarse to fine, each made from the next finer one.
func gaussian(op Operator, x *autograd.Var, sizes []Size) []*autograd.Var {
	last := len(sizes) - 1
	if x.Rank() != 4 || last < 0 || sizes[last] != (Size{x.Dim(1), x.Dim(2)}) {
		panic(fmt.Sprintf("lapgan: images %s have no pyramid of sizes %v, coarse to fine", tensor.Format(x.Shape()), sizes))
	}
	images := make([]*autograd.Var, len(sizes))
	images[last] = x
	for k := last - 1; k >= 0; k-- {
		images[k] = op.Down(images[k+1], sizes[k].H, sizes[k].W)
	}
	return images
}

// Stage is one size of a [Chain].
type Stage struct {
	Image    *tensor.Tensor // (N,h,w,C)
	Low      *tensor.Tensor // the image before it made larger; nil at the coarsest size
	Residual *tensor.Tensor // Image − Low; nil at the coarsest size
}

// Chain is N images from coarse to fine, with what each size adds.
type Chain struct {
	Stages  []Stage
	Classes []int // of the images, or nil
}

// Build returns the pyramid of images x (N,H,W,C) with everything in between, see [Decompose].
func Build(op Operator, x *tensor.Tensor, sizes []Size) *Chain {
	c := &Chain{}
	for k, image := range gaussian(op, autograd.Const(x), sizes) {
		s := Stage{Image: image.Value()}
		if k > 0 {
			s.Low = up(op, c.Stages[k-1].Image, sizes[k])
			s.Residual = tensor.Sub(s.Image, s.Low)
		}
		c.Stages = append(c.Stages, s)
	}
	return c
}

// up returns x made larger.
func up(op Operator, x *tensor.Tensor, to Size) *tensor.Tensor {
	return op.Up(autograd.Const(x), to.H, to.W).Value()
}

// Len returns how many images there are.
func (c *Chain) Len() int { return c.Stages[0].Image.Dim(0) }

// Result returns the finest images.
func (c *Chain) Result() *tensor.Tensor { return c.Stages[len(c.Stages)-1].Image }

// Coarsest returns what the images begin with, for [Pyramid.Redraw].
func (c *Chain) Coarsest() Start { return Start{Images: c.Stages[0].Image, Classes: c.Classes} }
