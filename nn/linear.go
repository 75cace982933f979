package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
)

// Linear is a fully connected layer,
//
//	y = x·W + b
//
// x is (…, in) with at least two axes and y is (…, out); W is (in, out), b is (out). Checkpoints hold W as (out, in).
type Linear struct {
	Weight *autograd.Var `nn:"weight"`
	Bias   *autograd.Var `nn:"bias"` // nil without bias

	// Flatten and Unflatten are the options of that name.
	Flatten, Unflatten [3]int

	BFloat16 bool // see [UseBFloat16]
}

// LinearOptions are the choices of [NewLinear].
type LinearOptions struct {
	NoBias bool
	Init   Init // of the weight; nil is uniform on ±1/√in for weight and bias. With an Init the bias starts at zero

	// Flatten is the size (H,W,C) of the image whose elements the layer takes, and Unflatten that of the image that its
	// outputs become, if any. They do not change what the layer computes. PyTorch numbers the elements of an image
	// (C,H,W); with these sizes, checkpoints do so as well.
	Flatten, Unflatten [3]int
}

// NewLinear returns a linear layer. It panics if a size is not positive or does not fit the image it stands for.
func NewLinear(in, out int, opts LinearOptions, rng *rand.Rand) *Linear {
	if in < 1 || out < 1 {
		panic(fmt.Sprintf("nn.NewLinear: want positive sizes, got %d to %d", in, out))
	}
	for _, image := range []struct {
		name  string
		size  [3]int
		units int
	}{{"Flatten", opts.Flatten, in}, {"Unflatten", opts.Unflatten, out}} {
		if s := image.size; s != [3]int{} && s[0]*s[1]*s[2] != image.units {
			panic(fmt.Sprintf("nn.NewLinear: %s %d×%d×%d does not have %d elements", image.name, s[0], s[1], s[2], image.units))
		}
	}
	l := &Linear{Weight: newWeight(opts.Init, rng, in, out), Flatten: opts.Flatten, Unflatten: opts.Unflatten}
	if !opts.NoBias {
		l.Bias = newBias(opts.Init, rng, out, l.Weight)
	}
	return l
}

// Forward returns x·W + b. It panics unless the last axis of x has the layer's input size.
func (l *Linear) Forward(x *autograd.Var) *autograd.Var {
	return l.ForwardWith(x, l.Weight)
}

// ForwardLeaky is Forward followed by [autograd.LeakyReLU], for which nothing of its own is kept. Slope 0 is ReLU.
func (l *Linear) ForwardLeaky(x *autograd.Var, slope float32) *autograd.Var {
	return autograd.LeakyReLUOver(l.Forward(x), slope)
}

// BaseWeight implements [Weighted].
func (l *Linear) BaseWeight() *autograd.Var { return l.Weight }

// ForwardWith is Forward with another weight of the same shape.
func (l *Linear) ForwardWith(x, w *autograd.Var) *autograd.Var {
	return addBias(multiply(x, w, l.BFloat16), l.Bias)
}

// DiskLayout implements [DiskLayouter].
func (l *Linear) DiskLayout(field string) Layout {
	in, out := l.Weight.Dim(0), l.Weight.Dim(1)
	flat, unflat := l.Flatten != [3]int{}, l.Unflatten != [3]int{}
	if field == "bias" {
		if !unflat {
			return Layout{}
		}
		return Layout{View: l.Unflatten[:], Perm: []int{2, 0, 1}, Disk: []int{out}}
	}
	rows, cols := []int{in}, []int{out}
	if flat {
		rows = l.Flatten[:]
	}
	if unflat {
		cols = l.Unflatten[:]
	}
	view := append(append([]int{}, rows...), cols...)
	perm := append(channelFirst(len(rows), len(cols)), channelFirst(0, len(rows))...)
	return Layout{View: view, Perm: perm, Disk: []int{out, in}}
}

// channelFirst returns the order that brings the last of n axes, which begin at axis at, to their front.
func channelFirst(at, n int) []int {
	out := []int{at + n - 1}
	for i := range n - 1 {
		out = append(out, at+i)
	}
	return out
}
