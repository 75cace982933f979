package gan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Penalty keeps a discriminator smooth by adding to its loss how steep it is. Steepness is the gradient of the summed logits
// with respect to the input, which is differentiated once more when the discriminator learns. A discriminator that mixes the
// examples of a batch, as batch norm does, has no gradient of one example alone.
//
// Penalties have a Weight and may be computed lazily, at every Every-th update of the discriminator only, then with their
// weight multiplied by Every, so that their mean pull stays the same. Karras et al. 2020, §3.1.
type Penalty interface {
	// Terms returns the penalty as terms of a loss; none at an update where it is not due.
	Terms(c Critic) train.Terms
}

// Critic is the discriminator as a penalty sees it.
type Critic struct {
	Tape   *autograd.Tape
	Rand   *rand.Rand     // for points that are drawn
	Update int            // updates the discriminator has made before this one
	Real   *tensor.Tensor // (N, …) real examples
	Fake   *tensor.Tensor // (N, …) as many fakes

	// OnReal returns the logits of x under the conditions of the real examples, OnFake under those of the fakes.
	OnReal, OnFake func(x *autograd.Var) *autograd.Var
}

// GradientPenalty pulls the length of the gradient to 1 at random points between real examples and fakes,
//
//	Weight·E[(‖∇D(x̂)‖−1)²],  x̂ = ε·x + (1−ε)·G(z),  ε ~ U(0,1) for each example
//
// It is the penalty of WGAN-GP. Gulrajani et al. 2017, eq. 3.
type GradientPenalty struct {
	Weight float64 // 0 means 10
	Every  int     // updates; 0 means 1
}

// Terms implements [Penalty].
func (p GradientPenalty) Terms(c Critic) train.Terms {
	return lazily("gradient_penalty", p.Weight, p.Every, c, func() *autograd.Var { return c.slope(c.between(), c.OnReal) })
}

// DRAGAN pulls the length of the gradient to 1 around real examples,
//
//	Weight·E[(‖∇D(x̂)‖−1)²],  x̂ = x + ½·std(x)·u,  u ~ U(0,1) for each element
//
// with the standard deviation over all elements of the batch. Kodali et al. 2017, §2.3 and the authors' code.
type DRAGAN struct {
	Weight float64 // 0 means 10
	Every  int     // updates; 0 means 1
}

// Terms implements [Penalty].
func (p DRAGAN) Terms(c Critic) train.Terms {
	return lazily("dragan", p.Weight, p.Every, c, func() *autograd.Var { return c.slope(c.around(), c.OnReal) })
}

// R1 is half the mean square of the gradient at real examples, Weight/2·E[‖∇D(x)‖²]. With it the game converges where it
// otherwise circles. Mescheder et al. 2018, eq. 9.
type R1 struct {
	Weight float64 // γ; 0 means 10
	Every  int     // updates; 0 means 1
}

// Terms implements [Penalty].
func (p R1) Terms(c Critic) train.Terms {
	return lazily("r1", p.Weight, p.Every, c, func() *autograd.Var { return c.flat(c.Real, c.OnReal) })
}

// R2 is [R1] at the fakes. Mescheder et al. 2018, eq. 10.
type R2 struct {
	Weight float64 // γ; 0 means 10
	Every  int     // updates; 0 means 1
}

// Terms implements [Penalty].
func (p R2) Terms(c Critic) train.Terms {
	return lazily("r2", p.Weight, p.Every, c, func() *autograd.Var { return c.flat(c.Fake, c.OnFake) })
}

// Penalties are several penalties at once.
type Penalties []Penalty

// Terms implements [Penalty].
func (p Penalties) Terms(c Critic) train.Terms {
	var out train.Terms
	for _, one := range p {
		out = append(out, one.Terms(c)...)
	}
	return out
}

// lazily returns the term if it is due.
func lazily(name string, weight float64, every int, c Critic, value func() *autograd.Var) train.Terms {
	if weight == 0 {
		weight = 10
	}
	every = max(every, 1)
	if c.Update%every != 0 {
		return nil
	}
	return train.Terms{{Name: name, Weight: weight * float64(every), Value: value()}}
}

// slope is E[(‖∇D(x)‖−1)²].
func (c Critic) slope(x *tensor.Tensor, logits func(*autograd.Var) *autograd.Var) *autograd.Var {
	// A length has no derivative at 0, where its usual formula gives NaN. The bound is far below every gradient that
	// matters; at and under it the derivative is 0.
	const tiny = 1e-30
	square := autograd.Maximum(c.squares(x, logits), c.Tape.Const(tensor.Scalar(tiny)))
	return autograd.Mean(autograd.Square(autograd.Shift(autograd.Sqrt(square), -1)))
}

// flat is ½E[‖∇D(x)‖²].
func (c Critic) flat(x *tensor.Tensor, logits func(*autograd.Var) *autograd.Var) *autograd.Var {
	return autograd.Scale(autograd.Mean(c.squares(x, logits)), 0.5)
}

// squares returns ‖∇D(x)‖² of each example, (N), as a function of the discriminator's parameters.
func (c Critic) squares(x *tensor.Tensor, logits func(*autograd.Var) *autograd.Var) *autograd.Var {
	at := c.Tape.Leaf(x)
	g := autograd.GradOnTape(autograd.Sum(logits(at)), at)[0]
	return autograd.Sum(autograd.Square(g).Reshape(x.Dim(0), -1), 1)
}

// between draws a point between each real example and its fake.
func (c Critic) between() *tensor.Tensor {
	out := c.Tape.New(c.Real.Shape()...)
	n := c.Real.Dim(0)
	for i := range n {
		eps := c.Rand.Float32()
		row := out.Rows(i, i+1)
		tensor.AffineInto(row, c.Fake.Rows(i, i+1), 1-eps, 0)
		tensor.AddScaledInto(row, c.Real.Rows(i, i+1), eps)
	}
	return out
}

// around draws a point near each real example.
func (c Critic) around() *tensor.Tensor {
	out := c.Tape.New(c.Real.Shape()...)
	tensor.RandUInto(out, c.Rand, 0, float32(0.5*deviation(c.Real)))
	tensor.AddInto(out, out, c.Real)
	return out
}
