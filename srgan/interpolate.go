package srgan

import (
	"bytes"
	"fmt"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Interpolate changes the weights of g to (1-alpha)·g + alpha·other, which are to be networks with the same options of which one
// was trained on from the other, or both from a third: what lies between others is seldom a network that does anything. Between
// a network trained by the error of pixels and its SRGAN it trades faithfulness against texture (Wang et al. 2018, "ESRGAN",
// §3.4), and the mean of two runs is often better than each (Izmailov et al. 2018). It is an error if the networks are of
// different kinds. alpha may lie outside of [0,1].
func Interpolate(g, other Network, alpha float64) error {
	if a, b := Manifest(g, 0), Manifest(other, 0); !alike(g, other) {
		return fmt.Errorf("srgan: nothing lies between %s %s and %s %s", a.Architecture, a.Options, b.Architecture, b.Options)
	}
	to := nn.Walk(other)
	for i, e := range nn.Walk(g) {
		t := e.Tensor()
		tensor.AffineInto(t, t, float32(1-alpha), 0)
		tensor.AddInto(t, t, tensor.Affine(to[i].Tensor(), float32(alpha), 0))
	}
	return nil
}

// alike reports whether the weights of two networks mean the same. How those of an SRResNet began does not matter.
func alike(g, other Network) bool {
	if x, ok := g.(*SRResNet); ok {
		y, ok := other.(*SRResNet)
		if !ok {
			return false
		}
		a, b := x.Options, y.Options
		a.ICNR = b.ICNR
		return a == b
	}
	a, b := Manifest(g, 0), Manifest(other, 0)
	return a.Architecture == b.Architecture && bytes.Equal(a.Options, b.Options)
}
