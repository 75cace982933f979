package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// ResNetOptions are the choices of [NewResNetGenerator] and [NewResNetDiscriminator].
type ResNetOptions struct {
	Size      int // side of the pictures, a power of 2 from 8; 0 means 32
	Channels  int // of the pictures; 0 means 3
	Latent    int // numbers in a latent; 0 means 128
	Width     int // feature maps of every layer; 0 means 128
	Condition int // size of a condition, such as the number of classes; 0 means none
	Classes   int // logits of an auxiliary classifier in the discriminator; 0 means none
}

func (o ResNetOptions) withDefaults(op string) ResNetOptions {
	o.Size, o.Channels, o.Latent, o.Width = either(o.Size, 32), either(o.Channels, 3), either(o.Latent, 128), either(o.Width, 128)
	if o.Size < 8 || o.Size&(o.Size-1) != 0 || o.Channels < 1 || o.Latent < 1 || o.Width < 1 || o.Condition < 0 || o.Classes < 0 {
		panic(fmt.Sprintf("%s: want a side that is a power of 2 from 8 and positive numbers of channels, got %+v", op, o))
	}
	return o
}

// ResNetGenerator grows a latent to 4×4 and doubles the side with each residual block; the condition comes in through
// [gan.ConditionalNorm]. Miyato et al. 2018, table 4a; Miyato & Koyama 2018.
type ResNetGenerator struct {
	Grow   *nn.Linear      `nn:"grow"`
	Blocks []*UpBlock      `nn:"blocks"`
	Norm   *nn.BatchNorm2D `nn:"norm"`
	Out    *nn.Conv2D      `nn:"out"`
}

// NewResNetGenerator returns the generator. It panics if an option is impossible.
func NewResNetGenerator(o ResNetOptions, rng *rand.Rand) *ResNetGenerator {
	o = o.withDefaults("network.NewResNetGenerator")
	g := &ResNetGenerator{
		Grow: nn.NewLinear(o.Latent, 4*4*o.Width, nn.LinearOptions{Init: nn.XavierUniform, Unflatten: [3]int{4, 4, o.Width}}, rng),
		Norm: nn.NewBatchNorm2D(o.Width, nn.BatchNormOptions{}),
		Out:  nn.NewConv2D(o.Width, o.Channels, 3, nn.ConvOptions{Pad: 1, Init: nn.XavierUniform}, rng),
	}
	for side := 4; side < o.Size; side *= 2 {
		g.Blocks = append(g.Blocks, newUpBlock(o.Width, o.Condition, rng))
	}
	return g
}

// Forward returns pictures (N,Size,Size,Channels) with values in [-1,1] for latents (N,Latent) under conditions
// (N,Condition), nil without.
func (g *ResNetGenerator) Forward(z, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := g.Grow.Forward(z)
	h = h.Reshape(h.Dim(0), 4, 4, -1)
	for _, b := range g.Blocks {
		h = b.Forward(h, y, pass)
	}
	return autograd.Tanh(g.Out.Forward(g.Norm.ForwardLeaky(h, 0, pass)))
}

// UpBlock is the generator's residual block, which doubles the side.
type UpBlock struct {
	Norm1 *gan.ConditionalNorm `nn:"norm1"`
	Conv1 *nn.Conv2D           `nn:"conv1"`
	Norm2 *gan.ConditionalNorm `nn:"norm2"`
	Conv2 *nn.Conv2D           `nn:"conv2"`
	Skip  *nn.Conv2D           `nn:"skip"`
}

func newUpBlock(width, condition int, rng *rand.Rand) *UpBlock {
	conv := func(kernel int, gain float32) *nn.Conv2D {
		return nn.NewConv2D(width, width, kernel, nn.ConvOptions{Pad: kernel / 2, Init: nn.Scaled(gain, nn.XavierUniform)}, rng)
	}
	return &UpBlock{
		Norm1: gan.NewConditionalNorm(width, condition, rng), Conv1: conv(3, sqrt2),
		Norm2: gan.NewConditionalNorm(width, condition, rng), Conv2: conv(3, sqrt2),
		Skip: conv(1, 1),
	}
}

// Forward returns x (N,H,W,C) as (N,2H,2W,C).
func (b *UpBlock) Forward(x, y *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := autograd.ReLU(b.Norm1.Forward(x, y, pass))
	h = b.Conv1.Forward(autograd.ResizeScale(h, 2, tensor.Nearest))
	h = b.Conv2.Forward(autograd.ReLU(b.Norm2.Forward(h, y, pass)))
	// A 1×1 convolution commutes with repeating pixels, and is four times cheaper before it.
	return autograd.Add(h, autograd.ResizeScale(b.Skip.Forward(x), 2, tensor.Nearest))
}

// sqrt2 is the gain of the layers within a block (Miyato et al. 2018, authors' code).
const sqrt2 = 1.4142135

// ResNetDiscriminator is a residual network with spectral norm in every layer: two blocks that halve the side, two that do
// not, and the sum over what is left, which goes to a [gan.Projection] and, if asked for, to a classifier. Miyato et al.
// 2018, table 4b; Miyato & Koyama 2018.
type ResNetDiscriminator struct {
	Blocks  []*DownBlock     `nn:"blocks"`
	Head    *gan.Projection  `nn:"head"`
	Classes *nn.SpectralNorm `nn:"classes"` // nil without an auxiliary classifier
}

// NewResNetDiscriminator returns the discriminator. It panics if an option is impossible.
func NewResNetDiscriminator(o ResNetOptions, rng *rand.Rand) *ResNetDiscriminator {
	o = o.withDefaults("network.NewResNetDiscriminator")
	d := &ResNetDiscriminator{Blocks: []*DownBlock{
		newDownBlock(o.Channels, o.Width, true, true, rng),
		newDownBlock(o.Width, o.Width, false, true, rng),
	}}
	// What is left has a side of 8, as with the 32 pixels of the paper.
	for side := o.Size / 4; side > 8; side /= 2 {
		d.Blocks = append(d.Blocks, newDownBlock(o.Width, o.Width, false, true, rng))
	}
	for range 2 {
		d.Blocks = append(d.Blocks, newDownBlock(o.Width, o.Width, false, false, rng))
	}
	d.Head = gan.NewProjection(o.Width, o.Condition, true, rng)
	if o.Classes > 0 {
		d.Classes = nn.NewSpectralNorm(nn.NewLinear(o.Width, o.Classes, nn.LinearOptions{}, rng), rng)
	}
	return d
}

// Judge returns logits (N,1) for pictures (N,Size,Size,Channels) under conditions (N,Condition), nil without; the logits of
// an auxiliary classifier if there is one; and the outputs of the blocks as features.
func (d *ResNetDiscriminator) Judge(x, y *autograd.Var, pass *nn.Pass) gan.Verdict {
	var v gan.Verdict
	for _, b := range d.Blocks {
		x = b.Forward(x, pass)
		v.Features = append(v.Features, x)
	}
	h := autograd.Sum(autograd.ReLU(x), 1, 2)
	v.Logits = d.Head.Forward(h, y, pass)
	if d.Classes != nil {
		v.Classes = d.Classes.Forward(h, pass)
	}
	return v
}

// DownBlock is the discriminator's residual block.
type DownBlock struct {
	Conv1 *nn.SpectralNorm `nn:"conv1"`
	Conv2 *nn.SpectralNorm `nn:"conv2"`
	Skip  *nn.SpectralNorm `nn:"skip"` // nil where the sum needs none

	First bool // no activation before the first convolution: it sees pictures
	Half  bool // halve the side
}

func newDownBlock(in, out int, first, half bool, rng *rand.Rand) *DownBlock {
	conv := func(in, kernel int, gain float32) *nn.SpectralNorm {
		o := nn.ConvOptions{Pad: kernel / 2, Init: nn.Scaled(gain, nn.XavierUniform)}
		return nn.NewSpectralNorm(nn.NewConv2D(in, out, kernel, o, rng), rng)
	}
	b := &DownBlock{Conv1: conv(in, 3, sqrt2), Conv2: conv(out, 3, sqrt2), First: first, Half: half}
	if half || in != out {
		b.Skip = conv(in, 1, 1)
	}
	return b
}

// Forward returns x (N,H,W,in) as (N,H,W,out), or half as high and wide.
func (b *DownBlock) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := x
	if !b.First {
		h = autograd.ReLU(h)
	}
	h = b.Conv2.Forward(autograd.ReLU(b.Conv1.Forward(h, pass)), pass)
	if b.Half {
		// Averages commute with a 1×1 convolution, which is cheaper behind them.
		h, x = average(h), average(x)
	}
	if b.Skip != nil {
		x = b.Skip.Forward(x, pass)
	}
	return autograd.Add(h, x)
}

func average(x *autograd.Var) *autograd.Var { return autograd.AvgPool2D(x, tensor.PoolAll(2, 2, 0)) }
