package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// requireAllLearn fails if the gradient of a parameter is zero everywhere.
func requireAllLearn(t *testing.T, bound any, loss *autograd.Var) {
	t.Helper()
	grads := autograd.Grad(loss, nn.Params(bound)...)
	i := 0
	for _, e := range nn.Walk(bound) {
		if e.Param != nil {
			require.NotZero(t, tensor.Norm(grads[i]), "no gradient reaches %s", e.Name)
			require.True(t, tensor.AllFinite(grads[i]), e.Name)
			i++
		}
	}
	require.NotZero(t, i)
}

func TestEveryParameterLearns(t *testing.T) {
	rng := newRand()
	image, rows := tensor.RandN(rng, 2, 6, 6, 4), tensor.RandN(rng, 3, 4)
	for _, c := range []struct {
		name  string
		layer any
		x     *tensor.Tensor
	}{
		{"linear", nn.NewLinear(4, 3, nn.LinearOptions{}, rng), rows},
		{"conv", nn.NewConv2D(4, 6, 3, nn.ConvOptions{Pad: 1, Groups: 2}, rng), image},
		{"conv reflect", nn.NewConv2D(4, 6, 3, nn.ConvOptions{Pad: 1, PadMode: tensor.PadReflect}, rng), image},
		{"conv1d", nn.NewConv1D(4, 6, 3, nn.Conv1DOptions{Pad: 1}, rng), tensor.RandN(rng, 2, 5, 4)},
		{"transposed", nn.NewConvTranspose2D(4, 6, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng), image},
		{"batch norm", nn.NewBatchNorm2D(4, nn.BatchNormOptions{}), image},
		{"instance norm", nn.NewInstanceNorm2D(4, nn.NormOptions{}), image},
		{"layer norm", nn.NewLayerNorm(4, nn.NormOptions{}), image},
		{"group norm", nn.NewGroupNorm(2, 4, nn.NormOptions{}), image},
		{"prelu", nn.NewPReLU(nn.PReLUOptions{}), image},
		{"prelu of channels", nn.NewPReLU(nn.PReLUOptions{Channels: 4}), image},
		{"masked", nn.NewMaskedConv2D(nn.MaskB, 4, 6, 3, nn.MaskedOptions{}, rng), image},
		{"spectral norm", nn.NewSpectralNorm(nn.NewConv2D(4, 6, 3, nn.ConvOptions{}, rng), rng), image},
		{"spectral norm of linear", nn.NewSpectralNorm(nn.NewLinear(4, 6, nn.LinearOptions{}, rng), rng), rows},
		{"maxout", nn.Sequential{nn.NewLinear(4, 6, nn.LinearOptions{}, rng), nn.Maxout{Pieces: 3}}, tensor.RandN(rng, 40, 4)},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape := autograd.NewTape()
			bound := nn.Bind(tape, nn.NewSequential(c.layer))
			y := bound.Forward(autograd.Const(c.x), &nn.Pass{Train: true, Rand: newRand()})
			// A random direction: the sum of a norm's results does not depend on its input.
			requireAllLearn(t, bound, along(y, tensor.RandN(rng, y.Shape()...)))
		})
	}
}
