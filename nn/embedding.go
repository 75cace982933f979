package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Embedding is a table of learned vectors, one for each word or class.
type Embedding struct {
	Weight *autograd.Var `nn:"weight"` // (count,size)
}

// NewEmbedding returns a table of count vectors of the given size, drawn from N(0, 1) unless init, which may be nil, says
// otherwise. It panics if a size is not positive.
func NewEmbedding(count, size int, init Init, rng *rand.Rand) *Embedding {
	if count < 1 || size < 1 {
		panic(fmt.Sprintf("nn.NewEmbedding: want positive sizes, got %d vectors of %d", count, size))
	}
	if init == nil {
		init = Normal(1)
	}
	return &Embedding{Weight: newWeight(init, rng, count, size)}
}

// Forward returns the vectors of the given indices, (shape…,size); without a shape, (len(index),size). It panics if an
// index is out of range or the shape does not hold as many.
func (l *Embedding) Forward(index []int, shape ...int) *autograd.Var {
	y := autograd.Gather(l.Weight, index)
	if len(shape) == 0 {
		return y
	}
	full := append(append([]int{}, shape...), l.Weight.Dim(1))
	for _, n := range shape {
		if n < 0 {
			panic("nn.Embedding: impossible shape " + tensor.Format(shape))
		}
	}
	return y.Reshape(full...)
}
