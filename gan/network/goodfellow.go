package network

import (
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Dense is a fully connected generator: latents (N,Z) → hidden layers → pictures. It has no state.
type Dense struct {
	Layers []*nn.Linear `nn:"layers"`

	Size   [3]int // of a picture, H, W and C
	Second func(*autograd.Var) *autograd.Var
	Last   func(*autograd.Var) *autograd.Var // nil means linear
}

// NewMNISTGenerator returns the generator for MNIST: 100 → 1200 ReLU → 1200 ReLU → 28×28×1 sigmoid, for values in [0,1].
// Weights start uniform on ±0.05. marginals, (28,28,1) or nil, is the mean of the data, at which the output begins.
// Goodfellow et al. 2014, released configuration. 2,503,984 parameters.
func NewMNISTGenerator(marginals *tensor.Tensor, rng *rand.Rand) *Dense {
	g := newDense(100, 1200, [3]int{28, 28, 1}, nn.Uniform(0.05), rng)
	g.Second, g.Last = autograd.ReLU, autograd.Sigmoid
	if marginals != nil {
		bias := g.Layers[2].Bias.Value().Data()
		for i, p := range marginals.Reshape(len(bias)).Data() {
			q := min(max(float64(p), 1e-3), 1-1e-3)
			bias[i] = float32(math.Log(q / (1 - q)))
		}
	}
	return g
}

// NewCIFARGenerator returns the fully connected generator for CIFAR-10: 100 → 8000 ReLU → 8000 sigmoid → 32×32×3 linear.
// Weights start uniform on ±0.05, in the last layer on ±0.5. Goodfellow et al. 2014, released configuration. 89,395,072
// parameters.
func NewCIFARGenerator(rng *rand.Rand) *Dense {
	g := newDense(100, 8000, [3]int{32, 32, 3}, nn.Uniform(0.5), rng)
	g.Second = autograd.Sigmoid
	return g
}

func newDense(latent, hidden int, size [3]int, last nn.Init, rng *rand.Rand) *Dense {
	o := nn.LinearOptions{Init: nn.Uniform(0.05)}
	return &Dense{
		Layers: []*nn.Linear{
			nn.NewLinear(latent, hidden, o, rng),
			nn.NewLinear(hidden, hidden, o, rng),
			nn.NewLinear(hidden, size[0]*size[1]*size[2], nn.LinearOptions{Init: last, Unflatten: size}, rng),
		},
		Size: size,
	}
}

// Forward returns pictures (N,H,W,C) for latents (N,Z).
func (g *Dense) Forward(z *autograd.Var) *autograd.Var {
	h := autograd.ReLU(g.Layers[0].Forward(z))
	h = g.Second(g.Layers[1].Forward(h))
	h = g.Layers[2].Forward(h).Reshape(-1, g.Size[0], g.Size[1], g.Size[2])
	if g.Last != nil {
		h = g.Last(h)
	}
	return h
}

// DenseMaxout is a fully connected discriminator of two maxout layers, with dropout before each layer.
type DenseMaxout struct {
	Layers []*nn.Linear `nn:"layers"`

	Pieces int        // of a maxout unit
	Drop   [3]float32 // rates of dropout before the layers
}

// NewMNISTDiscriminator returns the discriminator for MNIST, 28×28×1 → maxout 240×5 → maxout 240×5 → logit. Inputs are dropped at
// a rate of 0.2 and hidden units at 0.5; weights start uniform on ±0.005. Goodfellow et al. 2014, released configuration.
// 1,231,441 parameters.
func NewMNISTDiscriminator(rng *rand.Rand) *DenseMaxout {
	return newDenseMaxout([3]int{28, 28, 1}, 240, rng)
}

// NewCIFARDiscriminator is [NewMNISTDiscriminator] for 32×32×3 with maxout 1600×5. 37,393,601 parameters.
func NewCIFARDiscriminator(rng *rand.Rand) *DenseMaxout {
	return newDenseMaxout([3]int{32, 32, 3}, 1600, rng)
}

func newDenseMaxout(size [3]int, units int, rng *rand.Rand) *DenseMaxout {
	const pieces = 5
	o := nn.LinearOptions{Init: nn.Uniform(0.005)}
	first := o
	first.Flatten = size
	return &DenseMaxout{
		Layers: []*nn.Linear{
			nn.NewLinear(size[0]*size[1]*size[2], units*pieces, first, rng),
			nn.NewLinear(units, units*pieces, o, rng),
			nn.NewLinear(units, 1, o, rng),
		},
		Pieces: pieces,
		Drop:   [3]float32{0.2, 0.5, 0.5},
	}
}

// Forward returns logits (N,1) for pictures.
func (d *DenseMaxout) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := x.Reshape(x.Dim(0), -1)
	for i, l := range d.Layers {
		h = l.Forward(nn.Dropout{Rate: d.Drop[i]}.Forward(h, pass))
		if i < len(d.Layers)-1 {
			h = nn.Maxout{Pieces: d.Pieces}.Forward(h)
		}
	}
	return h
}
