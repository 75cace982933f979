package lapgan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Generator makes the residuals of a level, or the images of the coarsest, of noise. low is the low-pass images (N,h,w,C),
// nil at the coarsest level; class is one-hot classes (N,K), nil without classes. A user's own network is a [Level] through
// [FromGenerator].
type Generator interface {
	Noise(n int, rng *rand.Rand) *tensor.Tensor // what n results begin with
	Forward(z, low, class *autograd.Var, pass *nn.Pass) *autograd.Var
}

// Discriminator judges residuals h, or the images of the coarsest level; low and class are as for a [Generator]. Forward
// returns N logits, high for real.
type Discriminator interface {
	Forward(h, low, class *autograd.Var, pass *nn.Pass) *autograd.Var
}

// FromGenerator makes a level of a generator that knows so many classes, 0 for none.
func FromGenerator(g Generator, classes int) Level {
	return LevelFunc(func(given Given, rng *rand.Rand) *tensor.Tensor { return generate(g, classes, given, rng) })
}

// sampleBlock is how many results are computed at a time, so that memory does not grow with their number.
const sampleBlock = 64

// generate draws with a generator at inference.
func generate(g Generator, classes int, given Given, rng *rand.Rand) *tensor.Tensor {
	z := g.Noise(given.N, rng)
	var parts []*tensor.Tensor
	for lo := 0; lo < given.N; lo += sampleBlock {
		hi := min(lo+sampleBlock, given.N)
		part := given.rows(lo, hi)
		var low *autograd.Var
		if part.Low != nil {
			low = autograd.Const(part.Low)
		}
		parts = append(parts, g.Forward(autograd.Const(z.Rows(lo, hi)), low, part.classes("lapgan.Level", classes), nil).Value())
	}
	return tensor.Concat(0, parts...)
}

// orElse returns v, or usual if it is 0.
func orElse(v, usual int) int {
	if v == 0 {
		return usual
	}
	return v
}

// classPlane makes a plane (N,side,side,1) of a class by a linear layer and ReLU.
func classPlane(l *nn.Linear, class *autograd.Var, side int) *autograd.Var {
	return l.ForwardLeaky(class, 0).Reshape(class.Dim(0), side, side, 1)
}

// newClassPlane returns the layer of [classPlane], nil without classes.
func newClassPlane(classes, side int, rng *rand.Rand) *nn.Linear {
	if classes == 0 {
		return nil
	}
	return nn.NewLinear(classes, side*side, nn.LinearOptions{Unflatten: [3]int{side, side, 1}}, rng)
}
