package autograd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestGradOfGradOfCube(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{1, -2, 3}, 3))
	y := autograd.Sum(autograd.Mul(x, autograd.Mul(x, x)))
	g := autograd.GradOnTape(y, x)
	require.Equal(t, []float32{3, 12, 27}, g[0].Value().Data())
	h := autograd.Grad(autograd.Sum(g[0]), x)
	require.Equal(t, []float32{6, -12, 18}, h[0].Data())
}

func TestGradReusesMemory(t *testing.T) {
	tape := autograd.NewTape()
	rng := rand.New(rand.NewPCG(1, 2))
	x, w := tensor.RandN(rng, 2, 8, 8, 4), tensor.RandN(rng, 3, 3, 4, 4)
	step := func() *tensor.Tensor {
		tape.Reset()
		h, k := tape.Leaf(x), tape.Leaf(w)
		for range 5 {
			h = autograd.Add(h, autograd.Tanh(autograd.Conv2D(h, k, tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1})))
		}
		return autograd.Grad(autograd.Mean(autograd.Square(h)), k)[0].Clone()
	}
	first := step()
	held := tape.Bytes()
	for range 3 {
		require.Equal(t, first.Data(), step().Data())
		require.Equal(t, held, tape.Bytes(), "a steady step must not need new memory")
	}
}

func TestGradPanicsWhereAGradientWouldBeLost(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.Full(2, 1))
	require.PanicsWithValue(t, "autograd.Grad: variable 0, constant (1), is not on the tape of the loss", func() {
		autograd.Grad(autograd.Sum(x), autograd.Const(tensor.New(1)))
	})
	require.PanicsWithValue(t, "autograd.Grad: want a loss of one element, got (3)", func() {
		autograd.Grad(tape.Leaf(tensor.New(3)), x)
	})
	require.PanicsWithValue(t, "autograd.Mine: recorded without a derivative", func() {
		autograd.Record("Mine", tensor.New(1), nil, x)
	})
	require.Panics(t, func() { autograd.Add(x, autograd.NewTape().Leaf(tensor.New(1))) })
	tape.Reset()
	require.PanicsWithValue(t, "autograd.Affine: an input was made before its tape was reset", func() { autograd.Neg(x) })
}

func TestGradOfIndependentVariableIsZero(t *testing.T) {
	tape := autograd.NewTape()
	x, y := tape.Leaf(tensor.Full(2, 3)), tape.Leaf(tensor.Full(1, 2))
	g := autograd.Grad(autograd.Sum(x), x, y)
	require.Equal(t, []float32{1, 1, 1}, g[0].Data())
	require.Equal(t, []float32{0, 0}, g[1].Data())
}
