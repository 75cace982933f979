package lapgan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// ConvOptions are the sizes of [Conv] and [ConvDiscriminator]. Only Side must be given; otherwise the zero value is that of
// the paper's code for CIFAR-10 and STL-10. The "small" model for LSUN has generators of width 128 and discriminators with
// NoDropout and SamePad below 16 pixels.
type ConvOptions struct {
	Side     int `json:"side"`     // of the residuals
	Channels int `json:"channels"` // 0 means 3
	Classes  int `json:"classes"`  // 0 means that there are none
	Width    int `json:"width"`    // feature maps; 0 means 64

	// Of the discriminator:
	NoDropout bool `json:"no_dropout"`
	SamePad   bool `json:"same_pad"` // pad so that stride 1 keeps the size; always so below 10 pixels, where nothing would be left
}

func (o ConvOptions) withDefaults() ConvOptions {
	o.Channels, o.Width = orElse(o.Channels, 3), orElse(o.Width, 64)
	o.SamePad = o.SamePad || o.Side < 10
	return o
}

// planes is how many input planes a class makes.
func (o ConvOptions) planes() int { return min(o.Classes, 1) }

// Conv is the generator of the other levels: a plane of noise and the low-pass image, with a plane made of the class between
// them, through three convolutions. 218,179 parameters without classes at any size. Denton et al. 2015, §4.2, and its code.
type Conv struct {
	Options ConvOptions

	Class *nn.Linear `nn:"class"` // nil without classes
	Conv1 *nn.Conv2D `nn:"conv1"`
	Conv2 *nn.Conv2D `nn:"conv2"`
	Conv3 *nn.Conv2D `nn:"conv3"`
}

// NewConv returns a generator with Torch's usual weights.
func NewConv(opts ConvOptions, rng *rand.Rand) *Conv {
	o := opts.withDefaults()
	return &Conv{
		Options: o,
		Class:   newClassPlane(o.Classes, o.Side, rng),
		Conv1:   nn.NewConv2D(1+o.planes()+o.Channels, o.Width, 7, nn.ConvOptions{Pad: 3}, rng),
		Conv2:   nn.NewConv2D(o.Width, o.Width, 7, nn.ConvOptions{Pad: 3}, rng),
		Conv3:   nn.NewConv2D(o.Width, o.Channels, 5, nn.ConvOptions{Pad: 2}, rng),
	}
}

// Noise implements [Generator]: a plane of numbers between −1 and 1, stacked with the colours.
func (g *Conv) Noise(n int, rng *rand.Rand) *tensor.Tensor { return noisePlane(n, g.Options.Side, rng) }

func noisePlane(n, side int, rng *rand.Rand) *tensor.Tensor {
	return tensor.RandU(rng, -1, 1, n, side, side, 1)
}

// Forward implements [Generator].
func (g *Conv) Forward(z, low, class *autograd.Var, _ *nn.Pass) *autograd.Var {
	in := []*autograd.Var{z, low}
	if g.Class != nil {
		in = []*autograd.Var{z, classPlane(g.Class, class, g.Options.Side), low}
	}
	h := g.Conv1.ForwardLeaky(autograd.Concat(-1, in...), 0)
	h = g.Conv2.ForwardLeaky(h, 0)
	return g.Conv3.Forward(h)
}

// Sample implements [Level].
func (g *Conv) Sample(given Given, rng *rand.Rand) *tensor.Tensor {
	given.wantLow("lapgan.Conv.Sample", g.Options.Side, g.Options.Channels)
	return generate(g, g.Options.Classes, given, rng)
}

// ConvDiscriminator judges residuals by the sharp image: its first operation is low + h, and a plane made of the class
// follows that. Denton et al. 2015, §4.2, and its code. Without low it judges images, as that of a plain GAN.
type ConvDiscriminator struct {
	Options ConvOptions

	Class *nn.Linear `nn:"class"` // nil without classes
	Conv1 *nn.Conv2D `nn:"conv1"`
	Conv2 *nn.Conv2D `nn:"conv2"`
	Out   *nn.Linear `nn:"out"`
}

// NewConvDiscriminator returns a discriminator with Torch's usual weights.
func NewConvDiscriminator(opts ConvOptions, rng *rand.Rand) *ConvDiscriminator {
	o := opts.withDefaults()
	pad := 0
	if o.SamePad {
		pad = 2
	}
	side := (o.Side+2*pad-4+2*pad-5)/2 + 1
	return &ConvDiscriminator{
		Options: o,
		Class:   newClassPlane(o.Classes, o.Side, rng),
		Conv1:   nn.NewConv2D(o.Channels+o.planes(), o.Width, 5, nn.ConvOptions{Pad: pad}, rng),
		Conv2:   nn.NewConv2D(o.Width, o.Width, 5, nn.ConvOptions{Pad: pad, Stride: 2}, rng),
		Out:     nn.NewLinear(side*side*o.Width, 1, nn.LinearOptions{Flatten: [3]int{side, side, o.Width}}, rng),
	}
}

// Forward implements [Discriminator].
func (d *ConvDiscriminator) Forward(h, low, class *autograd.Var, pass *nn.Pass) *autograd.Var {
	x := h
	if low != nil {
		x = autograd.Add(low, h)
	}
	if d.Class != nil {
		x = autograd.Concat(-1, x, classPlane(d.Class, class, d.Options.Side))
	}
	x = d.Conv1.ForwardLeaky(x, 0)
	x = nn.Flatten{}.Forward(d.Conv2.ForwardLeaky(x, 0))
	if !d.Options.NoDropout {
		x = nn.Dropout{Rate: 0.5}.Forward(x, pass)
	}
	return d.Out.Forward(x)
}
