package txt2img

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Generator paints pictures from noise and embedded captions. The caption is reduced by a linear layer with leaky ReLU and
// joined to the noise; transposed convolutions of 4×4, all but the last with batch norm, grow that to 4×4 and double the side
// until it is that of the picture. The stages of 4×4 and 8×8 have residual bottlenecks unless the options say Plain.
//
// It has 18,905,472 parameters as released for birds and flowers, 14,886,784 if Plain, and 41,101,080 for [COCO].
type Generator struct {
	Options Options

	Text   *nn.Linear            `nn:"text"`
	Ups    []*nn.ConvTranspose2D `nn:"ups"`
	Norms  []*nn.BatchNorm2D     `nn:"norms"`  // of all but the last
	Blocks [][]*Bottleneck       `nn:"blocks"` // of the first stages; empty if Plain
}

// residualStages is how many stages have bottlenecks.
const residualStages = 2

// NewGenerator returns a generator with the starting weights of DCGAN ([nn.InitDCGAN]); the text layer has those of Torch.
// It panics if [Options.Check] has an objection.
func NewGenerator(o Options, rng *rand.Rand) *Generator {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	o = o.withDefaults()
	g := &Generator{Options: o, Text: nn.NewLinear(o.Embedding, o.Text, nn.LinearOptions{}, rng)}
	in, width := o.Latent+o.Text, o.GWidth<<(o.stages()-1)
	for stage := range o.stages() {
		up := nn.ConvTransposeOptions{Stride: 2, Pad: 1, NoBias: !o.ConvBias}
		if stage == 0 {
			up.Stride, up.Pad = 1, 0
		}
		g.Ups = append(g.Ups, nn.NewConvTranspose2D(in, width, 4, up, rng))
		g.Norms = append(g.Norms, nn.NewBatchNorm2D(width, nn.BatchNormOptions{}))
		if stage < residualStages && !o.Plain {
			blocks := []*Bottleneck{newBottleneck(width, o.ConvBias, rng)}
			if o.ExtraBlock {
				blocks = append(blocks, newBottleneck(width, o.ConvBias, rng))
			}
			g.Blocks = append(g.Blocks, blocks)
		}
		in, width = width, width/2
	}
	g.Ups = append(g.Ups, nn.NewConvTranspose2D(in, 3, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1, NoBias: !o.ConvBias}, rng))
	nn.InitDCGAN(g, rng)
	return g
}

// Forward returns pictures (N,Size,Size,3) with values in [-1,1] for noise z (N,Latent) and embedded captions
// (N,Embedding). It panics for other shapes.
func (g *Generator) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	wantVectors("Generator", "noise", z, g.Options.Latent)
	wantVectors("Generator", "text", text, g.Options.Embedding)
	h := autograd.Concat(1, z, autograd.LeakyReLU(g.Text.Forward(text), slope))
	h = h.Reshape(h.Dim(0), 1, 1, -1)
	for i, norm := range g.Norms {
		h = g.Ups[i].Forward(h)
		if i >= len(g.Blocks) || len(g.Blocks[i]) == 0 {
			h = norm.ForwardLeaky(h, 0, pass)
			continue
		}
		h = norm.Forward(h, pass)
		for _, b := range g.Blocks[i] {
			h = b.forward(h, 0, pass)
		}
		h = autograd.ReLU(h)
	}
	return autograd.Tanh(g.Ups[len(g.Ups)-1].Forward(h))
}

func wantVectors(network, what string, x *autograd.Var, n int) {
	if s := x.Shape(); len(s) != 2 || s[1] != n {
		panic(fmt.Sprintf("txt2img.%s: want %s (N,%d), got %s", network, what, n, tensor.Format(s)))
	}
}
