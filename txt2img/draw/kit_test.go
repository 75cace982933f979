package draw

import (
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// small are options of models of every kind that are small enough for tests.
func small(c Conditioning) Options {
	o := Options{Height: 6, Width: 7, Channels: 2, Steps: 3, Hidden: 5, Latent: 3, Read: 2, Write: 3, Text: c}
	switch {
	case c.reads():
		o.Words, o.Language, o.Ink = 6, 4, -1
	case c == Sentence:
		o.Sentence = 4
	}
	if c == Aligned {
		o.Align = 5
	}
	return o
}

var kinds = []Conditioning{Free, Aligned, Averaged, Final, Sentence}

// someText is text for n pictures of a small model.
func someText(o Options, n int, rng *rand.Rand) Text {
	switch {
	case o.Text.reads():
		t := Text{Length: 4}
		for range n * t.Length {
			t.Words = append(t.Words, rng.IntN(o.Words))
		}
		return t
	case o.Text == Sentence:
		return Text{Vectors: tensor.RandN(rng, n, o.Sentence)}
	}
	return Text{}
}

// stir gives all parameters values that matter.
func stir(m any, rng *rand.Rand) {
	for _, p := range nn.Params(m) {
		tensor.RandNInto(p.Value(), rng)
		tensor.AffineInto(p.Value(), p.Value(), 0.4, 0)
	}
}

func random(rng *rand.Rand, shape ...int) *autograd.Var {
	return autograd.Const(tensor.RandN(rng, shape...))
}

// entropy is that of a pixel which is on with probability p, in nats.
func entropy(p float64) float64 {
	if p <= 0 || p >= 1 {
		return 0
	}
	return -p*math.Log(p) - (1-p)*math.Log(1-p)
}
