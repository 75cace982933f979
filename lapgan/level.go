package lapgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/tensor"
)

// Level is one level of a pyramid: a distribution of residuals given the enlarged image of the level before it, or of whole
// images at the coarsest level. Anything with this method may be one.
type Level interface {
	// Sample draws one result for each of the N conditions: (N,h,w,C), the shape of given.Low, or images of the level's
	// own size where that is nil. It is a function of its arguments alone.
	Sample(given Given, rng *rand.Rand) *tensor.Tensor
}

// Likelihood is a [Level] that knows how likely its results are.
type Likelihood interface {
	Level

	// LogProb returns the logarithm of the density, in nats, of each of the N results x (N,h,w,C).
	LogProb(x *tensor.Tensor, given Given) []float64
}

// LevelFunc makes a level of a function.
type LevelFunc func(given Given, rng *rand.Rand) *tensor.Tensor

// Sample implements [Level].
func (f LevelFunc) Sample(given Given, rng *rand.Rand) *tensor.Tensor { return f(given, rng) }

// Given is what N results of a level depend on.
type Given struct {
	N       int
	Low     *tensor.Tensor // (N,h,w,C), the low-pass images; nil at the coarsest level
	Classes []int          // N classes; nil where none are asked for
	Vectors *tensor.Tensor // (N,K), in place of one-hot classes; may be nil
}

// rows returns the conditions lo to hi−1, sharing memory.
func (g Given) rows(lo, hi int) Given {
	out := Given{N: hi - lo}
	if g.Low != nil {
		out.Low = g.Low.Rows(lo, hi)
	}
	if g.Classes != nil {
		out.Classes = g.Classes[lo:hi]
	}
	if g.Vectors != nil {
		out.Vectors = g.Vectors.Rows(lo, hi)
	}
	return out
}

// wantLow panics unless there are low-pass images as a network needs them.
func (g Given) wantLow(op string, side, channels int) {
	if g.Low == nil {
		panic(fmt.Sprintf("%s: this level needs low-pass images of %d×%d; it cannot be the coarsest", op, side, side))
	}
	if s := g.Low.Shape(); len(s) != 4 || s[0] != g.N || s[1] != side || s[2] != side || s[3] != channels {
		panic(fmt.Sprintf("%s: want low-pass images (%d,%d,%d,%d), got %s", op, g.N, side, side, channels, tensor.Format(s)))
	}
}

// classes returns the classes as vectors for a network that knows so many, or the vectors in their place; nil if it knows none.
func (g Given) classes(op string, known int) *autograd.Var {
	if known == 0 {
		return nil
	}
	if v := g.Vectors; v != nil {
		if v.Rank() != 2 || v.Dim(0) != g.N || v.Dim(1) != known {
			panic(fmt.Sprintf("%s: want vectors (%d,%d), got %s", op, g.N, known, tensor.Format(v.Shape())))
		}
		return autograd.Const(v)
	}
	if len(g.Classes) != g.N {
		panic(fmt.Sprintf("%s: this level needs a class for each of %d images, got %d", op, g.N, len(g.Classes)))
	}
	return autograd.Const(gan.Class(known).Encode(g.Classes...))
}
