package pixelrnn

import (
	"fmt"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
)

// A training step on 16 binarised digits of 28×28.
func BenchmarkStep(b *testing.B) {
	const batch = 16
	for _, o := range []Options{
		{Kind: PixelCNN, Hidden: 32, Layers: 7},
		{Kind: RowLSTM, Hidden: 32, Layers: 3},
		{Kind: DiagonalBiLSTM, Hidden: 32, Layers: 1},
		{Kind: DiagonalBiLSTM, Hidden: 16, Layers: 7},
	} {
		o.Height, o.Width, o.Channels, o.Values = 28, 28, 1, 2
		b.Run(fmt.Sprintf("%s/h%d/layers%d", o.Kind, o.Hidden, o.Layers), func(b *testing.B) {
			rng := newRand(1)
			m := New(o, rng)
			opt := optim.RMSProp{Rate: 1e-3}.Init(nn.Params(m))
			x := values(m, batch, rng)
			tape := autograd.NewTape()
			for b.Loop() {
				tape.Reset()
				bound := nn.Bind(tape, m)
				leaf := tape.Const(x)
				opt.Step(autograd.Grad(nn.BCEWithLogits(bound.Forward(leaf, nil, nil), leaf, nil), nn.Params(bound)...))
			}
			b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
