package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestSequential(t *testing.T) {
	rng := newRand()
	conv, norm := nn.NewConv2D(2, 3, 3, nn.ConvOptions{}, rng), nn.NewBatchNorm2D(3, nn.BatchNormOptions{})
	passes := 0
	s := nn.NewSequential(conv, norm, autograd.ReLU, nn.Dropout{Rate: 0.5},
		func(x *autograd.Var, pass *nn.Pass) *autograd.Var {
			if pass.Training() {
				passes++
			}
			return x
		},
		nn.NewSequential(nn.NewPReLU(nn.PReLUOptions{})))
	x := autograd.Const(tensor.RandN(rng, 2, 5, 5, 2))
	want := autograd.PReLU(autograd.ReLU(norm.Forward(conv.Forward(x), nil)), autograd.Const(tensor.Full(0.25, 1)))
	require.Equal(t, want.Value().Data(), s.Forward(x, nil).Value().Data())
	require.Zero(t, passes)
	pass := &nn.Pass{Train: true, Rand: newRand()}
	s.Forward(x, pass)
	require.Equal(t, 1, passes)
	pass.Commit()
	require.NotZero(t, tensor.Norm(norm.RunningMean))

	require.Equal(t, []string{
		"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "5.0.weight",
	}, names(s))
	// In a struct, the layers can stand for the network itself.
	net := &struct {
		Layers nn.Sequential `nn:"."`
	}{s}
	require.Equal(t, names(s), names(net))

	message := "nn.NewSequential: element 1, a int, is no layer: it has no method Forward(x) or Forward(x, pass)"
	require.PanicsWithValue(t, message, func() { nn.NewSequential(conv, 3) })
	require.Panics(t, func() { nn.Sequential{conv, 3}.Forward(x, nil) })
}
