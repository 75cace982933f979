package lapgan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// DenseOptions are the sizes of [Dense] and [DenseDiscriminator]. The zero value is the coarsest level of the paper, 8×8.
type DenseOptions struct {
	Side     int `json:"side"`     // of the images; 0 means 8
	Channels int `json:"channels"` // 0 means 3
	Classes  int `json:"classes"`  // 0 means that there are none
	Latent   int `json:"latent"`   // numbers of noise; 0 means 100; unused by the discriminator
	Hidden   int `json:"hidden"`   // units of both hidden layers; 0 means 1200 for the generator, 600 for the discriminator
}

func (o DenseOptions) withDefaults(hidden int) DenseOptions {
	o.Side, o.Channels = orElse(o.Side, 8), orElse(o.Channels, 3)
	o.Latent, o.Hidden = orElse(o.Latent, 100), orElse(o.Hidden, hidden)
	return o
}

func (o DenseOptions) pixels() int { return o.Side * o.Side * o.Channels }

// Dense is the generator of the coarsest level: two hidden layers with ReLU and linear outputs. A class joins the noise.
// 1,792,992 parameters at its usual size. Denton et al. 2015, §4.1.
type Dense struct {
	Options DenseOptions

	Hidden1 *nn.Linear `nn:"hidden1"`
	Hidden2 *nn.Linear `nn:"hidden2"`
	Out     *nn.Linear `nn:"out"`
}

// NewDense returns a generator with normal weights of deviation 0.05, as the paper's code.
func NewDense(opts DenseOptions, rng *rand.Rand) *Dense {
	o := opts.withDefaults(1200)
	init := nn.Normal(0.05)
	return &Dense{
		Options: o,
		Hidden1: nn.NewLinear(o.Latent+o.Classes, o.Hidden, nn.LinearOptions{Init: init}, rng),
		Hidden2: nn.NewLinear(o.Hidden, o.Hidden, nn.LinearOptions{Init: init}, rng),
		Out:     nn.NewLinear(o.Hidden, o.pixels(), nn.LinearOptions{Init: init, Unflatten: [3]int{o.Side, o.Side, o.Channels}}, rng),
	}
}

// Noise implements [Generator]: vectors of numbers between −1 and 1.
func (g *Dense) Noise(n int, rng *rand.Rand) *tensor.Tensor {
	return tensor.RandU(rng, -1, 1, n, g.Options.Latent)
}

// Forward implements [Generator]. low is not used.
func (g *Dense) Forward(z, _, class *autograd.Var, _ *nn.Pass) *autograd.Var {
	if g.Options.Classes > 0 {
		z = autograd.Concat(1, z, class)
	}
	h := autograd.ReLU(g.Hidden1.Forward(z))
	h = autograd.ReLU(g.Hidden2.Forward(h))
	return g.Out.Forward(h).Reshape(z.Dim(0), g.Options.Side, g.Options.Side, g.Options.Channels)
}

// Sample implements [Level].
func (g *Dense) Sample(given Given, rng *rand.Rand) *tensor.Tensor {
	return generate(g, g.Options.Classes, given, rng)
}

// DenseDiscriminator judges images of the coarsest level: two hidden layers with ReLU and dropout. A class joins the pixels.
// 477,001 parameters at its usual size.
type DenseDiscriminator struct {
	Options DenseOptions

	Hidden1 *nn.Linear `nn:"hidden1"`
	Hidden2 *nn.Linear `nn:"hidden2"`
	Out     *nn.Linear `nn:"out"`
}

// NewDenseDiscriminator returns a discriminator with normal weights of deviation 0.005, as the paper's code.
func NewDenseDiscriminator(opts DenseOptions, rng *rand.Rand) *DenseDiscriminator {
	o := opts.withDefaults(600)
	init := nn.Normal(0.005)
	first := nn.LinearOptions{Init: init}
	if o.Classes == 0 {
		first.Flatten = [3]int{o.Side, o.Side, o.Channels}
	}
	return &DenseDiscriminator{
		Options: o,
		Hidden1: nn.NewLinear(o.pixels()+o.Classes, o.Hidden, first, rng),
		Hidden2: nn.NewLinear(o.Hidden, o.Hidden, nn.LinearOptions{Init: init}, rng),
		Out:     nn.NewLinear(o.Hidden, 1, nn.LinearOptions{Init: init}, rng),
	}
}

// Forward implements [Discriminator]. low is not used.
func (d *DenseDiscriminator) Forward(x, _, class *autograd.Var, pass *nn.Pass) *autograd.Var {
	drop := nn.Dropout{Rate: 0.5}
	h := x.Reshape(x.Dim(0), d.Options.pixels())
	if d.Options.Classes > 0 {
		h = autograd.Concat(1, h, class)
	}
	h = drop.Forward(autograd.ReLU(d.Hidden1.Forward(h)), pass)
	h = drop.Forward(autograd.ReLU(d.Hidden2.Forward(h)), pass)
	return d.Out.Forward(h)
}
