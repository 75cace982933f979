package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
)

// Dropout sets each value to zero with probability Rate in training and divides the others by 1−Rate, so that the
// expected value stays and inference does nothing. The zero value drops nothing. Srivastava et al. 2014.
type Dropout struct{ Rate float32 }

// Forward drops values of x with the random numbers of the pass. It panics if Rate is not in [0, 1), or if a training
// pass has no Rand.
func (l Dropout) Forward(x *autograd.Var, pass *Pass) *autograd.Var {
	return drop("nn.Dropout", x, l.Rate, x.Shape(), pass)
}

// Dropout2D is [Dropout] of whole channels: each channel of each sample of x (N,…,C) is kept or dropped as one.
// Tompson et al. 2015, §3.2.
type Dropout2D struct{ Rate float32 }

// Forward drops channels of x with the random numbers of the pass. It panics if Rate is not in [0, 1), or if a training
// pass has no Rand.
func (l Dropout2D) Forward(x *autograd.Var, pass *Pass) *autograd.Var {
	mask := make([]int, x.Rank())
	for i := range mask {
		mask[i] = 1
		if i == 0 || i == len(mask)-1 {
			mask[i] = x.Dim(i)
		}
	}
	return drop("nn.Dropout2D", x, l.Rate, mask, pass)
}

// drop multiplies x by a random mask of the given shape.
func drop(op string, x *autograd.Var, rate float32, shape []int, pass *Pass) *autograd.Var {
	if !(rate >= 0 && rate < 1) {
		panic(fmt.Sprintf("%s: the rate must be in [0, 1), got %g", op, rate))
	}
	if !pass.Training() || rate == 0 {
		return x
	}
	if pass.Rand == nil {
		panic(op + ": a training pass needs Rand")
	}
	mask := autograd.Alloc(shape, x)
	keep := 1 / (1 - rate)
	data := mask.Data()
	for i := range data {
		data[i] = 0
		if pass.Rand.Float32() >= rate {
			data[i] = keep
		}
	}
	return autograd.Mul(x, autograd.Const(mask))
}
