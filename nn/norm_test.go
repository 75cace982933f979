package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestInstanceNormAgreesWithPyTorch(t *testing.T) {
	load("instance_norm").requireLayer(t, nn.NewInstanceNorm2D(3, nn.NormOptions{}),
		func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.InstanceNorm2D).Forward(x) }, convNames)
}

func TestGroupNormAgreesWithPyTorch(t *testing.T) {
	load("group_norm").requireLayer(t, nn.NewGroupNorm(2, 6, nn.NormOptions{}),
		func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.GroupNorm).Forward(x) }, convNames)
}

func TestLayerNormAgreesWithPyTorch(t *testing.T) {
	r := load("layer_norm")
	layer := nn.NewLayerNorm(7, nn.NormOptions{})
	r.fill(t, layer, convNames)
	tape := autograd.NewTape()
	bound := nn.Bind(tape, layer)
	x := tape.Leaf(r.tensor(t, "x"))
	y := bound.Forward(x)
	requireClose(t, "y", r.tensor(t, "y"), y.Value())
	loss := along(y, r.tensor(t, "grad.y"))
	r.requireGrads(t, bound, loss, convNames)
	requireClose(t, "grad.x", r.tensor(t, "grad.x"), autograd.Grad(loss, x)[0])

	// One vector is normalised as one of many.
	first := bound.Forward(autograd.Const(tensor.FromSlice(r["x"].Data[:7], 7)))
	requireClose(t, "one row", tensor.FromSlice(r["y"].Data[:7], 7), first.Value())
}

func TestNormsWithoutAffine(t *testing.T) {
	x := tensor.RandN(newRand(), 2, 5, 4, 6)
	for name, layer := range map[string]nn.Plain{
		"instance": nn.NewInstanceNorm2D(6, nn.NormOptions{NoAffine: true}),
		"layer":    nn.NewLayerNorm(6, nn.NormOptions{NoAffine: true}),
		"group":    nn.NewGroupNorm(3, 6, nn.NormOptions{NoAffine: true}),
	} {
		require.Empty(t, nn.Params(layer), name)
		y := layer.Forward(autograd.Const(x)).Value()
		require.InDelta(t, 0, tensor.Mean(y).Item(), 1e-5, name)
		require.InDelta(t, 1, tensor.Mean(tensor.Square(y)).Item(), 1e-3, name)
	}
}

func TestNormPanics(t *testing.T) {
	require.PanicsWithValue(t, "nn.NewGroupNorm: 6 channels cannot be split into 4 groups", func() { nn.NewGroupNorm(4, 6, nn.NormOptions{}) })
	require.PanicsWithValue(t, "nn.NewLayerNorm: 0 channels", func() { nn.NewLayerNorm(0, nn.NormOptions{}) })
	require.PanicsWithValue(t, "nn.InstanceNorm2D: want (N,H,W,3) with more than one pixel, got (2,1,1,3)", func() {
		nn.NewInstanceNorm2D(3, nn.NormOptions{}).Forward(autograd.Const(tensor.New(2, 1, 1, 3)))
	})
	require.Panics(t, func() { nn.NewGroupNorm(2, 6, nn.NormOptions{}).Forward(autograd.Const(tensor.New(2, 4))) })
	require.Panics(t, func() { nn.NewLayerNorm(6, nn.NormOptions{}).Forward(autograd.Const(tensor.New(2, 4))) })
}
