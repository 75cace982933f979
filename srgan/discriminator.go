package srgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Critic judges images x (N,H,W,3) with values in [-1,1] by logits, one for each, high for what it takes for real: a
// [Discriminator] or one of the user's own.
type Critic interface {
	Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var
}

// DiscriminatorOptions are the sizes of a [Discriminator]. The zero value is the paper's network for patches of 96×96.
type DiscriminatorOptions struct {
	Height, Width int  // of the images; 0 means 96, and for Width the same as Height
	Channels      int  // feature maps of the first convolution, an eighth of those of the last; 0 means 64
	Hidden        int  // units of the dense layer; 0 means 1024
	AllBiases     bool // convolutions have a bias also before batch normalisation, where it has no effect
	NoNorm        bool // no batch normalisation, and starting weights by He et al. 2015 that make up for it
}

func (o DiscriminatorOptions) withDefaults() DiscriminatorOptions {
	for _, f := range []struct {
		field *int
		value int
	}{{&o.Height, 96}, {&o.Width, o.Height}, {&o.Width, 96}, {&o.Channels, 64}, {&o.Hidden, 1024}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return o
}

// Discriminator tells photographs from enlargements: eight convolutions, of which every second one halves the image, and
// two dense layers. Ledig et al. 2017, §2.1 and figure 4. For patches of 96×96 it has 23,563,649 parameters.
type Discriminator struct {
	Options DiscriminatorOptions

	Body   []*DiscBlock `nn:"body"`
	Hidden *nn.Linear   `nn:"hidden"`
	Out    *nn.Linear   `nn:"out"`
}

// DiscBlock is a convolution, batch normalisation, which the first block and all with NoNorm do without, and a leaky ReLU.
type DiscBlock struct {
	Conv *nn.Conv2D      `nn:"conv"`
	Norm *nn.BatchNorm2D `nn:"norm"` // or nil
}

// discSlope is that of the leaky ReLUs, and discStd the deviation of the starting weights, which the paper does not give.
const (
	discSlope = 0.2
	discStd   = 0.02
)

// NewDiscriminator returns a network with weights from N(0, 0.02²), unless it has no normalisation. It panics if a size is
// negative.
func NewDiscriminator(opts DiscriminatorOptions, rng *rand.Rand) *Discriminator {
	o := opts.withDefaults()
	if min(o.Height, o.Width, o.Channels, o.Hidden) < 1 {
		panic(fmt.Sprintf("srgan.NewDiscriminator: negative size in %+v", opts))
	}
	d := &Discriminator{Options: o}
	init := nn.Normal(discStd)
	if o.NoNorm {
		init = nn.HeNormal
	}
	h, w, in := o.Height, o.Width, 3
	for i, m := range []int{1, 1, 2, 2, 4, 4, 8, 8} {
		stride := 1 + i%2
		conv := nn.ConvOptions{Stride: stride, Pad: 1, Init: init, NoBias: i > 0 && !o.AllBiases && !o.NoNorm}
		b := &DiscBlock{Conv: nn.NewConv2D(in, m*o.Channels, 3, conv, rng)}
		if i > 0 && !o.NoNorm {
			b.Norm = nn.NewBatchNorm2D(m*o.Channels, nn.BatchNormOptions{})
		}
		d.Body = append(d.Body, b)
		in = m * o.Channels
		h, w = (h+stride-1)/stride, (w+stride-1)/stride
	}
	d.Hidden = nn.NewLinear(h*w*in, o.Hidden, nn.LinearOptions{Init: init, Flatten: [3]int{h, w, in}}, rng)
	d.Out = nn.NewLinear(o.Hidden, 1, nn.LinearOptions{Init: init}, rng)
	return d
}

// Forward returns the logits, (N), of images x (N,Height,Width,3) with values in [-1,1]. It panics for another size.
func (d *Discriminator) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	if o := d.Options; x.Rank() != 4 || x.Dim(1) != o.Height || x.Dim(2) != o.Width || x.Dim(3) != 3 {
		panic(fmt.Sprintf("srgan.Discriminator: want images (N,%d,%d,3), got %v", o.Height, o.Width, x))
	}
	for _, b := range d.Body {
		if b.Norm != nil {
			x = b.Norm.ForwardLeaky(b.Conv.Forward(x), discSlope, pass)
		} else {
			x = b.Conv.ForwardLeaky(x, discSlope)
		}
	}
	x = nn.Flatten{}.Forward(x)
	x = d.Out.Forward(d.Hidden.ForwardLeaky(x, discSlope))
	return x.Reshape(x.Dim(0))
}
