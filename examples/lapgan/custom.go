package main

import (
	"encoding/json"
	"errors"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// A level of your own is whatever has the method Sample. To try one, change Etcher and Critic, which are a generator and a
// discriminator as the paper's game takes them, and train them among other levels: -levels dense,custom,conv. A level that is
// no GAN brings players of its own instead of a lapgan.Game; see newPixels.

// Etcher adds detail by looking far with few weights: convolutions with holes, each twice as wide as the one before.
type Etcher struct {
	See  *nn.Conv2D   `nn:"see"`
	Look []*nn.Conv2D `nn:"look"`
	Draw *nn.Conv2D   `nn:"draw"`

	Options EtcherOptions
}

// EtcherOptions are what it takes to build an Etcher again.
type EtcherOptions struct {
	Side, Channels, Width int
}

// NewEtcher returns an etcher. rng decides the weights.
func NewEtcher(o EtcherOptions, rng *rand.Rand) *Etcher {
	e := &Etcher{Options: o, See: nn.NewConv2D(1+o.Channels, o.Width, 3, nn.ConvOptions{Pad: 1}, rng)}
	for hole := 1; hole <= 4; hole *= 2 {
		e.Look = append(e.Look, nn.NewConv2D(o.Width, o.Width, 3, nn.ConvOptions{Pad: hole, Dilation: hole}, rng))
	}
	e.Draw = nn.NewConv2D(o.Width, o.Channels, 3, nn.ConvOptions{Pad: 1}, rng)
	return e
}

// Noise implements lapgan.Generator: a plane of noise beside the colours.
func (e *Etcher) Noise(n int, rng *rand.Rand) *tensor.Tensor {
	return tensor.RandU(rng, -1, 1, n, e.Options.Side, e.Options.Side, 1)
}

// Forward implements lapgan.Generator. It is told no class.
func (e *Etcher) Forward(z, low, _ *autograd.Var, _ *nn.Pass) *autograd.Var {
	h := autograd.ReLU(e.See.Forward(autograd.Concat(-1, z, low)))
	for _, look := range e.Look {
		h = autograd.Add(h, autograd.ReLU(look.Forward(h)))
	}
	return e.Draw.Forward(h)
}

// Sample implements lapgan.Level, which is all that a pyramid needs.
func (e *Etcher) Sample(given lapgan.Given, rng *rand.Rand) *tensor.Tensor {
	return lapgan.FromGenerator(e, 0).Sample(given, rng)
}

// Describe implements lapgan.Described, so that it can be saved.
func (e *Etcher) Describe() (string, any) { return "etcher", e.Options }

// customKinds says how levels of our own are built again from their files.
var customKinds = []lapgan.Kind{{Name: "etcher", New: func(options json.RawMessage) (lapgan.Level, error) {
	var o EtcherOptions
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	if min(o.Side, o.Channels, o.Width) < 1 || o.Side > 1024 || o.Channels > 16 || o.Width > 1024 {
		return nil, errors.New("an etcher of impossible sizes")
	}
	return NewEtcher(o, rand.New(rand.NewPCG(0, 0))), nil
}}}

// Critic judges the sharp image in patches and takes their mean.
type Critic struct {
	Convs []*nn.Conv2D `nn:"conv"`
}

// NewCritic returns a critic of images with so many channels.
func NewCritic(channels, width int, rng *rand.Rand) *Critic {
	half := nn.ConvOptions{Stride: 2, Pad: 1}
	return &Critic{Convs: []*nn.Conv2D{
		nn.NewConv2D(channels, width, 4, half, rng), nn.NewConv2D(width, 2*width, 4, half, rng),
		nn.NewConv2D(2*width, 1, 1, nn.ConvOptions{}, rng),
	}}
}

// Forward implements lapgan.Discriminator: one logit for each image.
func (c *Critic) Forward(h, low, _ *autograd.Var, _ *nn.Pass) *autograd.Var {
	x := autograd.Add(low, h)
	for i, conv := range c.Convs {
		if i > 0 {
			x = autograd.LeakyReLU(x, 0.2)
		}
		x = conv.Forward(x)
	}
	return autograd.Mean(x, 1, 2, 3)
}
