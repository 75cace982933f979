package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestLinearAgreesWithPyTorch(t *testing.T) {
	r := load("linear")
	w := r["w"].Shape
	r.requireLayer(t, nn.NewLinear(w[1], w[0], nn.LinearOptions{}, newRand()),
		func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.Linear).Forward(x) }, convNames)
}

func TestLinearOptions(t *testing.T) {
	l := nn.NewLinear(3, 4, nn.LinearOptions{NoBias: true}, newRand())
	require.Equal(t, 12, nn.NumParams(l))
	require.Equal(t, 16, nn.NumParams(nn.NewLinear(3, 4, nn.LinearOptions{}, newRand())))
	require.Equal(t, []int{2, 5, 4}, l.Forward(autograd.Const(tensor.New(2, 5, 3))).Shape())
	require.PanicsWithValue(t, "nn.NewLinear: Flatten 2×2×2 does not have 7 elements", func() {
		nn.NewLinear(7, 4, nn.LinearOptions{Flatten: [3]int{2, 2, 2}}, newRand())
	})
	require.PanicsWithValue(t, "nn.NewLinear: want positive sizes, got 0 to 4", func() { nn.NewLinear(0, 4, nn.LinearOptions{}, newRand()) })
	require.Panics(t, func() { l.Forward(autograd.Const(tensor.New(2, 4))) })
}

func TestConv1DAgreesWithPyTorch(t *testing.T) {
	for _, name := range []string{"conv1d_k4", "conv1d_k3s2p1"} {
		r := load(name)
		w := r["w"].Shape
		layer := nn.NewConv1D(w[1], w[0], w[2], nn.Conv1DOptions{
			Stride: setting(t, name, "stride")[0], Pad: setting(t, name, "pad")[0],
		}, newRand())
		r.requireLayer(t, layer, func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.Conv1D).Forward(x) }, convNames)
	}
	l := nn.NewConv1D(3, 4, 3, nn.Conv1DOptions{PadExtra: [2]int{2, 0}, PadMode: tensor.PadReplicate, NoBias: true}, newRand())
	require.Equal(t, []int{2, 7, 4}, l.Forward(autograd.Const(tensor.New(2, 7, 3))).Shape())
	require.PanicsWithValue(t, "nn.Conv1D: want (N,L,3), got (2,3)", func() { l.Forward(autograd.Const(tensor.New(2, 3))) })
}
