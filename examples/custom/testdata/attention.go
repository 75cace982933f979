// In place of main.go: a painter and a critic with self-attention between the places of a picture, which neither package gan nor the
// example foresees.
package main

import (
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
)

// Attention lets each of T places with C numbers look at the others: (N,T,C) → (N,T,C).
type Attention struct {
	Norm  *nn.LayerNorm `nn:"norm"`
	Query *nn.Linear    `nn:"query"`
	Key   *nn.Linear    `nn:"key"`
	Value *nn.Linear    `nn:"value"`
	Out   *nn.Linear    `nn:"out"`
}

func newAttention(c int, rng *rand.Rand) *Attention {
	layer := func() *nn.Linear { return nn.NewLinear(c, c, nn.LinearOptions{}, rng) }
	return &Attention{nn.NewLayerNorm(c, nn.NormOptions{}), layer(), layer(), layer(), layer()}
}

func (a *Attention) Forward(x *autograd.Var) *autograd.Var {
	n, t, c := x.Dim(0), x.Dim(1), x.Dim(2)
	h := a.Norm.Forward(x)
	pairs := autograd.Mul(a.Query.Forward(h).Reshape(n, t, 1, c), a.Key.Forward(h).Reshape(n, 1, t, c))
	weights := autograd.Softmax(autograd.Scale(autograd.Sum(pairs, 3), float32(1/math.Sqrt(float64(c)))))
	mixed := autograd.Sum(autograd.Mul(weights.Reshape(n, t, t, 1), a.Value.Forward(h).Reshape(n, 1, t, c)), 2)
	return autograd.Add(x, a.Out.Forward(mixed))
}

// Painter makes 16 patches of 4×4 pixels, each of which knows its place and looks at the others.
type Painter struct {
	Grow   *nn.Linear    `nn:"grow"`
	Places *autograd.Var `nn:"places"`
	Look   []*Attention  `nn:"look"`
	Patch  *nn.Linear    `nn:"patch"`
}

const width = 24

func (p *Painter) Forward(z *autograd.Var) *autograd.Var {
	h := autograd.Add(p.Grow.Forward(z).Reshape(-1, 16, width), p.Places)
	for _, l := range p.Look {
		h = l.Forward(h)
	}
	h = autograd.Tanh(p.Patch.Forward(h)).Reshape(-1, 4, 4, 4, 4) // rows and columns of patches, and within
	return autograd.Permute(h, 0, 1, 3, 2, 4).Reshape(-1, 16, 16, 1)
}

// Critic looks at the same patches.
type Critic struct {
	Patch  *nn.Conv2D    `nn:"patch"`
	Places *autograd.Var `nn:"places"`
	Look   *Attention    `nn:"look"`
	Out    *nn.Linear    `nn:"out"`
}

func (c *Critic) Forward(x *autograd.Var) *autograd.Var {
	h := autograd.LeakyReLU(c.Patch.Forward(x).Reshape(-1, 16, width), 0.2)
	return c.Out.Forward(c.Look.Forward(autograd.Add(h, c.Places)).Reshape(-1, 16*width))
}

func newGame(rng *rand.Rand) gan.Game {
	places := func() *autograd.Var { return autograd.Const(tensor.RandN(rng, 16, width)) }
	return gan.Game{
		Generator: &Painter{nn.NewLinear(32, 16*width, nn.LinearOptions{}, rng), places(),
			[]*Attention{newAttention(width, rng), newAttention(width, rng)}, nn.NewLinear(width, 16, nn.LinearOptions{}, rng)},
		Discriminator: &Critic{nn.NewConv2D(1, width, 4, nn.ConvOptions{Stride: 4}, rng), places(),
			newAttention(width, rng), nn.NewLinear(16*width, 1, nn.LinearOptions{}, rng)},
		Loss:    gan.NonSaturating{},
		Penalty: gan.R1{Weight: 1, Every: 4},
		Latent:  gan.Normal(32),
		EMA:     0.995,
	}
}

func load() *labelled.Images { return synthetic.Digits(5000, 1, synthetic.DigitOptions{Side: 16}) }

func main() {
	cli.Main("custom", "custom with attention.", trainCommand, sampleCommand, evalCommand)
}
