package srgan_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/srgan"
)

func TestInterpolate(t *testing.T) {
	net := func(seed uint64, blocks int) *srgan.SRResNet {
		return srgan.NewSRResNet(srgan.Options{Scale: 4, Channels: 4, Blocks: blocks}, rand.New(rand.NewPCG(seed, 0)))
	}
	for _, alpha := range []float64{0, 0.25, 1, 1.5} {
		g, b := net(1, 1), net(2, 1)
		require.NoError(t, srgan.Interpolate(g, b, alpha))
		from, to := nn.Walk(net(1, 1)), nn.Walk(b)
		for k, e := range nn.Walk(g) {
			for i, v := range e.Tensor().Data() {
				want := (1-alpha)*float64(from[k].Tensor().Data()[i]) + alpha*float64(to[k].Tensor().Data()[i])
				require.InDelta(t, want, v, 1e-6, e.Name)
			}
		}
	}
	icnr := srgan.NewSRResNet(srgan.Options{Scale: 4, Channels: 4, Blocks: 1, ICNR: true}, rand.New(rand.NewPCG(3, 0)))
	require.NoError(t, srgan.Interpolate(net(1, 1), icnr, 0.5))
	small := srgan.NewESPCN(srgan.ESPCNOptions{Scale: 4}, rand.New(rand.NewPCG(4, 0)))
	require.NoError(t, srgan.Interpolate(small, small, 0.5))
	for _, pair := range [][2]srgan.Network{{net(1, 1), net(1, 2)}, {net(1, 1), small}, {small, net(1, 1)}} {
		require.ErrorContains(t, srgan.Interpolate(pair[0], pair[1], 0.5), "nothing lies between")
	}
}
