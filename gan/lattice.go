package gan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// latticeBlocks is the side of a window in blocks of period×period pixels: large enough that texture, which is different in each
// block, averages out, and small enough that a lattice that depends on the colour does not.
const latticeBlocks = 8

// LatticeLoss is the part of the error of y that repeats at every period pixels, where layers that enlarge leave their mark: the mean
// square, over the windows of 8×8 blocks of period×period pixels, the places within a block and the channels, of the mean over the
// blocks of y-real. A generator can lay a lattice over an image sooner than it can draw texture, and a discriminator that looks for
// detail takes it for that; this loss does not see texture, and takes the lattice away. y and real are (N,H,W,C), the second an image
// that the first could have been, of the same low-resolution image; what is left over of H and W is not looked at. It panics if their
// shapes differ or no block fits in.
func LatticeLoss(y, real *autograd.Var, period int) *autograd.Var {
	if y.Rank() != 4 || !tensor.SameShape(y.Value(), real.Value()) || period < 1 || min(y.Dim(1), y.Dim(2)) < period {
		panic(fmt.Sprintf("gan.LatticeLoss: want two equal shapes (N,H,W,C) of at least %d pixels a side, got %v and %v", period, y, real))
	}
	rows, across := windows(y.Dim(1), period)
	columns, along := windows(y.Dim(2), period)
	d := autograd.Sub(y, real)
	if h, w := rows*across*period, columns*along*period; h < d.Dim(1) || w < d.Dim(2) {
		d = autograd.Crop2D(d, 0, 0, h, w)
	}
	d = d.Reshape(y.Dim(0)*rows, across, period, columns, along, period*y.Dim(3))
	return autograd.Mean(autograd.Square(autograd.Mean(d, 1, 4)))
}

// windows returns how many windows fit in so many pixels, and how many blocks each has.
func windows(pixels, period int) (n, blocks int) {
	blocks = min(latticeBlocks, pixels/period)
	return pixels / (blocks * period), blocks
}
