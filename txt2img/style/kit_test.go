package style_test

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

const (
	latent = 4
	width  = 6 // of texts
	side   = 16
)

// painter is a small generator with random weights: what it paints depends on the noise and on the text.
type painter struct {
	Noise *nn.Linear          `nn:"noise"`
	Text  *nn.Linear          `nn:"text"`
	Norm  *nn.BatchNorm2D     `nn:"norm"`
	Up    *nn.ConvTranspose2D `nn:"up"`
}

func newPainter(seed uint64) *painter {
	rng := newRand(seed)
	return &painter{
		Noise: nn.NewLinear(latent, 8*8*4, nn.LinearOptions{Init: nn.HeNormal}, rng),
		Text:  nn.NewLinear(width, 8*8*4, nn.LinearOptions{Init: nn.HeNormal}, rng),
		Norm:  nn.NewBatchNorm2D(4, nn.BatchNormOptions{}),
		Up:    nn.NewConvTranspose2D(4, 3, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1, Init: nn.HeNormal}, rng),
	}
}

func (p *painter) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := autograd.Add(p.Noise.Forward(z), p.Text.Forward(text)).Reshape(-1, 8, 8, 4)
	return autograd.Tanh(p.Up.Forward(autograd.LeakyReLU(p.Norm.Forward(h, pass), 0.2)))
}

// blind paints from the text alone.
type blind struct{ *painter }

func (b blind) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	return b.painter.Forward(autograd.Scale(z, 0), text, pass)
}

func newEncoder(seed uint64) *style.Encoder {
	return style.New(style.Options{Size: side, Latent: latent, Width: 8}, newRand(seed))
}

// bank is captions of 30 pictures, three of each.
func bank() style.Bank { return style.NewBank(tensor.RandN(newRand(7), 30, 3, width)) }

func play(t *testing.T, g style.Game, steps int) train.Record {
	t.Helper()
	var last train.Record
	run := train.Run{Steps: steps, Seed: 3, Progress: io.Discard, OnLog: func(r train.Record) error {
		last = r
		return nil
	}}
	player := []train.Player[*tensor.Tensor]{g.Player(optim.Adam{Rate: 2e-3, Beta1: 0.5})}
	require.NoError(t, train.Play(context.Background(), run, player, bank().Batches(32, 2)))
	return last
}

func values(m any) []float32 {
	var out []float32
	for _, e := range nn.Walk(m) {
		out = append(out, e.Tensor().Data()...)
	}
	return out
}
