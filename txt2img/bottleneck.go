package txt2img

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Bottleneck is a residual branch of three convolutions, 1×1 and 3×3 to a quarter of the channels and 3×3 back to all of
// them, each with batch norm and the first two with an activation.
type Bottleneck struct {
	Convs []*nn.Conv2D      `nn:"convs"`
	Norms []*nn.BatchNorm2D `nn:"norms"`
}

func newBottleneck(channels int, bias bool, rng *rand.Rand) *Bottleneck {
	b := &Bottleneck{}
	in, narrow := channels, max(channels/4, 1)
	for i, out := range []int{narrow, narrow, channels} {
		kernel := 3
		if i == 0 {
			kernel = 1
		}
		b.Convs = append(b.Convs, nn.NewConv2D(in, out, kernel, nn.ConvOptions{Pad: kernel / 2, NoBias: !bias}, rng))
		b.Norms = append(b.Norms, nn.NewBatchNorm2D(out, nn.BatchNormOptions{}))
		in = out
	}
	return b
}

// forward returns x plus the branch, without the activation that follows the sum. leak is the slope of those within.
func (b *Bottleneck) forward(x *autograd.Var, leak float32, pass *nn.Pass) *autograd.Var {
	h := x
	last := len(b.Convs) - 1
	for i, conv := range b.Convs[:last] {
		h = b.Norms[i].ForwardLeaky(conv.Forward(h), leak, pass)
	}
	return b.Norms[last].ForwardAdd(b.Convs[last].Forward(h), x, pass)
}
