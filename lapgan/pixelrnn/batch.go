package pixelrnn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Batch is images with what they are conditioned on.
type Batch struct {
	X       *tensor.Tensor // (N,H,W,C) of whole numbers
	Low     *tensor.Tensor // (N,H,W,Low), or nil
	Classes []int          // or nil
}

func (b Batch) condition() Condition { return Condition{Low: b.Low, Classes: b.Classes} }

func (b Batch) rows(lo, hi int) Batch {
	out := Batch{X: b.X.Rows(lo, hi)}
	if b.Low != nil {
		out.Low = b.Low.Rows(lo, hi)
	}
	if b.Classes != nil {
		out.Classes = b.Classes[lo:hi]
	}
	return out
}

// Shard returns part i of k of the batch, or an error if it cannot be cut into equal parts.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(b.X.Dim(0), i, k)
	if err != nil {
		return Batch{}, err
	}
	return b.rows(lo, hi), nil
}

// Binarise returns images in which a value v in [0,1] became 1 with probability v, and 0 otherwise: binarised MNIST as it is
// usually made, anew for each batch.
func Binarise(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor {
	return tensor.Sign(tensor.LeakyReLU(tensor.Sub(x, tensor.RandU(rng, 0, 1, x.Shape()...)), 0))
}
