package draw

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Window is where and how sharply a model looks at its canvas, for each of N pictures.
type Window struct {
	X, Y      *autograd.Var // (N,1), the centre in pixels, the first of which is 1
	Stride    *autograd.Var // (N,1), between two points of the grid, in pixels
	LogVar    *autograd.Var // (N,1), ln σ² of the Gaussian at each point
	Intensity *autograd.Var // (N,1), γ
}

// grid is the geometry of the windows of a model with n×n points on pictures of h×w pixels.
type grid struct {
	n, h, w    int
	offsets    *autograd.Var // (1,n), of the points from the centre, in strides
	rows, cols *autograd.Var // (1,1,h) and (1,1,w), the places of the pixels
}

func newGrid(n, h, w int) *grid {
	from1 := func(n int) *autograd.Var {
		return autograd.Const(tensor.Affine(tensor.Arange(n), 1, 1).Reshape(1, 1, n))
	}
	return &grid{n: n, h: h, w: w, offsets: autograd.Const(offsets(n)), rows: from1(h), cols: from1(w)}
}

// offsets returns i − n/2 − ½ for i = 1…n, which is symmetric. Released code counts i from 0 in the same formula, by which the
// grid lies half a stride or more off its centre.
func offsets(n int) *tensor.Tensor {
	t := tensor.New(1, n)
	for i := range n {
		t.Set(float32(i+1)-float32(n)/2-0.5, 0, i)
	}
	return t
}

// window reads p (N,5), the parameters that a layer gives: the centre (g̃_X, g̃_Y) with ±1 at the edges of the picture, and the
// logarithms of the variance, of the stride and of the intensity. Gregor et al. 2015, eqs. 21–24.
func (g *grid) window(p *autograd.Var) Window {
	five := autograd.Split(p, 1, 1, 1, 1, 1, 1)
	centre := func(v *autograd.Var, size int) *autograd.Var {
		half := float32(size+1) / 2
		return autograd.Affine(v, half, half)
	}
	stride := float32(max(g.h, g.w)-1) / float32(max(g.n-1, 1))
	return Window{
		X: centre(five[0], g.w), Y: centre(five[1], g.h),
		LogVar: five[2], Stride: autograd.Scale(autograd.Exp(five[3]), stride), Intensity: autograd.Exp(five[4]),
	}
}

// filters returns the banks F_Y (N,n,h) and F_X (N,n,w) of a window: each row is a Gaussian at a point of the grid, over all
// pixels, normalised to a sum of 1. Eqs. 25 and 26, as a softmax of the exponents, which stays exact where a point lies so far
// outside that all of its Gaussian vanishes in float32.
func (g *grid) filters(w Window) (fy, fx *autograd.Var) {
	n := w.X.Dim(0)
	precision := autograd.Scale(autograd.Exp(autograd.Neg(w.LogVar)), -0.5).Reshape(n, 1, 1)
	apart := autograd.Mul(w.Stride, g.offsets)
	bank := func(centre, pixels *autograd.Var) *autograd.Var {
		mean := autograd.Add(apart, centre).Reshape(n, g.n, 1)
		return autograd.Softmax(autograd.Mul(autograd.Square(autograd.Sub(pixels, mean)), precision))
	}
	return bank(w.Y, g.rows), bank(w.X, g.cols)
}

// read returns γ·F_Y·x·F_Xᵀ for each plane of x (N,h,planes·w), as (N,n·planes·n). Eq. 27.
func (g *grid) read(x *autograd.Var, w Window) *autograd.Var {
	fy, fx := g.filters(w)
	n := x.Dim(0)
	rows := autograd.MatMul(fy, x).Reshape(n, -1, g.w)
	glimpse := autograd.MatMulT(rows, fx, false, true).Reshape(n, -1)
	return autograd.Mul(glimpse, w.Intensity)
}

// write returns F_Yᵀ·p·F_X/γ for each plane of a patch p (N,n·planes·n), as (N,h,planes·w). Eq. 29.
func (g *grid) write(p *autograd.Var, w Window) *autograd.Var {
	fy, fx := g.filters(w)
	n := p.Dim(0)
	rows := autograd.MatMul(autograd.Div(p, w.Intensity).Reshape(n, -1, g.n), fx).Reshape(n, g.n, -1)
	return autograd.MatMulT(fy, rows, true, false)
}
