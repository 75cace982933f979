package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
)

// DCGANOptions are the choices of [NewDCGANGenerator] and [NewDCGANDiscriminator].
type DCGANOptions struct {
	Size      int // side of the pictures: 32, 64, 128 or another power of 2 from 8; 0 means 64
	Channels  int // of the pictures; 0 means 3
	Latent    int // numbers in a latent; 0 means 100
	Width     int // feature maps of the layer next to the pictures, doubled with each halving of the side; 0 means 64
	Condition int // size of a condition that is joined to the input of both networks, such as the number of classes

	// Classes is how many logits an auxiliary classifier in the discriminator has, 0 for none. Such a discriminator is told no
	// condition, which would tell the class: it says itself whether a picture is of the class that was asked for. Odena et al.
	// 2017 (AC-GAN).
	Classes int

	// NoNorm leaves batch norm out of the discriminator, as [gan.GradientPenalty] wants it.
	NoNorm bool
}

func (o DCGANOptions) withDefaults(op string) DCGANOptions {
	o.Size, o.Channels, o.Latent, o.Width = either(o.Size, 64), either(o.Channels, 3), either(o.Latent, 100), either(o.Width, 64)
	if o.Size < 8 || o.Size&(o.Size-1) != 0 || o.Channels < 1 || o.Latent < 1 || o.Width < 1 || o.Condition < 0 || o.Classes < 0 {
		panic(fmt.Sprintf("%s: want a side that is a power of 2 from 8 and positive numbers of channels, got %+v", op, o))
	}
	return o
}

// stages is how often the side is doubled from 4.
func (o DCGANOptions) stages() int {
	n := 0
	for side := 4; side < o.Size; side *= 2 {
		n++
	}
	return n
}

// DCGANGenerator grows a latent to 4×4 and doubles the side with each transposed convolution, all 4×4 with batch norm and
// ReLU, the last with tanh. Radford et al. 2016, fig. 1.
type DCGANGenerator struct {
	Ups   []*nn.ConvTranspose2D `nn:"ups"`
	Norms []*nn.BatchNorm2D     `nn:"norms"`
}

// NewDCGANGenerator returns the generator, initialised by [nn.InitDCGAN]. It panics if an option is impossible.
func NewDCGANGenerator(o DCGANOptions, rng *rand.Rand) *DCGANGenerator {
	o = o.withDefaults("network.NewDCGANGenerator")
	width := o.Width << (o.stages() - 1)
	g := &DCGANGenerator{}
	add := func(in, out int, opts nn.ConvTransposeOptions) {
		opts.NoBias = true
		g.Ups = append(g.Ups, nn.NewConvTranspose2D(in, out, 4, opts, rng))
		g.Norms = append(g.Norms, nn.NewBatchNorm2D(out, nn.BatchNormOptions{}))
	}
	add(o.Latent+o.Condition, width, nn.ConvTransposeOptions{})
	for range o.stages() - 1 {
		add(width, width/2, nn.ConvTransposeOptions{Stride: 2, Pad: 1})
		width /= 2
	}
	g.Ups = append(g.Ups, nn.NewConvTranspose2D(width, o.Channels, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng))
	nn.InitDCGAN(g, rng)
	return g
}

// Forward returns pictures (N,Size,Size,Channels) with values in [-1,1] for latents (N,Latent+Condition).
func (g *DCGANGenerator) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := z.Reshape(z.Dim(0), 1, 1, -1)
	for i, norm := range g.Norms {
		h = norm.ForwardLeaky(g.Ups[i].Forward(h), 0, pass)
	}
	return autograd.Tanh(g.Ups[len(g.Ups)-1].Forward(h))
}

// DCGANDiscriminator halves the side with each convolution, all 4×4 with batch norm and leaky ReLU of slope 0.2, down to 4×4
// and a logit. The first has no batch norm. Radford et al. 2016.
type DCGANDiscriminator struct {
	Downs []*nn.Conv2D      `nn:"downs"`
	Norms []*nn.BatchNorm2D `nn:"norms"` // of all but the first; empty without batch norm
	Out   *nn.Conv2D        `nn:"out"`

	Classes *nn.Conv2D `nn:"classes"` // nil without an auxiliary classifier
}

// NewDCGANDiscriminator returns the discriminator, initialised by [nn.InitDCGAN], or without batch norm by [nn.HeNormal]:
// such small weights would leave it without signal. It panics if an option is impossible.
func NewDCGANDiscriminator(o DCGANOptions, rng *rand.Rand) *DCGANDiscriminator {
	o = o.withDefaults("network.NewDCGANDiscriminator")
	d := &DCGANDiscriminator{}
	opts := nn.ConvOptions{Stride: 2, Pad: 1}
	if o.NoNorm {
		opts.Init = nn.HeNormal
	}
	in, width := o.Channels+o.Condition, o.Width
	if o.Classes > 0 {
		in = o.Channels
	}
	for i := range o.stages() {
		opts.NoBias = i > 0 && !o.NoNorm
		d.Downs = append(d.Downs, nn.NewConv2D(in, width, 4, opts, rng))
		if opts.NoBias {
			d.Norms = append(d.Norms, nn.NewBatchNorm2D(width, nn.BatchNormOptions{}))
		}
		in, width = width, 2*width
	}
	d.Out = nn.NewConv2D(in, 1, 4, nn.ConvOptions{Init: opts.Init}, rng)
	if o.Classes > 0 {
		d.Classes = nn.NewConv2D(in, o.Classes, 4, nn.ConvOptions{Init: opts.Init}, rng)
	}
	if !o.NoNorm {
		nn.InitDCGAN(d, rng)
	}
	return d
}

// Forward returns logits (N,1) for pictures (N,Size,Size,Channels+Condition).
func (d *DCGANDiscriminator) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	return d.Judge(x, nil, pass).Logits
}

// Judge returns logits (N,1) for pictures (N,Size,Size,Channels) under conditions (N,Condition), nil without; the outputs of
// all layers but the last as features; and the logits of an auxiliary classifier if there is one, in which case the condition
// is not looked at.
func (d *DCGANDiscriminator) Judge(x, y *autograd.Var, pass *nn.Pass) gan.Verdict {
	if d.Classes == nil {
		x = gan.Join(x, y)
	}
	var v gan.Verdict
	for i, down := range d.Downs {
		if i > 0 && len(d.Norms) > 0 {
			x = d.Norms[i-1].ForwardLeaky(down.Forward(x), 0.2, pass)
		} else {
			x = down.ForwardLeaky(x, 0.2)
		}
		v.Features = append(v.Features, x)
	}
	v.Logits = d.Out.Forward(x).Reshape(-1, 1)
	if d.Classes != nil {
		v.Classes = d.Classes.Forward(x).Reshape(x.Dim(0), -1)
	}
	return v
}

// either returns n, or def if n is zero.
func either(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}
