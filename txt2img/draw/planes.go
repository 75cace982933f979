package draw

import "github.com/gander-ml/gander/autograd"

// The canvas is (N,H,C·W): each row has the pixels of one channel side by side, then those of the next. So a bank of filters
// acts on the rows of all planes in one product, and on the columns in another, with nothing to be moved in between.

// planes returns pictures (N,H,W,C) in the order of the canvas.
func planes(x *autograd.Var) *autograd.Var {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	if c == 1 {
		return x.Reshape(n, h, w)
	}
	return autograd.Permute(x, 0, 1, 3, 2).Reshape(n, h, c*w)
}

// pixels is the inverse of planes, of c channels.
func pixels(x *autograd.Var, c int) *autograd.Var {
	n, h, w := x.Dim(0), x.Dim(1), x.Dim(2)/c
	if c == 1 {
		return x.Reshape(n, h, w, 1)
	}
	return autograd.Permute(x.Reshape(n, h, c, w), 0, 1, 3, 2)
}
