package nn

import "github.com/gander-ml/gander/autograd"

// Flatten views each sample as a vector: (N,H,W,C) becomes (N,H·W·C), with the elements in that order. For a linear layer
// behind it, see [LinearOptions].
type Flatten struct{}

// Forward returns the view.
func (Flatten) Forward(x *autograd.Var) *autograd.Var {
	size := 1
	for _, n := range x.Shape()[1:] {
		size *= n
	}
	return x.Reshape(x.Dim(0), size)
}

// Unflatten views vectors as images: (N,H·W·C) becomes (N,H,W,C).
type Unflatten struct{ H, W, C int }

// Forward returns the view. It panics unless the sizes fit.
func (l Unflatten) Forward(x *autograd.Var) *autograd.Var { return x.Reshape(x.Dim(0), l.H, l.W, l.C) }
