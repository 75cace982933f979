package lapgan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// LSUNOptions are the sizes of [LSUN] and [LSUNDiscriminator].
type LSUNOptions struct {
	Side     int `json:"side"`     // of the residuals
	Channels int `json:"channels"` // 0 means 3
}

// LSUN is the generator of the large model for LSUN scenes: grouped convolutions, each followed by ReLU and then batch norm
// without affine part, which also normalises the output; whole maps are dropped, and once the norms of pairs of maps are
// taken. 1,090,995 parameters. Released code of Denton et al. 2015.
type LSUN struct {
	Options LSUNOptions

	Convs []*nn.Conv2D      `nn:"conv"`
	Norms []*nn.BatchNorm2D `nn:"norm"`
}

// NewLSUN returns a generator with Torch's usual weights.
func NewLSUN(opts LSUNOptions, rng *rand.Rand) *LSUN {
	opts.Channels = orElse(opts.Channels, 3)
	g := &LSUN{Options: opts}
	for _, c := range []struct{ in, out, kernel, groups int }{
		{1 + opts.Channels, 64, 7, 1}, {64, 368, 7, 4}, {368, 128, 7, 4}, {64, 224, 5, 2}, {224, opts.Channels, 7, 1},
	} {
		g.Convs = append(g.Convs, nn.NewConv2D(c.in, c.out, c.kernel, nn.ConvOptions{Pad: c.kernel / 2, Groups: c.groups}, rng))
		g.Norms = append(g.Norms, nn.NewBatchNorm2D(c.out, nn.BatchNormOptions{NoAffine: true}))
	}
	return g
}

// Noise implements [Generator]: a plane of numbers between −1 and 1.
func (g *LSUN) Noise(n int, rng *rand.Rand) *tensor.Tensor { return noisePlane(n, g.Options.Side, rng) }

// Forward implements [Generator]. Classes are not used: the paper trains a model for each.
func (g *LSUN) Forward(z, low, _ *autograd.Var, pass *nn.Pass) *autograd.Var {
	drop := nn.Dropout2D{Rate: 0.5}
	h := autograd.Concat(-1, z, low)
	last := len(g.Convs) - 1
	for i, conv := range g.Convs {
		h = conv.Forward(h)
		if i < last {
			h = autograd.ReLU(h)
		}
		h = g.Norms[i].Forward(h, pass)
		switch i {
		case 1, 3:
			h = drop.Forward(h, pass)
		case 2:
			h = autograd.L2Pool(h, 2)
		}
	}
	return h
}

// Sample implements [Level].
func (g *LSUN) Sample(given Given, rng *rand.Rand) *tensor.Tensor {
	given.wantLow("lapgan.LSUN.Sample", g.Options.Side, g.Options.Channels)
	return generate(g, 0, given, rng)
}

// LSUNDiscriminator judges residuals of the large model for LSUN by the sharp image, low + h. Its convolutions are unpadded,
// which takes 12 pixels off a side; below 16 they keep the size.
type LSUNDiscriminator struct {
	Options LSUNOptions

	Convs []*nn.Conv2D `nn:"conv"`
	Out   *nn.Linear   `nn:"out"`
}

// NewLSUNDiscriminator returns a discriminator with Torch's usual weights.
func NewLSUNDiscriminator(opts LSUNOptions, rng *rand.Rand) *LSUNDiscriminator {
	opts.Channels = orElse(opts.Channels, 3)
	d := &LSUNDiscriminator{Options: opts}
	side := opts.Side
	for _, c := range []struct{ in, out, kernel, groups int }{{opts.Channels, 48, 3, 1}, {48, 448, 5, 4}, {448, 416, 7, 16}} {
		pad := 0
		if opts.Side < 16 {
			pad = c.kernel / 2
		}
		side += 2*pad - c.kernel + 1
		d.Convs = append(d.Convs, nn.NewConv2D(c.in, c.out, c.kernel, nn.ConvOptions{Pad: pad, Groups: c.groups}, rng))
	}
	d.Out = nn.NewLinear(side*side*416, 1, nn.LinearOptions{Flatten: [3]int{side, side, 416}}, rng)
	return d
}

// Forward implements [Discriminator].
func (d *LSUNDiscriminator) Forward(h, low, _ *autograd.Var, _ *nn.Pass) *autograd.Var {
	x := autograd.Add(low, h)
	for _, conv := range d.Convs {
		x = autograd.ReLU(conv.Forward(x))
	}
	return d.Out.Forward(nn.Flatten{}.Forward(x))
}
