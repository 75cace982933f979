package metric

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/tensor"
)

// Images is pictures that are read or made a block at a time. Block returns the pictures lo to hi−1, (hi−lo, H, W, C). It is
// called for one block after the other, from the first to the last, each once, so a generator may draw from one
// stream of random numbers. labelled.Images is one; so is what [InMemory] and [Generated] return.
type Images interface {
	Len() int
	Block(lo, hi int) (*tensor.Tensor, error)
}

// InMemory returns the pictures of a tensor (N, H, W, C).
func InMemory(x *tensor.Tensor) Images {
	return Generated(x.Dim(0), func(lo, hi int) (*tensor.Tensor, error) { return x.Rows(lo, hi), nil })
}

// Generated returns n pictures that are made when they are asked for.
func Generated(n int, block func(lo, hi int) (*tensor.Tensor, error)) Images {
	return generated{n, block}
}

type generated struct {
	n     int
	block func(lo, hi int) (*tensor.Tensor, error)
}

func (g generated) Len() int                                 { return g.n }
func (g generated) Block(lo, hi int) (*tensor.Tensor, error) { return g.block(lo, hi) }

// Block is how many pictures are in memory at a time. It is part of what fixes the last bits of a result, and so no option.
const Block = 100

// eachBlock hands the pictures to f, block by block. Pictures of the wrong shape, outside [0, 1] or not numbers are errors:
// networks answer anything with features, and the figure would be about the mistake.
func eachBlock(m Images, f func(lo int, x *tensor.Tensor) error) error {
	n := m.Len()
	if n == 0 {
		return fmt.Errorf("metric: no pictures")
	}
	for lo := 0; lo < n; lo += Block {
		hi := min(lo+Block, n)
		x, err := m.Block(lo, hi)
		if err != nil {
			return fmt.Errorf("metric: pictures %d to %d: %w", lo, hi-1, err)
		}
		if x.Rank() != 4 || x.Dim(0) != hi-lo {
			return fmt.Errorf("metric: asked for %d pictures (N,H,W,C), got %s", hi-lo, tensor.Format(x.Shape()))
		}
		if err := checkRange(x, lo); err != nil {
			return err
		}
		if err := f(lo, x); err != nil {
			return err
		}
	}
	return nil
}

// checkRange allows for rounding.
func checkRange(x *tensor.Tensor, first int) error {
	const slack = 1e-4
	each := x.Len() / x.Dim(0)
	for i, v := range x.Data() {
		switch {
		case math.IsNaN(float64(v)):
			return fmt.Errorf("metric: picture %d holds NaN", first+i/each)
		case v < -slack || v > 1+slack:
			return fmt.Errorf("metric: picture %d holds %g; want values in [0, 1]: map [-1, 1] by (x+1)/2, and clamp", first+i/each, v)
		}
	}
	return nil
}
