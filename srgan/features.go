package srgan

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Features is a network whose feature maps are compared instead of pixels: a VGG19 of package vgg, or another one in its
// place.
type Features interface {
	// Name tells the network apart. It stands in logs, tables and checkpoints beside every figure that depends on it.
	Name() string
	// Maps returns the feature maps (N,h,w,c), one or more, of images x (N,H,W,3) with values in [-1,1].
	Maps(x *autograd.Var) []*autograd.Var
}

// featureScale is what the paper multiplies VGG's features by, so that the loss, which is thereby multiplied by 0.00615, is
// commensurate with the mean squared error of pixels. Ledig et al. 2017, §3.2.
const featureScale = 1 / 12.75

// FeatureLoss is the content loss on feature maps, the squared distance of the maps of an enlargement and its original,
//
//	1/(w·h·c) Σ (s·φ(HR) − s·φ(G(LR)))²
//
// averaged over the images of a batch and summed over the maps. Ledig et al. 2017, eq. 5.
type FeatureLoss struct {
	Features Features
	// Scale is s, by which features are multiplied; 0 means 1/12.75, the paper's for VGG19.
	Scale float64
	// SumChannels divides by w·h alone, as eq. 5 is printed. It makes the loss as many times larger as a map has channels, and
	// the adversarial loss beside it weigh so much less. The mean over channels is what implementations compute.
	SumChannels bool
}

// Value returns the loss, of one element, of enlargements y and originals hr, (N,H,W,3) with values in [-1,1].
func (l FeatureLoss) Value(y, hr *autograd.Var) *autograd.Var {
	scale := l.Scale
	if scale == 0 {
		scale = featureScale
	}
	got, want := l.Features.Maps(y), l.Features.Maps(hr)
	if len(got) == 0 || len(got) != len(want) {
		panic(fmt.Sprintf("srgan.FeatureLoss: %s made %d and %d maps", l.Features.Name(), len(got), len(want)))
	}
	var sum *autograd.Var
	for i, m := range got {
		if m.Rank() != 4 || !tensor.SameShape(m.Value(), want[i].Value()) {
			panic(fmt.Sprintf("srgan.FeatureLoss: %s made maps of %v and %v, want two equal shapes (N,h,w,c)", l.Features.Name(), m, want[i]))
		}
		factor := scale * scale
		if l.SumChannels {
			factor *= float64(m.Dim(3))
		}
		v := autograd.Scale(autograd.Mean(autograd.Square(autograd.Sub(m, want[i]))), float32(factor))
		if sum != nil {
			v = autograd.Add(sum, v)
		}
		sum = v
	}
	return sum
}

// Name describes the loss for logs and checkpoints: the network's name, and what differs from the usual choice.
func (l FeatureLoss) Name() string {
	name := l.Features.Name()
	if l.SumChannels {
		name += ", channels summed"
	}
	if l.Scale != 0 && l.Scale != featureScale {
		name += fmt.Sprintf(", features times %.4g", l.Scale)
	}
	return name
}
