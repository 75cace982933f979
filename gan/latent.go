package gan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

// Latent is the distribution that a generator turns into one of pictures.
type Latent interface {
	// Draw returns n independent samples, (n, …).
	Draw(n int, rng *rand.Rand) *tensor.Tensor
}

// Normal is the standard normal distribution of samples of a shape: vectors of 100 numbers for Normal(100).
func Normal(shape ...int) Latent { return normal(shape) }

type normal []int

// Draw implements [Latent].
func (s normal) Draw(n int, rng *rand.Rand) *tensor.Tensor {
	return tensor.RandN(rng, append([]int{n}, s...)...)
}

// Uniform is the uniform distribution on [−1, 1) of samples of a shape.
func Uniform(shape ...int) Latent { return UniformOn(-1, 1, shape...) }

// UniformOn is the uniform distribution on [lo, hi) of samples of a shape.
func UniformOn(lo, hi float32, shape ...int) Latent { return uniform{lo, hi, shape} }

type uniform struct {
	lo, hi float32
	shape  []int
}

// Draw implements [Latent].
func (u uniform) Draw(n int, rng *rand.Rand) *tensor.Tensor {
	return tensor.RandU(rng, u.lo, u.hi, append([]int{n}, u.shape...)...)
}
