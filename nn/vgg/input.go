package vgg

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Input says how the weights want images. It must be that of their training.
type Input int

const (
	Torchvision Input = iota // RGB in [0,1], less (0.485, 0.456, 0.406), divided by (0.229, 0.224, 0.225)
	Caffe                    // BGR in [0,255], less (103.939, 116.779, 123.68)
	Plain                    // values in [-1,1] as they are
)

// String returns the name of the input in lower case.
func (i Input) String() string {
	switch i {
	case Torchvision:
		return "torchvision"
	case Caffe:
		return "caffe"
	case Plain:
		return "plain"
	}
	return fmt.Sprintf("Input(%d)", int(i))
}

// prepare maps images x (N,H,W,3) with values in [-1,1] to what the weights want.
func (i Input) prepare(x *autograd.Var) *autograd.Var {
	scale, shift := tensor.New(3), tensor.New(3)
	switch i {
	case Plain:
		return x
	case Caffe:
		x = autograd.Flip(x, 3)
		for c, mean := range [3]float64{103.939, 116.779, 123.68} {
			scale.Data()[c], shift.Data()[c] = 127.5, float32(127.5-mean)
		}
	default:
		mean, std := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
		for c := range 3 {
			scale.Data()[c], shift.Data()[c] = float32(0.5/std[c]), float32((0.5-mean[c])/std[c])
		}
	}
	return autograd.ChannelAffine(x, autograd.Const(scale), autograd.Const(shift))
}
