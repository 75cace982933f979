package network

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// CIFARConvGenerator is the convolutional generator for CIFAR-10: 100 → 8000 ReLU → 8000 sigmoid, seen as 10×10×80, → transposed
// convolution 5×5 of stride 3 → 32×32×3 linear. Goodfellow et al. 2014, released configuration.
type CIFARConvGenerator struct {
	First  *nn.Linear          `nn:"first"`
	Second *nn.Linear          `nn:"second"`
	Up     *nn.ConvTranspose2D `nn:"up"`
}

// NewCIFARConvGenerator returns the generator. Weights start uniform on ±0.05, in the last layer on ±0.5.
func NewCIFARConvGenerator(rng *rand.Rand) *CIFARConvGenerator {
	o := nn.LinearOptions{Init: nn.Uniform(0.05)}
	second := o
	second.Unflatten = [3]int{10, 10, 80}
	return &CIFARConvGenerator{
		First:  nn.NewLinear(100, 8000, o, rng),
		Second: nn.NewLinear(8000, 8000, second, rng),
		Up:     nn.NewConvTranspose2D(80, 3, 5, nn.ConvTransposeOptions{Stride: 3, Init: nn.Uniform(0.5)}, rng),
	}
}

// Forward returns pictures (N,32,32,3) for latents (N,100).
func (g *CIFARConvGenerator) Forward(z *autograd.Var) *autograd.Var {
	h := autograd.ReLU(g.First.Forward(z))
	h = autograd.Sigmoid(g.Second.Forward(h)).Reshape(-1, 10, 10, 80)
	return g.Up.Forward(h)
}

// CIFARConvDiscriminator is the convolutional discriminator for CIFAR-10: three maxout convolutions of two pieces with
// pooling, a maxout layer 500×5, and a logit, with dropout of the inputs at a rate of 0.2 and of hidden units at 0.5. Pooling
// that does not divide evenly rounds up. Goodfellow et al. 2014, released configuration.
type CIFARConvDiscriminator struct {
	Convs []*nn.Conv2D `nn:"convs"`
	Dense *nn.Linear   `nn:"dense"`
	Out   *nn.Linear   `nn:"out"`
}

// NewCIFARConvDiscriminator returns the discriminator. Weights start uniform on ±0.005.
func NewCIFARConvDiscriminator(rng *rand.Rand) *CIFARConvDiscriminator {
	init := nn.Uniform(0.005)
	conv := func(in, units, kernel, pad int) *nn.Conv2D {
		return nn.NewConv2D(in, 2*units, kernel, nn.ConvOptions{Pad: pad, Init: init}, rng)
	}
	return &CIFARConvDiscriminator{
		Convs: []*nn.Conv2D{conv(3, 32, 8, 4), conv(32, 32, 8, 3), conv(32, 192, 5, 3)},
		// 32 → 33 pooled to 16 → 15 pooled to 7 → 9 pooled to 5.
		Dense: nn.NewLinear(5*5*192, 500*5, nn.LinearOptions{Init: init, Flatten: [3]int{5, 5, 192}}, rng),
		Out:   nn.NewLinear(500, 1, nn.LinearOptions{Init: init}, rng),
	}
}

// Forward returns logits (N,1) for pictures (N,32,32,3).
func (d *CIFARConvDiscriminator) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	windows := []tensor.PoolSpec{
		{KH: 4, KW: 4, StrideH: 2, StrideW: 2, Ceil: true},
		{KH: 4, KW: 4, StrideH: 2, StrideW: 2, Ceil: true},
		{KH: 2, KW: 2, StrideH: 2, StrideW: 2, Ceil: true},
	}
	h := nn.Dropout{Rate: 0.2}.Forward(x, pass)
	for i, conv := range d.Convs {
		h = nn.Maxout{Pieces: 2}.Forward(conv.Forward(h))
		h = nn.Dropout{Rate: 0.5}.Forward(autograd.MaxPool2D(h, windows[i]), pass)
	}
	h = nn.Maxout{Pieces: 5}.Forward(d.Dense.Forward(h.Reshape(h.Dim(0), -1)))
	return d.Out.Forward(nn.Dropout{Rate: 0.5}.Forward(h, pass))
}
