package lapgan

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// DeepOptions are the sizes of [Deep] and [DeepDiscriminator].
type DeepOptions struct {
	Side     int  `json:"side"`     // of the images or residuals: 4, 8, 16 and so on
	Channels int  `json:"channels"` // 0 means 3
	Classes  int  `json:"classes"`  // 0 means that there are none
	Width    int  `json:"width"`    // feature maps at the full size, twice as many at half of it, four times at most; 0 means 32
	Latent   int  `json:"latent"`   // numbers of noise for the picture as a whole; 0 means 64; unused by the discriminator
	Base     bool `json:"base"`     // a generator of images for the coarsest level, which sees no low-pass image
}

// deepest is the side at which the networks think of a picture as a whole.
const deepest = 4

func (o DeepOptions) withDefaults() DeepOptions {
	o.Channels, o.Width, o.Latent = orElse(o.Channels, 3), orElse(o.Width, 32), orElse(o.Latent, 64)
	return o
}

// Check says what is wrong with options that came from outside, nil if nothing is. Zero fields stand for their defaults.
func (o DeepOptions) Check() error {
	const most = 1 << 12
	o = o.withDefaults()
	if o.Side < deepest || o.Side > most || o.Side&(o.Side-1) != 0 {
		return fmt.Errorf("lapgan: a deep network for %d×%d pixels; sides are 4, 8, 16 and so on", o.Side, o.Side)
	}
	if min(o.Channels, o.Width, o.Latent) < 1 || o.Classes < 0 || max(o.Channels, o.Width, o.Latent, o.Classes) > most {
		return errors.New("lapgan: a deep network of impossible sizes")
	}
	return nil
}

// maps returns the feature maps at a side.
func (o DeepOptions) maps(side int) int { return o.Width * min(o.Side/side, 4) }

// sides returns the sides from the full one down to the deepest.
func (o DeepOptions) sides() []int {
	var out []int
	for s := o.Side; s >= deepest; s /= 2 {
		out = append(out, s)
	}
	return out
}

// told is how many numbers every layer is told: the noise and the class.
func (o DeepOptions) told() int { return o.Latent + o.Classes }

// Deep is a generator that sees its picture as a whole, for pictures with shapes, where a few convolutions at one size see
// textures only. The low-pass image, with a plane of noise, is shrunk step by step to 4×4; from there, and from a vector of
// noise and the class, the result is enlarged step by step, and at every size what was seen on the way down is added. Noise
// and class scale and shift the batch norms, too. After U-Net (Ronneberger et al. 2015) and the self-modulation of Chen et al.
// 2019; it is not of the paper of LAPGAN.
type Deep struct {
	Options DeepOptions

	See   *nn.Conv2D             `nn:"see"`  // nil in a Base
	Down  []*nn.Conv2D           `nn:"down"` // empty in a Base
	Grow  *nn.Linear             `nn:"grow"`
	Norms []*gan.ConditionalNorm `nn:"norm"` // two at every size, the first before it is enlarged
	Convs []*nn.Conv2D           `nn:"conv"`
	Ups   []*nn.ConvTranspose2D  `nn:"up"`
	Out   *nn.Conv2D             `nn:"out"`
}

// NewDeep returns a generator. It panics if the options do not pass [DeepOptions.Check].
func NewDeep(opts DeepOptions, rng *rand.Rand) *Deep {
	o := opts.mustBe()
	g := &Deep{Options: o}
	sides := o.sides()
	if !o.Base {
		g.See = nn.NewConv2D(1+o.Channels, o.Width, 3, nn.ConvOptions{Pad: 1, Init: nn.HeNormal}, rng)
		// Like the noise of StyleGAN, that of the plane is let in only as far as it helps: at first it would be grain to get rid of.
		for i := range 9 {
			g.See.Weight.Value().Reshape(9, 1+o.Channels, o.Width).Rows(i, i+1).Reshape(1+o.Channels, o.Width).Rows(0, 1).Fill(0)
		}
		g.Down = downs(o, rng)
	}
	g.Grow = nn.NewLinear(o.told(), deepest*deepest*o.maps(deepest), nn.LinearOptions{
		Init: nn.HeNormal, Unflatten: [3]int{deepest, deepest, o.maps(deepest)},
	}, rng)
	for i := len(sides) - 1; i >= 0; i-- {
		c := o.maps(sides[i])
		if i < len(sides)-1 {
			in := o.maps(sides[i+1])
			g.Ups = append(g.Ups, nn.NewConvTranspose2D(in, c, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1, NoBias: true, Init: nn.HeNormal}, rng))
		}
		g.Norms = append(g.Norms, gan.NewConditionalNorm(c, o.told(), rng), gan.NewConditionalNorm(c, o.told(), rng))
		g.Convs = append(g.Convs, nn.NewConv2D(c, c, 3, nn.ConvOptions{Pad: 1, NoBias: true, Init: nn.HeNormal}, rng))
	}
	g.Out = nn.NewConv2D(o.Width, o.Channels, 3, nn.ConvOptions{Pad: 1}, rng)
	return g
}

// downs returns the convolutions that halve the size until it is the deepest.
func downs(o DeepOptions, rng *rand.Rand) []*nn.Conv2D {
	var out []*nn.Conv2D
	for s := o.Side; s > deepest; s /= 2 {
		out = append(out, nn.NewConv2D(o.maps(s), o.maps(s/2), 4, nn.ConvOptions{Stride: 2, Pad: 1, Init: nn.HeNormal}, rng))
	}
	return out
}

func (o DeepOptions) mustBe() DeepOptions {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	return o.withDefaults()
}

// Noise implements [Generator]: numbers between −1 and 1, those of the vector and then those of the plane.
func (g *Deep) Noise(n int, rng *rand.Rand) *tensor.Tensor {
	count := g.Options.Latent
	if !g.Options.Base {
		count += g.Options.Side * g.Options.Side
	}
	return tensor.RandU(rng, -1, 1, n, count)
}

// Forward implements [Generator].
func (g *Deep) Forward(z, low, class *autograd.Var, pass *nn.Pass) *autograd.Var {
	o, n := g.Options, z.Dim(0)
	y := autograd.Slice(z, 1, 0, o.Latent)
	if o.Classes > 0 {
		y = autograd.Concat(1, y, class)
	}
	var seen []*autograd.Var // coarse to fine
	if !o.Base {
		plane := autograd.Slice(z, 1, o.Latent, z.Dim(1)).Reshape(n, o.Side, o.Side, 1)
		h := leaky(g.See.Forward(autograd.Concat(-1, plane, low)))
		seen = append(seen, h)
		for _, down := range g.Down {
			h = leaky(down.Forward(h))
			seen = append([]*autograd.Var{h}, seen...)
		}
	}
	h := g.Grow.Forward(y).Reshape(n, deepest, deepest, o.maps(deepest))
	for i, conv := range g.Convs {
		if i > 0 {
			h = g.Ups[i-1].Forward(h)
		}
		if seen != nil {
			h = autograd.Add(h, seen[i])
		}
		h = conv.Forward(autograd.ReLU(g.Norms[2*i].Forward(h, y, pass)))
		h = autograd.ReLU(g.Norms[2*i+1].Forward(h, y, pass))
	}
	return g.Out.Forward(h)
}

// Sample implements [Level].
func (g *Deep) Sample(given Given, rng *rand.Rand) *tensor.Tensor {
	if !g.Options.Base {
		given.wantLow("lapgan.Deep.Sample", g.Options.Side, g.Options.Channels)
	}
	return generate(g, g.Options.Classes, given, rng)
}

// DeepDiscriminator judges the sharp image, low + h, or images of the coarsest level, at one size after the other down to 4×4
// and asks in the end how well the features fit the class (Miyato & Koyama 2018).
type DeepDiscriminator struct {
	Options DeepOptions

	See   *nn.Conv2D      `nn:"see"`
	Down  []*nn.Conv2D    `nn:"down"`
	Whole *nn.Linear      `nn:"whole"`
	Score *gan.Projection `nn:"score"`
}

// NewDeepDiscriminator returns a discriminator. It panics if the options do not pass [DeepOptions.Check].
func NewDeepDiscriminator(opts DeepOptions, rng *rand.Rand) *DeepDiscriminator {
	const features = 128
	o := opts.mustBe()
	c := o.maps(deepest)
	return &DeepDiscriminator{
		Options: o,
		See:     nn.NewConv2D(o.Channels, o.Width, 3, nn.ConvOptions{Pad: 1, Init: nn.HeNormal}, rng),
		Down:    downs(o, rng),
		Whole: nn.NewLinear(deepest*deepest*c, features, nn.LinearOptions{
			Init: nn.HeNormal, Flatten: [3]int{deepest, deepest, c},
		}, rng),
		Score: gan.NewProjection(features, o.Classes, false, rng),
	}
}

// Forward implements [Discriminator].
func (d *DeepDiscriminator) Forward(h, low, class *autograd.Var, pass *nn.Pass) *autograd.Var {
	if low != nil {
		h = autograd.Add(low, h)
	}
	h = leaky(d.See.Forward(h))
	for _, down := range d.Down {
		h = leaky(down.Forward(h))
	}
	if d.Options.Classes == 0 {
		class = nil
	}
	return d.Score.Forward(leaky(d.Whole.Forward(nn.Flatten{}.Forward(h))), class, pass)
}

func leaky(x *autograd.Var) *autograd.Var { return autograd.LeakyReLU(x, 0.2) }
