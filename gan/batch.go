package gan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Batch is real examples, with what is known about each where the game has a [Condition].
type Batch struct {
	Images   *tensor.Tensor // (N, …); usually pictures (N,H,W,C) with values in [-1,1]
	Classes  []int          // N numbers of classes, or nil
	Vectors  *tensor.Tensor // (N,D), such as texts, or nil
	Pictures *tensor.Tensor // (N,H,W,C), such as sketches or low-pass versions, or nil
}

// Len returns how many examples there are.
func (b Batch) Len() int { return b.Images.Dim(0) }

// Shard returns part i of k of the batch, sharing memory, or an error if it cannot be cut into equal parts.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(b.Len(), i, k)
	if err != nil {
		return Batch{}, err
	}
	return b.rows(lo, hi), nil
}

func (b Batch) rows(lo, hi int) Batch {
	out := Batch{Images: b.Images.Rows(lo, hi)}
	if b.Classes != nil {
		out.Classes = b.Classes[lo:hi:hi]
	}
	if b.Vectors != nil {
		out.Vectors = b.Vectors.Rows(lo, hi)
	}
	if b.Pictures != nil {
		out.Pictures = b.Pictures.Rows(lo, hi)
	}
	return out
}

// Example is one example of a [Batch].
type Example struct {
	Image   *tensor.Tensor // (H,W,C)
	Class   int            // -1 for all examples of a set without classes
	Vector  *tensor.Tensor // (D), or nil
	Picture *tensor.Tensor // (H,W,C), or nil
}

// Collate makes a batch of examples; it is a Collate of [data.Loader]. All of them must have, or lack, the same things.
func Collate(examples []Example, rng *rand.Rand) (b Batch, err error) {
	pick := func(what string, of func(Example) *tensor.Tensor) *tensor.Tensor {
		var list []*tensor.Tensor
		for _, e := range examples {
			if x := of(e); x != nil {
				list = append(list, x)
			}
		}
		if err != nil || len(list) == 0 {
			return nil
		}
		if len(list) < len(examples) {
			err = fmt.Errorf("gan: only %d of %d examples of a batch have %s", len(list), len(examples), what)
			return nil
		}
		var out *tensor.Tensor
		out, err = data.Stack(list, rng)
		return out
	}
	b.Images = pick("an image", func(e Example) *tensor.Tensor { return e.Image })
	b.Vectors = pick("a vector", func(e Example) *tensor.Tensor { return e.Vector })
	b.Pictures = pick("a picture", func(e Example) *tensor.Tensor { return e.Picture })
	if err == nil && b.Images == nil {
		err = fmt.Errorf("gan: a batch of %d examples without images", len(examples))
	}
	known := 0
	for _, e := range examples {
		if e.Class >= 0 {
			known++
		}
		b.Classes = append(b.Classes, e.Class)
	}
	switch {
	case known == 0:
		b.Classes = nil
	case known < len(examples) && err == nil:
		err = fmt.Errorf("gan: only %d of %d examples of a batch have a class", known, len(examples))
	}
	return b, err
}
