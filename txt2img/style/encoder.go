package style

import (
	"fmt"
	"math/bits"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Options are the sizes of an [Encoder]. The zero value is for the pictures and the noise of the paper's generator.
type Options struct {
	Size   int `json:"size,omitempty"`   // side of the pictures, a power of 2 from 16; 0 means 64
	Latent int `json:"latent,omitempty"` // numbers in a noise vector; 0 means 100
	Width  int `json:"width,omitempty"`  // feature maps of the first layer, doubled with each halving of the side; 0 means 64

	// ConvBias gives all convolutions a bias, not only the last. Before a batch norm a bias changes nothing: its gradient is
	// zero but for rounding, which Adam makes into steps.
	ConvBias bool `json:"conv_bias,omitempty"`
}

func (o Options) withDefaults() Options {
	o.Size, o.Latent, o.Width = either(o.Size, 64), either(o.Latent, 100), either(o.Width, 64)
	return o
}

// largest is the limit on each size.
const largest = 1 << 14

// Check returns an error unless an encoder can be built with the options.
func (o Options) Check() error {
	o = o.withDefaults()
	switch {
	case o.Size < 16 || o.Size > largest || o.Size&(o.Size-1) != 0:
		return fmt.Errorf("style: pictures of %d×%d pixels; want a power of 2 from 16 to %d", o.Size, o.Size, largest)
	case o.Latent < 1 || o.Width < 1 || o.Latent > largest || o.Width > largest:
		return fmt.Errorf("style: noise of %d numbers and %d feature maps; want 1 to %d of each", o.Latent, o.Width, largest)
	}
	return nil
}

// stages is how often the side is halved until it is 4.
func (o Options) stages() int { return bits.Len(uint(o.Size)) - 3 }

// Encoder maps pictures to the noise they were painted from. It is the convolutional trunk of the paper's discriminator with
// another end: 4×4 convolutions that halve the side down to 4×4, all but the first with batch norm, with leaky ReLU of slope
// 0.2, and a 4×4 convolution to the noise. It has 3,576,676 parameters for pictures of 64×64 pixels, and 3,577,636 with
// ConvBias. The paper does not describe its encoder, and no code of it was released.
type Encoder struct {
	Options Options

	Downs []*nn.Conv2D      `nn:"downs"`
	Norms []*nn.BatchNorm2D `nn:"norms"` // of all but the first
	Out   *nn.Conv2D        `nn:"out"`
}

// New returns an encoder with DCGAN's starting weights ([nn.InitDCGAN]). It panics if [Options.Check] has an objection.
func New(o Options, rng *rand.Rand) *Encoder {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	o = o.withDefaults()
	e := &Encoder{Options: o}
	in, width := 3, o.Width
	for i := range o.stages() {
		e.Downs = append(e.Downs, nn.NewConv2D(in, width, 4, nn.ConvOptions{Stride: 2, Pad: 1, NoBias: !o.ConvBias}, rng))
		if i > 0 {
			e.Norms = append(e.Norms, nn.NewBatchNorm2D(width, nn.BatchNormOptions{}))
		}
		in, width = width, 2*width
	}
	e.Out = nn.NewConv2D(in, o.Latent, 4, nn.ConvOptions{}, rng)
	nn.InitDCGAN(e, rng)
	return e
}

// Forward returns noise (N,Latent) for pictures (N,Size,Size,3) with values in [-1,1]. It panics for another shape.
func (e *Encoder) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	if s := x.Shape(); len(s) != 4 || s[1] != e.Options.Size || s[2] != e.Options.Size || s[3] != 3 {
		panic(fmt.Sprintf("style.Encoder: want (N,%d,%d,3), got %s", e.Options.Size, e.Options.Size, tensor.Format(s)))
	}
	for i, down := range e.Downs {
		x = down.Forward(x)
		if i > 0 {
			x = e.Norms[i-1].ForwardLeaky(x, 0.2, pass)
		} else {
			x = autograd.LeakyReLU(x, 0.2)
		}
	}
	return e.Out.Forward(x).Reshape(-1, e.Options.Latent)
}

// either returns n, or def if n is zero.
func either(n, def int) int {
	if n == 0 {
		return def
	}
	return n
}
