package charcnnrnn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// Rows that are asked for their gradient, or that are not one-hot, go through the convolution. Vectors and gradients are the
// same.
func TestSumsOfRowsAreTheConvolution(t *testing.T) {
	e := charcnnrnn.New(charcnnrnn.Options{Conv: [3]int{8, 8, 8}, RNN: 8, Out: 8, Length: 72}, newRand(1))
	x := charcnnrnn.OneHot([]string{"a red heart", "", "Ω 2-3 birds", "zz"}, 72)
	pass := func(input func(tape *autograd.Tape) *autograd.Var) (*tensor.Tensor, []*tensor.Tensor) {
		tape := autograd.NewTape()
		bound := nn.Bind(tape, e)
		y := bound.Forward(input(tape), nil)
		return y.Value(), autograd.Grad(autograd.Sum(autograd.Square(y)), nn.Params(bound)...)
	}
	want, grads := pass(func(tape *autograd.Tape) *autograd.Var { return tape.Leaf(x) })
	got, same := pass(func(tape *autograd.Tape) *autograd.Var { return tape.Const(x) })
	tensortest.Close(t, tensortest.From(want), got, 1e-6)
	for i, g := range grads {
		tensortest.Close(t, tensortest.From(g), same[i], 1e-5)
	}
	half := tensor.Affine(x, 0.5, 0)
	want, _ = pass(func(tape *autograd.Tape) *autograd.Var { return tape.Leaf(half) })
	got, _ = pass(func(tape *autograd.Tape) *autograd.Var { return tape.Const(half) })
	require.Equal(t, want.Data(), got.Data())
}
