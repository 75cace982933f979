package vgg

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Options are the choices of [New] and [Load]. The zero value is VGG19 up to conv5_4, whose map after ReLU is the result.
type Options struct {
	Taps  []Tap // the maps that Maps returns, from the image on; nil means 5.4 alone. What lies behind the last is not built
	Input Input // what the weights want; the zero value is Torchvision
	Width int   // channels of the first block; 0 means 64, which is VGG19
	// BeforeReLU returns the results of the convolutions themselves (Wang et al. 2018, §3.2).
	BeforeReLU bool
}

func (o Options) withDefaults() Options {
	if len(o.Taps) == 0 {
		o.Taps = []Tap{VGG54}
	}
	if o.Width == 0 {
		o.Width = 64
	}
	return o
}

// VGG is the convolutional part of VGG19, up to its last tap. Up to conv5_4 it has 20,024,384 parameters, named as in
// torchvision: features.0.weight, features.0.bias, features.2.weight, …
type VGG struct {
	Options  Options
	Features nn.Sequential `nn:"features"`

	// Weights says where the weights are from, for [VGG.Name]. New sets it to "random weights", and Load to what a file
	// of Save says or to "", which stands for those of VGG19. Who loads or trains weights in other ways names them here.
	Weights string
}

// New returns a network with random weights (He-normal), which any feature loss runs with, but not as in a paper. It panics
// unless the taps exist and are in order.
func New(opts Options, rng *rand.Rand) *VGG {
	o := opts.withDefaults()
	if o.Width < 1 {
		panic(fmt.Sprintf("vgg.New: want a positive width, got %d", o.Width))
	}
	for i, t := range o.Taps {
		if !t.valid() || i > 0 && !o.Taps[i-1].before(t) {
			panic(fmt.Sprintf("vgg.New: want taps of VGG19 from the image on, got %v", o.Taps))
		}
	}
	v := &VGG{Options: o, Weights: "random weights"}
	last := o.Taps[len(o.Taps)-1]
	in := 3
	for b := range last.Block {
		if b > 0 {
			v.Features = append(v.Features, pool)
		}
		n := depths[b]
		if b+1 == last.Block {
			n = last.Conv
		}
		for range n {
			out := o.Width * widths[b]
			v.Features = append(v.Features, nn.NewConv2D(in, out, 3, nn.ConvOptions{Pad: 1, Init: nn.HeNormal}, rng), nn.ReLU{})
			in = out
		}
	}
	return v
}

var pool = nn.MaxPool2D{KH: 2, KW: 2}

// Name tells the network apart in logs and tables: vgg19-5.4, or vgg19-2.2 (random weights).
func (v *VGG) Name() string {
	name := "vgg19"
	for i, t := range v.Options.Taps {
		name += [2]string{"-", "+"}[min(i, 1)] + t.String()
	}
	var notes []string
	if v.Options.Width != 64 {
		notes = append(notes, fmt.Sprintf("width %d", v.Options.Width))
	}
	if v.Options.BeforeReLU {
		notes = append(notes, "before ReLU")
	}
	if v.Weights != "" {
		notes = append(notes, v.Weights)
	}
	if len(notes) > 0 {
		name += " (" + strings.Join(notes, ", ") + ")"
	}
	return name
}

// Maps returns the feature maps of images x (N,H,W,3) with values in [-1,1], one for each tap: (N,⌊H/2^(i−1)⌋,…,C) for
// block i, halved step by step. It panics if nothing of the image is left at the last block.
func (v *VGG) Maps(x *autograd.Var) []*autograd.Var {
	if x.Rank() != 4 || x.Dim(3) != 3 {
		panic("vgg.Maps: want images (N,H,W,3), got " + x.String())
	}
	x = v.Options.Input.prepare(x)
	if !x.IsRecorded() && v.frozen() {
		return v.infer(x)
	}
	var maps []*autograd.Var
	at := Tap{1, 0}
	for _, layer := range v.Features {
		switch l := layer.(type) {
		case *nn.Conv2D:
			at.Conv++
			x = l.Forward(x)
			switch {
			case !v.taps(at):
				x = autograd.LeakyReLUOver(x, 0)
			case !v.Options.BeforeReLU:
				x = autograd.LeakyReLUOver(x, 0)
				maps = append(maps, x)
			default:
				maps = append(maps, x)
				if len(maps) < len(v.Options.Taps) {
					x = autograd.ReLU(x) // not in place: the map is a result
				}
			}
		case nn.MaxPool2D:
			at = Tap{at.Block + 1, 0}
			x = l.Forward(x)
		}
	}
	return maps
}

func (v *VGG) taps(at Tap) bool { return slices.Contains(v.Options.Taps, at) }

// frozen reports whether no weight learns.
func (v *VGG) frozen() bool {
	for _, layer := range v.Features {
		if c, ok := layer.(*nn.Conv2D); ok && (c.Weight.IsRecorded() || c.Bias.IsRecorded()) {
			return false
		}
	}
	return true
}
