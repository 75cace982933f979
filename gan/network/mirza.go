package network

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// CGANGenerator is the class-conditional generator for MNIST: z (N,100) → 200 ReLU and y (N,10) → 1000 ReLU, side by side →
// 1200 ReLU → 28×28×1 sigmoid, with dropout of hidden units at a rate of 0.5 in training. z is uniform on [0,1), values of
// pictures are in [0,1]. Mirza & Osindero 2014, §4.1. 2,413,984 parameters.
type CGANGenerator struct {
	Z     *nn.Linear `nn:"z"`
	Y     *nn.Linear `nn:"y"`
	Joint *nn.Linear `nn:"joint"`
	Out   *nn.Linear `nn:"out"`

	Drop float32 // rate of dropout
}

// NewCGANGenerator returns the generator. Weights start uniform on ±0.05, as in the unconditional one.
func NewCGANGenerator(rng *rand.Rand) *CGANGenerator {
	o := nn.LinearOptions{Init: nn.Uniform(0.05)}
	return &CGANGenerator{
		Z:     nn.NewLinear(100, 200, o, rng),
		Y:     nn.NewLinear(10, 1000, o, rng),
		Joint: nn.NewLinear(1200, 1200, o, rng),
		Out:   nn.NewLinear(1200, 784, o, rng),
		Drop:  0.5,
	}
}

// Forward returns pictures (N,28,28,1) for latents (N,100) of classes (N,10).
func (g *CGANGenerator) Forward(z, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	drop := nn.Dropout{Rate: g.Drop}
	h := autograd.Concat(-1, autograd.ReLU(g.Z.Forward(z)), autograd.ReLU(g.Y.Forward(y)))
	h = autograd.ReLU(g.Joint.Forward(drop.Forward(h, pass)))
	return autograd.Sigmoid(g.Out.Forward(drop.Forward(h, pass))).Reshape(-1, 28, 28, 1)
}

// CGANDiscriminator is the class-conditional discriminator for MNIST: x → maxout 240×5 and y → maxout 50×5, side by side →
// maxout 240×4 → logit, with dropout of hidden units at a rate of 0.5 in training. Mirza & Osindero 2014, §4.1. 1,224,351
// parameters.
type CGANDiscriminator struct {
	X     *nn.Linear `nn:"x"`
	Y     *nn.Linear `nn:"y"`
	Joint *nn.Linear `nn:"joint"`
	Out   *nn.Linear `nn:"out"`

	Drop float32 // rate of dropout
}

// NewCGANDiscriminator returns the discriminator. Weights start uniform on ±0.005, as in the unconditional one.
func NewCGANDiscriminator(rng *rand.Rand) *CGANDiscriminator {
	o := nn.LinearOptions{Init: nn.Uniform(0.005)}
	return &CGANDiscriminator{
		X:     nn.NewLinear(784, 240*5, o, rng),
		Y:     nn.NewLinear(10, 50*5, o, rng),
		Joint: nn.NewLinear(290, 240*4, o, rng),
		Out:   nn.NewLinear(240, 1, o, rng),
		Drop:  0.5,
	}
}

// Forward returns logits (N,1) for pictures (N,28,28,1) of classes (N,10).
func (d *CGANDiscriminator) Forward(x, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	drop := nn.Dropout{Rate: d.Drop}
	h := autograd.Concat(-1,
		nn.Maxout{Pieces: 5}.Forward(d.X.Forward(x.Reshape(x.Dim(0), -1))),
		nn.Maxout{Pieces: 5}.Forward(d.Y.Forward(y)))
	h = nn.Maxout{Pieces: 4}.Forward(d.Joint.Forward(drop.Forward(h, pass)))
	return d.Out.Forward(drop.Forward(h, pass))
}
