package gan

import (
	"fmt"
	"slices"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Condition is what both players are told about an example. A network that takes a condition by itself gets it as it is;
// to the input of one that does not it is joined, see [Join].
type Condition interface {
	// Of returns the conditions of a batch, (N, …). It panics if the batch lacks them.
	Of(b Batch) *tensor.Tensor
}

// Class is the condition of a class, one of so many, as a vector with a 1 at its place. Mirza & Osindero 2014.
type Class int

// Of implements [Condition].
func (k Class) Of(b Batch) *tensor.Tensor {
	if len(b.Classes) != b.Len() {
		panic(fmt.Sprintf("gan.Class: want a class for each of %d examples, got %d", b.Len(), len(b.Classes)))
	}
	return k.Encode(b.Classes...)
}

// Encode returns the vectors (N,k) of classes. It panics if a number is not in [0,k).
func (k Class) Encode(classes ...int) *tensor.Tensor {
	out := tensor.New(len(classes), int(k))
	for i, c := range classes {
		if c < 0 || c >= int(k) {
			panic(fmt.Sprintf("gan.Class: class %d is not in [0,%d)", c, int(k)))
		}
		out.Set(1, i, c)
	}
	return out
}

// Vector is the condition of the batch's Vectors, such as encoded texts.
type Vector struct{}

// Of implements [Condition].
func (Vector) Of(b Batch) *tensor.Tensor { return given("gan.Vector", "Vectors", b, b.Vectors) }

// Picture is the condition of the batch's Pictures.
type Picture struct{}

// Of implements [Condition].
func (Picture) Of(b Batch) *tensor.Tensor { return given("gan.Picture", "Pictures", b, b.Pictures) }

func given(op, what string, b Batch, y *tensor.Tensor) *tensor.Tensor {
	if y == nil || y.Dim(0) != b.Len() {
		panic(fmt.Sprintf("%s: the batch lacks %s for its %d examples", op, what, b.Len()))
	}
	return y
}

// Join appends conditions to the input of a network along its last axis: vectors (N,D) to vectors, pictures (N,H,W,D) to
// pictures of the same size, and vectors to pictures as D more planes, each of one value. A nil y leaves x as it is. It
// panics for other shapes.
func Join(x, y *autograd.Var) *autograd.Var {
	if y == nil {
		return x
	}
	if x.Rank() == 4 && y.Rank() == 2 && x.Dim(0) == y.Dim(0) {
		n, h, w, d := x.Dim(0), x.Dim(1), x.Dim(2), y.Dim(1)
		y = autograd.BroadcastTo(y.Reshape(n, 1, 1, d), n, h, w, d)
	}
	r := x.Rank()
	if r < 2 || y.Rank() != r || !slices.Equal(x.Shape()[:r-1], y.Shape()[:r-1]) {
		panic(fmt.Sprintf("gan.Join: the condition %s cannot be joined to %s; a network that takes both has Forward(x, y, pass)",
			tensor.Format(y.Shape()), tensor.Format(x.Shape())))
	}
	return autograd.Concat(-1, x, y)
}
