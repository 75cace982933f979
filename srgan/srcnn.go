package srgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// SRCNNOptions are the choices of [NewSRCNN]. The zero value is the network 9-1-5.
type SRCNNOptions struct {
	Scale  int `json:"scale"`  // 2, 4 or 8; 0 means 4
	Middle int `json:"middle"` // kernel of the second convolution, 1, 3 or 5; 0 means 1
}

func (o SRCNNOptions) withDefaults() SRCNNOptions {
	if o.Scale == 0 {
		o.Scale = 4
	}
	if o.Middle == 0 {
		o.Middle = 1
	}
	return o
}

// Check says what is wrong with options that came from outside, nil if nothing is.
func (o SRCNNOptions) Check() error {
	o = o.withDefaults()
	if o.Scale != 2 && o.Scale != 4 && o.Scale != 8 {
		return fmt.Errorf("srgan: scale %d is not 2, 4 or 8", o.Scale)
	}
	if o.Middle != 1 && o.Middle != 3 && o.Middle != 5 {
		return fmt.Errorf("srgan: the middle kernel %d of an SRCNN is not 1, 3 or 5", o.Middle)
	}
	return nil
}

// SRCNN enlarges by bicubic interpolation and sharpens the result with three convolutions, 9-1-5 with 64 and 32 feature maps:
// the first network of the field, here a baseline. Unlike the original it works on RGB, not on luma alone, and pads, so
// that the result keeps its border. Dong, Loy, He & Tang 2014, §3.
type SRCNN struct {
	Options SRCNNOptions

	Conv1 *nn.Conv2D `nn:"conv1"`
	Conv2 *nn.Conv2D `nn:"conv2"`
	Conv3 *nn.Conv2D `nn:"conv3"`
}

// NewSRCNN returns a network with He-normal weights; the original starts from N(0, 0.001²), which Adam does not need. It
// panics if the options are not possible.
func NewSRCNN(opts SRCNNOptions, rng *rand.Rand) *SRCNN {
	if err := opts.Check(); err != nil {
		panic(err.Error())
	}
	o := opts.withDefaults()
	conv := func(in, out, kernel int) *nn.Conv2D {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Pad: kernel / 2, PadMode: tensor.PadReplicate, Init: nn.HeNormal}, rng)
	}
	return &SRCNN{Options: o, Conv1: conv(3, 64, 9), Conv2: conv(64, 32, o.Middle), Conv3: conv(32, 3, 5)}
}

// Forward enlarges x (N,h,w,3) with values in [0,1] to (N,s·h,s·w,3) with values around [-1,1].
func (g *SRCNN) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	s := g.Options.Scale
	x = autograd.Affine(autograd.Resize(x, x.Dim(1)*s, x.Dim(2)*s, tensor.Bicubic), 2, -1)
	x = g.Conv1.ForwardLeaky(x, 0)
	return g.Conv3.Forward(g.Conv2.ForwardLeaky(x, 0))
}

func (g *SRCNN) describe() (architecture string, options any) { return "srcnn", g.Options }

func (g *SRCNN) tiling() (scale, halo int) {
	s := g.Options.Scale
	after := 0
	for _, l := range []*nn.Conv2D{g.Conv1, g.Conv2, g.Conv3} {
		after += wholeGrains(l.Spec.PadT)
	}
	const bicubic = 2 // pixels on each side
	return s, bicubic + (after+s-1)/s
}

// wholeGrains rounds up to a multiple of grain.
func wholeGrains(n int) int { return (n + grain - 1) / grain * grain }
