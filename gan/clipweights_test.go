package gan_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestClipWeights(t *testing.T) {
	w := autograd.Const(tensor.FromSlice([]float32{0.5, -0.5, 0.001}, 3))
	s := gan.ClipWeights{Rule: optim.SGD{Rate: 1}}.Init([]*autograd.Var{w})
	s.Step([]*tensor.Tensor{tensor.FromSlice([]float32{0, 0, 0.002}, 3)})
	require.InDeltaSlice(t, []float32{0.01, -0.01, -0.001}, w.Value().Data(), 1e-8)
	require.Equal(t, 1, s.Updates())
	require.InDelta(t, 1, s.Rate(), 0)

	game := gan.Game{Generator: newMLP(newRand(1), 2, 4, 2), Discriminator: newMLP(newRand(2), 2, 4, 1), Loss: gan.Wasserstein{}, Latent: gan.Normal(2)}
	players := game.Players(gan.ClipWeights{Rule: optim.RMSProp{Rate: 0.1}, Limit: 0.05}, optim.RMSProp{Rate: 1e-3})
	playThese(t, players, 3, points(8))
	for _, v := range values(game.Discriminator) {
		require.LessOrEqual(t, max(v, -v), float32(0.05))
	}
}
