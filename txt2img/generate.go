package txt2img

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// GeneratorTerms is the generator's loss in one turn, for [train.Player]. The discriminator is frozen: gradients flow through
// it, but none are computed for its weights.
func (g Game) GeneratorTerms(s *train.Step, b Batch) train.Terms {
	texts, weights := g.texts(b.Text, s.Pass.Rand)
	text := s.Const(texts)
	z := s.Const(g.latent().Draw(text.Dim(0), s.Pass.Rand))
	fake := train.Use(s, g.Generator).Forward(z, text, s.Pass)
	logits := g.Discriminator.Forward(g.show(s, g.change(s, fake), fake), text, s.Pass)
	loss := nn.BCEWithLogitsTo(logits, 1, nil)
	if weights != nil {
		if logits.Len() != text.Dim(0) {
			panic(fmt.Sprintf("txt2img.Game: for interpolation the discriminator must return logits (%d,1), got %s", text.Dim(0), tensor.Format(logits.Shape())))
		}
		loss = nn.BCEWithLogitsTo(logits.Reshape(-1, 1), 1, s.Const(weights))
	}
	terms := train.Terms{{Name: "loss", Weight: 1, Value: loss}}
	return append(terms, gan.Variety(b.Right, fake.Value().Rows(0, b.Len()))...)
}

// texts returns what the generator is to paint of the texts (N,E) of a batch, and the weights (…,1) of its losses, nil if all
// are 1.
func (g Game) texts(text *tensor.Tensor, rng *rand.Rand) (all, weights *tensor.Tensor) {
	if !g.Interpolate {
		return text, nil
	}
	n, width := text.Dim(0), text.Dim(1)
	half := n / 2
	if half == 0 {
		panic("txt2img.Game: to interpolate captions a batch, or its shards, must have two at least")
	}
	all, weights = tensor.New(n+half, width), tensor.Full(1, n+half, 1)
	all.Rows(0, n).CopyFrom(text)
	for i := range half {
		to := float32(0.5)
		if g.Extrapolate {
			to = 2*rng.Float32() - 1
		}
		row := all.Rows(n+i, n+i+1)
		tensor.AffineInto(row, text.Rows(i, i+1), 1-to, 0)
		tensor.AddScaledInto(row, text.Rows(half+i, half+i+1), to)
		weights.Set(float32(either(g.InterpolationWeight, 1)), n+i, 0)
	}
	return all, weights
}
