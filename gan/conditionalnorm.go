package gan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// ConditionalNorm is batch norm whose scale and shift depend on the condition,
//
//	out = (1+A·y+a)·norm(x) + B·y+b
//
// x is (N,H,W,C) or (N,C) and y (N,D): vectors, or classes as [Class] encodes them, for which A and B are tables. A, a, B
// and b start at zero. Made without a condition it is plain batch norm. Dumoulin et al. 2017; de Vries et al. 2017.
type ConditionalNorm struct {
	Norm  *nn.BatchNorm2D `nn:"norm"`
	Scale *nn.Linear      `nn:"scale"` // A and a; nil without a condition
	Shift *nn.Linear      `nn:"shift"` // B and b; nil without a condition
}

// NewConditionalNorm returns the norm of so many channels under conditions of a size, 0 for none.
func NewConditionalNorm(channels, condition int, rng *rand.Rand) *ConditionalNorm {
	l := &ConditionalNorm{Norm: nn.NewBatchNorm2D(channels, nn.BatchNormOptions{NoAffine: condition > 0})}
	if condition > 0 {
		zero := nn.LinearOptions{Init: nn.Constant(0)}
		l.Scale = nn.NewLinear(condition, channels, zero, rng)
		l.Shift = nn.NewLinear(condition, channels, zero, rng)
	}
	return l
}

// Forward normalises x under the conditions y, which are nil if the layer was made without. It panics if they do not fit.
func (l *ConditionalNorm) Forward(x, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := l.Norm.Forward(x, pass)
	if l.Scale == nil {
		wantCondition("gan.ConditionalNorm", 0, y)
		return h
	}
	wantCondition("gan.ConditionalNorm", l.Scale.Weight.Dim(0), y)
	shape := make([]int, x.Rank())
	for i := range shape {
		shape[i] = 1
	}
	shape[0], shape[len(shape)-1] = x.Dim(0), x.Dim(-1)
	scale := autograd.Shift(l.Scale.Forward(y), 1).Reshape(shape...)
	return autograd.Add(autograd.Mul(h, scale), l.Shift.Forward(y).Reshape(shape...))
}

// wantCondition panics unless y is (N,size), or nil for size 0.
func wantCondition(op string, size int, y *autograd.Var) {
	switch {
	case size == 0 && y != nil:
		panic(op + ": got a condition, but was made without")
	case size > 0 && y == nil:
		panic(fmt.Sprintf("%s: want conditions (N,%d), got none", op, size))
	case size > 0 && (y.Rank() != 2 || y.Dim(1) != size):
		panic(fmt.Sprintf("%s: want conditions (N,%d), got %s", op, size, tensor.Format(y.Shape())))
	}
}
