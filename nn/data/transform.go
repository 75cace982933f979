package data

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

// Transform makes one picture (H, W, C) of another, as a function of what it draws from rng alone. It leaves its argument
// as it is, and may return it.
type Transform func(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor

// Chain applies transforms one after the other.
func Chain(ts ...Transform) Transform {
	return func(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
		for _, t := range ts {
			x = t(x, rng)
		}
		return x
	}
}

// RandomCrop cuts h×w pixels out of a random place. It panics if a picture is smaller.
func RandomCrop(h, w int) Transform {
	return func(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
		wantSize("data.RandomCrop", x, h, w)
		top := rng.IntN(x.Dim(0) - h + 1)
		return Crop(x, top, rng.IntN(x.Dim(1)-w+1), h, w)
	}
}

// CentreCrop cuts h×w pixels out of the middle. It panics if a picture is smaller.
func CentreCrop(h, w int) Transform {
	return func(x *tensor.Tensor, _ *rand.Rand) *tensor.Tensor {
		wantSize("data.CentreCrop", x, h, w)
		return Crop(x, (x.Dim(0)-h)/2, (x.Dim(1)-w)/2, h, w)
	}
}

// CentreSquare cuts the largest square out of the middle.
func CentreSquare(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
	side := min(x.Dim(0), x.Dim(1))
	return CentreCrop(side, side)(x, rng)
}

// ResizeTo makes pictures h×w pixels.
func ResizeTo(h, w int, method tensor.ResizeMethod) Transform {
	return func(x *tensor.Tensor, _ *rand.Rand) *tensor.Tensor {
		wantSize("data.ResizeTo", x, 1, 1)
		y := tensor.Resize(x.Reshape(1, x.Dim(0), x.Dim(1), x.Dim(2)), h, w, method)
		return y.Reshape(h, w, x.Dim(2))
	}
}

// ResizeShort makes the shorter side of pictures n pixels long and keeps their proportions.
func ResizeShort(n int, method tensor.ResizeMethod) Transform {
	return func(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
		wantSize("data.ResizeShort", x, 1, 1)
		h, w := x.Dim(0), x.Dim(1)
		if h < w {
			return ResizeTo(n, max(n, (w*n+h/2)/h), method)(x, rng)
		}
		return ResizeTo(max(n, (h*n+w/2)/w), n, method)(x, rng)
	}
}

// RandomMirror mirrors every other picture left to right, at random.
func RandomMirror(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
	if rng.IntN(2) == 0 {
		return x
	}
	return Turn(x, 1)
}

// RandomFlip turns every other picture upside down, at random.
func RandomFlip(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
	if rng.IntN(2) == 0 {
		return x
	}
	return Turn(x, 2)
}

// RandomRotate rotates pictures by 0°, 90°, 180° or 270°, at random.
func RandomRotate(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
	return Turn(x, [4]int{0, 6, 3, 5}[rng.IntN(4)])
}

// RandomTurn puts pictures down in one of the eight ways a square can lie, at random.
func RandomTurn(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor { return Turn(x, rng.IntN(8)) }

// Normalise maps channel c to (x − mean[c]) / std[c]. A single mean or std counts for all channels.
func Normalise(mean, std []float32) Transform {
	return func(x *tensor.Tensor, _ *rand.Rand) *tensor.Tensor {
		c := x.Dim(-1)
		if n := len(mean); n != 1 && n != c || len(std) != 1 && len(std) != c {
			panic(fmt.Sprintf("data.Normalise: want 1 or %d means and deviations, got %d and %d", c, len(mean), len(std)))
		}
		return tensor.Div(tensor.Sub(x, tensor.FromSlice(mean, len(mean))), tensor.FromSlice(std, len(std)))
	}
}

// Signed maps pictures from [0, 1] to [-1, 1].
func Signed(x *tensor.Tensor, _ *rand.Rand) *tensor.Tensor { return tensor.Affine(x, 2, -1) }

// Crop returns h×w pixels of a picture (H, W, C), from row top and column left. It panics unless they lie within.
func Crop(x *tensor.Tensor, top, left, h, w int) *tensor.Tensor {
	wantRank("data.Crop", x)
	return tensor.Crop2D(x.Reshape(1, x.Dim(0), x.Dim(1), x.Dim(2)), top, left, h, w).Reshape(h, w, x.Dim(2))
}

// Turn puts a picture (H, W, C) down in one of eight ways: bit 0 of way mirrors it left to right, bit 1 top to bottom, and
// then bit 2 swaps rows and columns.
func Turn(x *tensor.Tensor, way int) *tensor.Tensor {
	wantRank("data.Turn", x)
	switch way & 3 {
	case 1:
		x = tensor.Flip(x, 1)
	case 2:
		x = tensor.Flip(x, 0)
	case 3:
		x = tensor.Flip(x, 0, 1)
	}
	if way&4 != 0 {
		x = tensor.Permute(x, 1, 0, 2)
	}
	return x
}

func wantRank(op string, x *tensor.Tensor) {
	if x.Rank() != 3 {
		panic(fmt.Sprintf("%s: want a picture (H,W,C), got %s", op, tensor.Format(x.Shape())))
	}
}

func wantSize(op string, x *tensor.Tensor, h, w int) {
	wantRank(op, x)
	if x.Dim(0) < h || x.Dim(1) < w {
		panic(fmt.Sprintf("%s: want a picture of at least %d×%d pixels, got %s", op, h, w, tensor.Format(x.Shape())))
	}
}
