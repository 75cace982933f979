package nn

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
)

// Layer is what depends on the circumstances of a pass, such as [BatchNorm2D], [Dropout], or a network.
type Layer interface {
	Forward(x *autograd.Var, pass *Pass) *autograd.Var
}

// Plain is a layer that does not.
type Plain interface {
	Forward(x *autograd.Var) *autograd.Var
}

// Sequential is a network of layers that follow one another. Each element is a [Layer], a [Plain] layer, or a function of
// one of these forms, such as autograd.ReLU:
//
//	nn.Sequential{
//		nn.NewConv2D(3, 64, 4, nn.ConvOptions{Stride: 2, Pad: 1}, rng),
//		nn.NewBatchNorm2D(64, nn.BatchNormOptions{}),
//		nn.LeakyReLU{Slope: 0.2},
//	}
//
// In checkpoints, layers are called by their index, functions included: 0.weight, 1.running_mean, ….
type Sequential []any

// NewSequential returns the layers as a network. Unlike a literal, it panics at once if one of them is no layer.
func NewSequential(layers ...any) Sequential {
	for i, l := range layers {
		if !isLayer(l) {
			panic(fmt.Sprintf("nn.NewSequential: element %d, a %T, is no layer: it has no method Forward(x) or Forward(x, pass)", i, l))
		}
	}
	return layers
}

// Forward hands x through the layers in their order. It panics if an element is no layer.
func (s Sequential) Forward(x *autograd.Var, pass *Pass) *autograd.Var {
	for i, l := range s {
		switch l := l.(type) {
		case Layer:
			x = l.Forward(x, pass)
		case Plain:
			x = l.Forward(x)
		case func(*autograd.Var) *autograd.Var:
			x = l(x)
		case func(*autograd.Var, *Pass) *autograd.Var:
			x = l(x, pass)
		default:
			panic(fmt.Sprintf("nn.Sequential: element %d, a %T, is no layer: it has no method Forward(x) or Forward(x, pass)", i, l))
		}
	}
	return x
}

func isLayer(l any) bool {
	switch l.(type) {
	case Layer, Plain, func(*autograd.Var) *autograd.Var, func(*autograd.Var, *Pass) *autograd.Var:
		return true
	}
	return false
}
