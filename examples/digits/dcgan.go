package main

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// margin is what a DCGAN's pictures have more than digits on each side: it makes 32×32 pixels.
const margin = (32 - side) / 2

// cropped makes digits (N,28,28,1) with values in [0, 1] of the pictures of a DCGAN.
type cropped struct {
	DCGAN *network.DCGANGenerator `nn:"dcgan"`
}

// Forward takes latents and classes (N,100+10).
func (g *cropped) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	x := autograd.Crop2D(g.DCGAN.Forward(z, pass), margin, margin, side, side)
	return autograd.Affine(x, 0.5, 0.5)
}

// padded judges digits (N,28,28,1) in a margin of zeros. It is told no class, and says which it sees.
type padded struct {
	DCGAN *network.DCGANDiscriminator `nn:"dcgan"`
}

// Judge returns logits (N,1), and those of the classes (N,10).
func (d *padded) Judge(x, _ *autograd.Var, pass *nn.Pass) gan.Verdict {
	return d.DCGAN.Judge(autograd.Pad2D(x, tensor.PadAll(margin, tensor.PadZero)), nil, pass)
}
