package main

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
)

// Any two networks can play the game: structs of layers with the method
//
//	Forward(x, text *autograd.Var, pass *nn.Pass) *autograd.Var
//
// To try an idea of your own, change Painter and Critic, and train them with -net custom. These hear the caption at every
// stage, where those of the paper hear it once: the painter through the scales and shifts of its norms, and the critic by
// asking how far the picture's features point where the caption does.

// Painter makes pictures of 64×64 pixels: 4×4 spots of noise, enlarged four times.
type Painter struct {
	Text  *nn.Linear             `nn:"text"`
	Grow  *nn.Linear             `nn:"grow"`
	Norms []*gan.ConditionalNorm `nn:"norms"`
	Ups   []*nn.ConvTranspose2D  `nn:"ups"` // the last one makes the picture
	Maps  int
}

const (
	painterNoise = 64  // numbers in the noise
	heard        = 128 // numbers to which a caption's vector is reduced
	customSide   = 64  // pixels
)

// NewPainter returns a painter that starts with so many feature maps, for captions of a width. rng decides the weights.
func NewPainter(maps, embedding int, rng *rand.Rand) *Painter {
	p := &Painter{
		Text: nn.NewLinear(embedding, heard, nn.LinearOptions{}, rng),
		Grow: nn.NewLinear(painterNoise, 4*4*maps, nn.LinearOptions{}, rng),
		Maps: maps,
	}
	double := nn.ConvTransposeOptions{Stride: 2, Pad: 1} // with a kernel of 4
	for side, in := 4, maps; side < customSide; side *= 2 {
		out := max(in/2, 8)
		if 2*side == customSide {
			out = 3
		}
		p.Norms = append(p.Norms, gan.NewConditionalNorm(in, heard, rng))
		p.Ups = append(p.Ups, nn.NewConvTranspose2D(in, out, 4, double, rng))
		in = out
	}
	return p
}

// Forward paints captions text (N,E) from noise z (N,64): (N,64,64,3) with values from -1 to 1. pass says whether this is
// training; norms take it.
func (p *Painter) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	text = autograd.LeakyReLU(p.Text.Forward(text), 0.2)
	h := p.Grow.Forward(z).Reshape(-1, 4, 4, p.Maps)
	for i, up := range p.Ups {
		h = up.Forward(autograd.ReLU(p.Norms[i].Forward(h, text, pass)))
	}
	return autograd.Tanh(h)
}

// Critic tells real pictures that fit their caption from all others. It returns a logit: any number, high for the former.
type Critic struct {
	Downs []*nn.Conv2D    `nn:"downs"`
	Out   *gan.Projection `nn:"out"`
}

// NewCritic returns a critic that starts with so many feature maps, for captions of a width.
func NewCritic(maps, embedding int, rng *rand.Rand) *Critic {
	c := &Critic{}
	halve := nn.ConvOptions{Stride: 2, Pad: 1} // with a kernel of 4
	in, out := 3, maps
	for side := customSide; side > 4; side /= 2 {
		c.Downs = append(c.Downs, nn.NewConv2D(in, out, 4, halve, rng))
		in, out = out, 2*out
	}
	c.Out = gan.NewProjection(4*4*in, embedding, false, rng)
	return c
}

// Forward returns logits (N,1) for pictures x (N,64,64,3) and captions text (N,E).
func (c *Critic) Forward(x, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	for _, down := range c.Downs {
		x = autograd.LeakyReLU(down.Forward(x), 0.2)
	}
	return c.Out.Forward(x.Reshape(x.Dim(0), -1), text, pass)
}
