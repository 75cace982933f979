package gan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// InstanceNoise adds Gaussian noise to all that the discriminator sees, real and fake, so that the two overlap while the
// generator is still bad. The noise fades linearly. Sønderby et al. 2017, §3; Arjovsky & Bottou 2017.
type InstanceNoise struct {
	Std  float64 // in the first round; 0 means no noise
	Over int     // rounds until it is gone; 0 means that it stays
}

// At returns the deviation of the noise in a round, counted from 0.
func (n InstanceNoise) At(round int) float64 {
	if n.Over <= 0 {
		return n.Std
	}
	return n.Std * max(0, 1-float64(round)/float64(n.Over))
}

// Add returns x with the noise of a round.
func (n InstanceNoise) Add(x *autograd.Var, round int, rng *rand.Rand) *autograd.Var {
	std := n.At(round)
	if std == 0 {
		return x
	}
	noise := autograd.Alloc(x.Shape(), x)
	tensor.RandNInto(noise, rng)
	tensor.AffineInto(noise, noise, float32(std), 0)
	return autograd.Add(x, autograd.Const(noise))
}
