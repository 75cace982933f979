package srgan

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// scenes returns pictures of shapes with sharp edges, which interpolation blurs and a network can learn to sharpen.
func scenes(n, side int) []*tensor.Tensor {
	rng := rand.New(rand.NewPCG(20, 20))
	var out []*tensor.Tensor
	for range n {
		p := tensor.Full(0.5, side, side, 3)
		for range 12 {
			cy, cx, r := rng.Float64()*float64(side), rng.Float64()*float64(side), 4+rng.Float64()*16
			color := [3]float32{rng.Float32(), rng.Float32(), rng.Float32()}
			for y := range side {
				for x := range side {
					if dy, dx := float64(y)-cy, float64(x)-cx; dy*dy+dx*dx < r*r {
						for c := range 3 {
							p.Set(color[c], y, x, c)
						}
					}
				}
			}
		}
		out = append(out, p)
	}
	return out
}

func TestTrainingImproves(t *testing.T) {
	photos := scenes(6, 96)
	patches, err := NewPatches(photos[:5], PatchOptions{Scale: 2, Size: 32, Batch: 8})
	require.NoError(t, err)
	g := NewSRResNet(Options{Scale: 2, Channels: 16, Blocks: 2, NoNorm: true}, rand.New(rand.NewPCG(21, 21)))
	measure := func() (network, bicubic float64) {
		scores, _, err := Evaluate(context.Background(), photos[5], 2, Bicubic(2), NewUpscaler(g).Method("network"))
		require.NoError(t, err)
		return scores[1].PSNR, scores[0].PSNR
	}
	before, bicubic := measure()
	run := train.Run{Steps: 250, Seed: 1, Progress: io.Discard}
	player := MSE(g, optim.Adam{Rate: 3e-3, Schedule: optim.Cosine{Over: 250}})
	require.NoError(t, train.Play(context.Background(), run, []train.Player[Pair]{player}, data.Source[Pair](patches)))
	after, _ := measure()
	t.Logf("%.2f dB before, %.2f dB after; bicubic %.2f dB", before, after, bicubic)
	require.Greater(t, after, before+10, "on a photo it has not seen")
}

func TestEveryParameterLearns(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	for _, o := range []Options{{Channels: 4, Blocks: 2}, {Channels: 4, Blocks: 2, NoNorm: true, SlopePerChannel: true}} {
		g := small(o, 23)
		tape := autograd.NewTape()
		bound := nn.Bind(tape, g)
		x, y := tensor.RandU(rng, 0, 1, 2, 6, 6, 3), tensor.RandU(rng, -1, 1, 2, 24, 24, 3)
		loss := nn.MSE(bound.Forward(tape.Const(x), &nn.Pass{Train: true}), autograd.Const(y))
		entries := nn.Walk(bound)
		for i, grad := range autograd.Grad(loss, nn.Params(bound)...) {
			require.NotZero(t, tensor.Norm(grad), "parameter %d of %d, %s", i, len(entries), tensor.Format(grad.Shape()))
		}
	}
}
