package txt2img

import (
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Batch is N pairs of pictures with captions.
type Batch struct {
	Right *tensor.Tensor // (N,S,S,3) with values in [-1,1]
	Text  *tensor.Tensor // (N,E): embedded captions of Right

	// Wrong are pictures that Text does not belong to, and WrongText captions that do not belong to Right: those of Wrong. A
	// game needs one of them unless its Mismatch is 0; see Game.OtherText. The other may be nil.
	Wrong     *tensor.Tensor // (N,S,S,3)
	WrongText *tensor.Tensor // (N,E)
}

// Len returns how many pairs there are.
func (b Batch) Len() int { return b.Right.Dim(0) }

// Shard returns part i of k of the batch, sharing memory, or an error if it cannot be cut into equal parts.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(b.Len(), i, k)
	if err != nil {
		return Batch{}, err
	}
	rows := func(t *tensor.Tensor) *tensor.Tensor {
		if t == nil {
			return nil
		}
		return t.Rows(lo, hi)
	}
	return Batch{Right: rows(b.Right), Text: rows(b.Text), Wrong: rows(b.Wrong), WrongText: rows(b.WrongText)}, nil
}
