package main

import (
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// perceptron is fully connected layers with leaky ReLU between them.
type perceptron struct {
	Layers []*nn.Linear `nn:"layers"`
}

func newPerceptron(rng *rand.Rand, sizes ...int) *perceptron {
	p := &perceptron{}
	for i := range len(sizes) - 1 {
		p.Layers = append(p.Layers, nn.NewLinear(sizes[i], sizes[i+1], nn.LinearOptions{}, rng))
		tensor.AffineInto(p.Layers[i].Weight.Value(), p.Layers[i].Weight.Value(), gain, 0)
	}
	return p
}

// gain brings PyTorch's usual weights to the scale that keeps the size of activations (He et al. 2015).
var gain = float32(math.Sqrt(6 / (1 + 0.2*0.2)))

// Forward maps (N,in) to (N,out).
func (p *perceptron) Forward(x *autograd.Var) *autograd.Var {
	for i, l := range p.Layers {
		if i > 0 {
			x = autograd.LeakyReLU(x, 0.2)
		}
		x = l.Forward(x)
	}
	return x
}

// critic is a perceptron that sees a point as its coordinates and as waves of several lengths and directions. From the
// coordinates alone it takes long to learn anything as fine as the Gaussians are. Tancik et al. 2020.
type critic struct {
	Waves *tensor.Tensor `nn:"waves"` // (2,n): wave numbers, which do not learn
	Body  *perceptron    `nn:"body"`
}

func newCritic(width, depth int, rng *rand.Rand) *critic {
	const waves = 16
	return &critic{Waves: tensor.RandN(rng, 2, waves), Body: newPerceptron(rng, hidden(width, depth, 2+2*waves, 1)...)}
}

// Forward returns logits (N,1) for points (N,2).
func (c *critic) Forward(x *autograd.Var) *autograd.Var {
	phase := autograd.MatMul(x, autograd.Const(c.Waves))
	return c.Body.Forward(autograd.Concat(-1, x, sine(phase), sine(autograd.Shift(phase, math.Pi/2))))
}

// sine is sin x, an operation of our own: its derivative is itself, a quarter of a wave on.
func sine(x *autograd.Var) *autograd.Var {
	y := autograd.Alloc(x.Shape(), x)
	tensor.MapInto(y, x.Value(), math.Sin)
	return autograd.Record("Sine", y, func(c *autograd.Call, g *autograd.Var) []*autograd.Var {
		return []*autograd.Var{autograd.Mul(g, sine(autograd.Shift(c.In(0), math.Pi/2)))}
	}, x)
}
