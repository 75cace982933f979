package srgan

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

// BenchmarkStep is a training step of SRResNet-MSE on 16 patches of 24×24 (Ledig et al. 2017, §3.2).
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		name string
		o    Options
	}{{"paper", Options{}}, {"compact", Options{Channels: 32, Blocks: 10, NoNorm: true}}} {
		b.Run(c.name, func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			g := NewSRResNet(c.o, rng)
			x, y := tensor.RandU(rng, 0, 1, 16, 24, 24, 3), tensor.RandU(rng, -1, 1, 16, 96, 96, 3)
			opt := optim.Adam{Rate: 1e-4}.Init(nn.Params(g))
			tape, pass := autograd.NewTape(), &nn.Pass{Train: true}
			step := func() {
				tape.Reset()
				bound := nn.Bind(tape, g)
				loss := nn.MSE(bound.Forward(tape.Const(x), pass), autograd.Const(y))
				opt.Step(autograd.Grad(loss, nn.Params(bound)...))
				pass.Commit()
			}
			step()
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
			b.ReportMetric(float64(tape.Bytes())/(1<<20), "arena-MiB")
		})
	}
}
