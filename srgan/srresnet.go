package srgan

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Generator enlarges images: x is (N,h,w,3) with values in [0,1], the result (N,s·h,s·w,3) with values in [-1,1] and a
// fixed factor s.
type Generator interface {
	Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var
}

// Options are the sizes of an [SRResNet]. The zero value is the paper's network.
type Options struct {
	Scale    int  `json:"scale"`    // how much larger the result is: 2, 4 or 8; 0 means 4
	Channels int  `json:"channels"` // feature maps; 0 means 64
	Blocks   int  `json:"blocks"`   // residual blocks; 0 means 16
	NoNorm   bool `json:"no_norm"`  // leave batch normalisation out and give the convolutions a bias instead
	// One PReLU slope for each channel instead of one for each layer.
	SlopePerChannel bool `json:"slope_per_channel"`

	Upsampler Upsampler `json:"upsampler,omitempty"` // how the image grows; the zero value is PixelShuffle
	// ICNR makes the network begin as a nearest-neighbour enlargement, without a checkerboard (Aitken et al. 2017). It
	// changes the starting weights only and goes with PixelShuffle.
	ICNR bool `json:"icnr,omitempty"`
	// Reflect pads convolutions with the image mirrored at its border instead of zeros, which leaves no trace there.
	Reflect bool `json:"reflect,omitempty"`
	// Tanh limits the result to [-1,1] by a hyperbolic tangent. Otherwise the result is linear.
	Tanh bool `json:"tanh,omitempty"`
}

// Upsampler is how an [SRResNet] enlarges twice.
type Upsampler string

// The upsamplers.
const (
	// PixelShuffle is a convolution to four times the channels, which become pixels. Ledig et al. 2017; the same as "".
	PixelShuffle Upsampler = "pixel-shuffle"
	// Deconv is a transposed convolution with kernel 4 and stride 2, as in the first versions of the paper.
	Deconv Upsampler = "deconv"
)

func (o Options) withDefaults() Options {
	if o.Scale == 0 {
		o.Scale = 4
	}
	if o.Channels == 0 {
		o.Channels = 64
	}
	if o.Blocks == 0 {
		o.Blocks = 16
	}
	if o.Upsampler == PixelShuffle {
		o.Upsampler = ""
	}
	return o
}

// Check says what is wrong with options that came from outside, nil if nothing is. Zero fields stand for their defaults.
func (o Options) Check() error {
	o = o.withDefaults()
	switch {
	case o.Scale != 2 && o.Scale != 4 && o.Scale != 8:
		return fmt.Errorf("srgan: scale %d is not 2, 4 or 8", o.Scale)
	case o.Channels < 1 || o.Channels > 4096:
		return fmt.Errorf("srgan: %d channels are not between 1 and 4096", o.Channels)
	case o.Blocks < 0 || o.Blocks > 4096:
		return fmt.Errorf("srgan: %d blocks are not between 0 and 4096", o.Blocks)
	case o.Upsampler != "" && o.Upsampler != Deconv:
		return fmt.Errorf("srgan: upsampler %q is not %q or %q", o.Upsampler, PixelShuffle, Deconv)
	case o.Upsampler == Deconv && o.ICNR:
		return fmt.Errorf("srgan: ICNR is for pixel shuffles, not for upsampler %q", Deconv)
	}
	return nil
}

// SRResNet is the generator: a wide first convolution, residual blocks, a skip around all of them, and sub-pixel
// convolutions that enlarge twice each. Ledig et al. 2017, §2.1 and figure 4. The paper's network has 1,547,350
// parameters.
type SRResNet struct {
	Options Options

	Head      *nn.Conv2D      `nn:"head"`
	HeadAct   *nn.PReLU       `nn:"head_act"`
	Body      []*ResBlock     `nn:"body"`
	Trunk     *nn.Conv2D      `nn:"trunk"`
	TrunkNorm *nn.BatchNorm2D `nn:"trunk_norm"` // nil without normalisation
	Up        []*SubPixel     `nn:"up"`
	Tail      *nn.Conv2D      `nn:"tail"`
}

// ResBlock is the generator's residual block, with no activation after the sum (Ledig et al. 2017, figure 4).
type ResBlock struct {
	Conv1 *nn.Conv2D      `nn:"conv1"`
	Norm1 *nn.BatchNorm2D `nn:"norm1"` // nil without normalisation
	Act   *nn.PReLU       `nn:"act"`
	Conv2 *nn.Conv2D      `nn:"conv2"`
	Norm2 *nn.BatchNorm2D `nn:"norm2"`
}

// SubPixel doubles height and width: by a convolution to four times the channels and a pixel shuffle (Shi et al. 2016), or
// by a transposed convolution. It has one of the two.
type SubPixel struct {
	Conv   *nn.Conv2D          `nn:"conv"`
	Deconv *nn.ConvTranspose2D `nn:"deconv"`
	Act    *nn.PReLU           `nn:"act"`
}

// NewSRResNet returns a network with He-normal weights. It panics if the options are not possible.
func NewSRResNet(opts Options, rng *rand.Rand) *SRResNet {
	o := opts.withDefaults()
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	c := o.Channels
	g := &SRResNet{
		Options: o,
		Head:    o.conv(3, c, 9, nn.HeNormal, rng),
		HeadAct: o.prelu(),
		Trunk:   o.conv3(nn.HeNormal, rng),
		Tail:    o.conv(c, 3, 9, nn.HeNormal, rng),
	}
	g.TrunkNorm = o.norm()
	last := nn.Init(nn.HeNormal)
	if o.NoNorm {
		// Without normalisation the variance would double in every block; blocks that start near the identity keep it
		// (Zhang et al. 2019, "Fixup Initialization").
		last = nn.Scaled(0.1, nn.HeNormal)
	}
	for range o.Blocks {
		g.Body = append(g.Body, &ResBlock{
			Conv1: o.conv3(nn.HeNormal, rng), Norm1: o.norm(), Act: o.prelu(),
			Conv2: o.conv3(last, rng), Norm2: o.norm(),
		})
	}
	for range bits.Len(uint(o.Scale)) - 1 {
		g.Up = append(g.Up, o.up(rng))
	}
	return g
}

// conv is a convolution with bias that keeps the size.
func (o Options) conv(in, out, kernel int, init nn.Init, rng *rand.Rand) *nn.Conv2D {
	return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Pad: kernel / 2, PadMode: o.padMode(), Init: init}, rng)
}

// conv3 is the 3×3 convolution of the trunk. A bias before batch normalisation would have no effect.
func (o Options) conv3(init nn.Init, rng *rand.Rand) *nn.Conv2D {
	return nn.NewConv2D(o.Channels, o.Channels, 3, nn.ConvOptions{Pad: 1, PadMode: o.padMode(), NoBias: !o.NoNorm, Init: init}, rng)
}

func (o Options) padMode() tensor.PadMode {
	if o.Reflect {
		return tensor.PadReflect
	}
	return tensor.PadZero
}

func (o Options) up(rng *rand.Rand) *SubPixel {
	c := o.Channels
	if o.Upsampler == Deconv {
		// An output pixel sees 2×2 of the 4×4 taps, so a fan-in of 4·c keeps the variance.
		init := nn.Normal(math.Sqrt(2 / float64(4*c)))
		return &SubPixel{Deconv: nn.NewConvTranspose2D(c, c, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1, Init: init}, rng), Act: o.prelu()}
	}
	init := nn.Init(nn.HeNormal)
	if o.ICNR {
		init = nn.ICNR(2, init)
	}
	return &SubPixel{Conv: o.conv(c, 4*c, 3, init, rng), Act: o.prelu()}
}

func (o Options) norm() *nn.BatchNorm2D {
	if o.NoNorm {
		return nil
	}
	return nn.NewBatchNorm2D(o.Channels, nn.BatchNormOptions{})
}

func (o Options) prelu() *nn.PReLU {
	if o.SlopePerChannel {
		return nn.NewPReLU(nn.PReLUOptions{Channels: o.Channels})
	}
	return nn.NewPReLU(nn.PReLUOptions{})
}

// Forward enlarges x (N,h,w,3) with values in [0,1] to (N,s·h,s·w,3) with values around [-1,1], not limited to it
// without Options.Tanh.
func (g *SRResNet) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	first := g.HeadAct.Forward(convolve(g.Head, x))
	h := first
	for _, b := range g.Body {
		h = b.Forward(h, pass)
	}
	h = addNormalised(first, g.TrunkNorm, convolve(g.Trunk, h), pass)
	for _, u := range g.Up {
		h = u.Forward(h)
	}
	y := convolve(g.Tail, h)
	if g.Options.Tanh {
		y = autograd.Tanh(y)
	}
	return y
}

// Forward returns x plus what the block adds to it; x is (N,H,W,C).
func (b *ResBlock) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := convolve(b.Conv1, x)
	if b.Norm1 != nil {
		h = b.Norm1.ForwardPReLU(h, b.Act, pass)
	} else {
		h = b.Act.Forward(h)
	}
	return addNormalised(x, b.Norm2, convolve(b.Conv2, h), pass)
}

// Forward takes x (N,H,W,C) to (N,2H,2W,C).
func (u *SubPixel) Forward(x *autograd.Var) *autograd.Var {
	if u.Deconv != nil {
		return u.Act.Forward(u.Deconv.Forward(x))
	}
	h := convolve(u.Conv, x)
	y := autograd.PixelShuffle(h, 2)
	autograd.Drop(h)
	return u.Act.Forward(y)
}

// convolve is the layer's Forward, also of an image that is smaller than the border it is mirrored into: such an image is
// mirrored again and again.
func convolve(l *nn.Conv2D, x *autograd.Var) *autograd.Var {
	pad := l.Spec.PadT
	if l.PadMode != tensor.PadReflect || x.Dim(1) > pad && x.Dim(2) > pad {
		return l.Forward(x)
	}
	x = mirror(x, 1, pad)
	x = mirror(x, 2, pad)
	valid := *l
	valid.PadMode, valid.Spec.PadT, valid.Spec.PadB, valid.Spec.PadL, valid.Spec.PadR = tensor.PadZero, 0, 0, 0, 0
	return valid.Forward(x)
}

// mirror adds n rows above and below, or for axis 2 columns on both sides. A single one is repeated.
func mirror(x *autograd.Var, axis, n int) *autograd.Var {
	for n > 0 {
		size := x.Dim(axis)
		mode, step := tensor.PadReflect, min(n, size-1)
		if size == 1 {
			mode, step = tensor.PadReplicate, n
		}
		spec := tensor.PadSpec{Mode: mode, T: step, B: step}
		if axis == 2 {
			spec = tensor.PadSpec{Mode: mode, L: step, R: step}
		}
		// Grown by its size less one, the image ends where it is mirrored again: the next step goes on seamlessly.
		x = autograd.Pad2D(x, spec)
		n -= step
	}
	return x
}

// addNormalised returns x + norm(h), x + h without a norm.
func addNormalised(x *autograd.Var, norm *nn.BatchNorm2D, h *autograd.Var, pass *nn.Pass) *autograd.Var {
	if norm == nil {
		return autograd.Add(x, h)
	}
	return norm.ForwardAdd(h, x, pass)
}
