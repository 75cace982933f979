package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Maxout takes the largest of each Pieces neighbouring channels: unit u of the result is the maximum over p < Pieces of
// channel u·Pieces+p. x is (…,units·Pieces) and y is (…,units). Behind a linear layer or a convolution it makes a maxout
// layer. Goodfellow et al. 2013.
type Maxout struct{ Pieces int }

// Forward returns the maxima. The gradient goes to the first of equal values. It panics unless Pieces divides the
// channels.
func (l Maxout) Forward(x *autograd.Var) *autograd.Var {
	if l.Pieces < 1 || x.Rank() < 1 || x.Dim(-1)%l.Pieces != 0 {
		panic(fmt.Sprintf("nn.Maxout: the channels of %s cannot be split into pieces of %d", tensor.Format(x.Shape()), l.Pieces))
	}
	shape := append([]int{}, x.Shape()...)
	shape[len(shape)-1] /= l.Pieces
	return autograd.Max(x.Reshape(append(shape, l.Pieces)...), -1)
}
