package charcnnrnn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// ViewCount is how many views of a picture [Views] makes.
const ViewCount = 10

// larger is the side that a picture is enlarged to before a square of the given side is cut out of it: 76 for 64, as the GANs
// have it.
func larger(side int) int { return (side*76 + 63) / 64 }

// Views returns ten views (10,side,side,3) of a picture (H,W,3): its corners and its centre when it is made 76/64 of side
// large, and these five mirrored.
func Views(x *tensor.Tensor, side int) *tensor.Tensor {
	n := larger(side)
	big := resized(x, n)
	far, mid := n-side, (n-side)/2
	out := tensor.New(ViewCount, side, side, 3)
	for i, at := range [5][2]int{{0, 0}, {0, far}, {far, 0}, {far, far}, {mid, mid}} {
		view := data.Crop(big, at[0], at[1], side, side)
		copy(out.Rows(i, i+1).Data(), view.Data())
		copy(out.Rows(5+i, 6+i).Data(), tensor.Flip(view, 1).Data())
	}
	return out
}

// randomView returns a square of a picture that is made between 1 and 76/64 times side large, mirrored every other time.
func randomView(x *tensor.Tensor, side int, mirror bool, rng *rand.Rand) *tensor.Tensor {
	n := side + rng.IntN(larger(side)-side+1)
	top, left := rng.IntN(n-side+1), rng.IntN(n-side+1)
	view := data.Crop(resized(x, n), top, left, side, side)
	if mirror && rng.IntN(2) == 1 {
		view = tensor.Flip(view, 1)
	}
	return view
}

func resized(x *tensor.Tensor, side int) *tensor.Tensor {
	if x.Dim(0) == side && x.Dim(1) == side {
		return x
	}
	y := tensor.Resize(x.Reshape(1, x.Dim(0), x.Dim(1), x.Dim(2)), side, side, tensor.Bilinear)
	return y.Reshape(side, side, x.Dim(2))
}

// Whole returns the pictures of a set, whole, as an [Image] takes them: (n,side,side,3) with values in [-1,1].
func Whole(m *labelled.Images, side int) (*tensor.Tensor, error) {
	return gather(m, side, 1, func(x *tensor.Tensor) *tensor.Tensor { return resized(x, side) })
}

// Features returns the vectors (n,10,E) that an encoder has for the [Views] of the pictures of a set. It is what [Joint] takes
// in place of pictures when the encoder stays as it is.
func Features(image *Image, m *labelled.Images) (*tensor.Tensor, error) {
	side := image.Options.Size
	out := tensor.New(m.Len(), ViewCount, image.Options.Out)
	for i := range m.Len() {
		views, err := gather(m.Slice(i, i+1), side, ViewCount, func(x *tensor.Tensor) *tensor.Tensor { return Views(x, side) })
		if err != nil {
			return nil, err
		}
		copy(out.Rows(i, i+1).Data(), image.Encode(views).Data())
	}
	return out, nil
}

// gather stacks what f makes of the pictures of a set, per of each, with values in [-1,1].
func gather(m *labelled.Images, side, per int, f func(x *tensor.Tensor) *tensor.Tensor) (*tensor.Tensor, error) {
	if m.Channels != 3 {
		return nil, fmt.Errorf("charcnnrnn: pictures of %d channels; want 3", m.Channels)
	}
	out := tensor.New(m.Len()*per, side, side, 3)
	for i := range m.Len() {
		x, err := m.At(i)
		if err != nil {
			return nil, err
		}
		tensor.AffineInto(out.Rows(i*per, (i+1)*per), f(x.Image).Reshape(per, side, side, 3), 2, -1)
	}
	return out, nil
}
