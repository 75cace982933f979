package txt2img

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

func sqrt(n int) float64 { return math.Sqrt(float64(n)) }

// small is the shape of networks that tests train.
var small = Options{Size: 16, Latent: 4, Embedding: 6, Text: 4, GWidth: 8, DWidth: 8}

// words embeds captions by which of some words they have: an encoder of a user's own.
type words []string

func (w words) Width() int { return len(w) }

func (w words) Encode(captions []string) *tensor.Tensor {
	out := tensor.New(len(captions), len(w))
	for i, c := range captions {
		for k, word := range w {
			if strings.Contains(c, word) {
				out.Set(1, i, k)
			}
		}
	}
	return out
}

// colours are those of the synthetic captions: as many as small.Embedding.
var colours = words{"red", "green", "blue", "yellow", "purple", "orange"}

func values(m any) []float32 {
	var out []float32
	for _, e := range nn.Walk(m) {
		out = append(out, e.Tensor().Data()...)
	}
	return out
}

// step returns a step in which the parameters of no network learn.
func step(seed uint64) *train.Step {
	return &train.Step{Tape: autograd.NewTape(), Pass: &nn.Pass{Train: true, Rand: newRand(seed)}, Shards: 1}
}
