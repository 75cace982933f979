package srgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// ESPCNOptions are the choices of [NewESPCN].
type ESPCNOptions struct {
	Scale int `json:"scale"` // 2, 3, 4 or 8; 0 means 4
}

func (o ESPCNOptions) withDefaults() ESPCNOptions {
	if o.Scale == 0 {
		o.Scale = 4
	}
	return o
}

// Check says what is wrong with options that came from outside, nil if nothing is.
func (o ESPCNOptions) Check() error {
	switch o.withDefaults().Scale {
	case 2, 3, 4, 8:
		return nil
	}
	return fmt.Errorf("srgan: scale %d of an ESPCN is not 2, 3, 4 or 8", o.Scale)
}

// ESPCN works at the size of its input, with three convolutions 5-3-3 and 64 and 32 feature maps, and makes all pixels of
// the result at once by a pixel shuffle: a fast network, here a baseline. Unlike the original it works on RGB, not on luma
// alone. Shi et al. 2016, §3.
type ESPCN struct {
	Options ESPCNOptions

	Conv1 *nn.Conv2D `nn:"conv1"`
	Conv2 *nn.Conv2D `nn:"conv2"`
	Conv3 *nn.Conv2D `nn:"conv3"`
}

// NewESPCN returns a network whose weights suit its tanh units. It panics if the options are not possible.
func NewESPCN(opts ESPCNOptions, rng *rand.Rand) *ESPCN {
	if err := opts.Check(); err != nil {
		panic(err.Error())
	}
	o := opts.withDefaults()
	conv := func(in, out, kernel int) *nn.Conv2D {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Pad: kernel / 2, Init: nn.XavierNormal}, rng)
	}
	return &ESPCN{Options: o, Conv1: conv(3, 64, 5), Conv2: conv(64, 32, 3), Conv3: conv(32, 3*o.Scale*o.Scale, 3)}
}

// Forward enlarges x (N,h,w,3) with values in [0,1] to (N,s·h,s·w,3) with values around [-1,1].
func (g *ESPCN) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	x = autograd.Tanh(g.Conv1.Forward(autograd.Affine(x, 2, -1)))
	x = autograd.Tanh(g.Conv2.Forward(x))
	return autograd.PixelShuffle(g.Conv3.Forward(x), g.Options.Scale)
}

func (g *ESPCN) describe() (architecture string, options any) { return "espcn", g.Options }

func (g *ESPCN) tiling() (scale, halo int) {
	for _, l := range []*nn.Conv2D{g.Conv1, g.Conv2, g.Conv3} {
		halo += wholeGrains(l.Spec.PadT)
	}
	return g.Options.Scale, halo
}
