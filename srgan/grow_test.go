package srgan

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestGrownNetworksEnlargeAsBefore(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	x := autograd.Const(tensor.RandU(rng, 0, 1, 2, 9, 7, 3))
	for _, o := range []Options{
		{Channels: 4, Blocks: 1, NoNorm: true},
		{Channels: 4, Blocks: 2, NoNorm: true, Scale: 2, SlopePerChannel: true, Reflect: true, Tanh: true},
	} {
		g := small(o, 5)
		want := g.Forward(x, nil)
		for _, to := range [][2]int{{4, 4}, {7, o.Blocks}, {12, 3}} {
			o.Channels, o.Blocks = to[0], to[1]
			grown, err := Grow(g, o, rng)
			require.NoError(t, err)
			require.Equal(t, to[0], grown.Options.Channels)
			require.Len(t, grown.Body, to[1])
			require.InDeltaSlice(t, want.Value().Data(), grown.Forward(x, nil).Value().Data(), 1e-5, "%+v", to)

			// All that is new takes part in what follows, if not in the very first update: new channels are heard once the
			// weights for them have moved.
			tape := autograd.NewTape()
			bound := nn.Bind(tape, grown)
			target := autograd.Const(tensor.RandU(rng, -1, 1, want.Shape()...))
			params := nn.Params(bound)
			for i, d := range autograd.Grad(nn.MSE(bound.Forward(x, &nn.Pass{Train: true}), target), params...) {
				w := params[i].Value()
				tensor.AddInto(w, w, tensor.Affine(d, -0.1, 0))
			}
			tape.Reset()
			bound = nn.Bind(tape, grown)
			params = nn.Params(bound)
			for i, d := range autograd.Grad(nn.MSE(bound.Forward(x, &nn.Pass{Train: true}), target), params...) {
				require.NotZero(t, tensor.Sum(tensor.Mul(d, d)).Item(), nn.Walk(grown)[i].Name)
			}
		}
	}
}

func TestGrowRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	g := NewSRResNet(Options{Channels: 8, Blocks: 2, NoNorm: true}, rng)
	for want, o := range map[string]Options{
		"only channels and blocks may differ":                    {Channels: 16, Blocks: 2, NoNorm: true, Scale: 2},
		"srgan: 2 blocks of 4 channels cannot grow from 2 of 8":  {Channels: 4, Blocks: 2, NoNorm: true},
		"srgan: 1 blocks of 16 channels cannot grow from 2 of 8": {Channels: 16, Blocks: 1, NoNorm: true},
		"srgan: scale 3 is not 2, 4 or 8":                        {Scale: 3},
	} {
		_, err := Grow(g, o, rng)
		require.ErrorContains(t, err, want)
	}
	_, err := Grow(NewSRResNet(Options{Channels: 8, Blocks: 2}, rng), Options{Channels: 16, Blocks: 2}, rng)
	require.EqualError(t, err, "srgan: only networks without normalisation and with pixel shuffles can grow")
}
