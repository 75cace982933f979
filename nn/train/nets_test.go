package train_test

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// dense is a linear layer.
type dense struct {
	Weight *autograd.Var `nn:"weight"`
	Bias   *autograd.Var `nn:"bias"`
}

func newDense(in, out int, rng *rand.Rand) *dense {
	w := tensor.RandN(rng, in, out)
	tensor.AffineInto(w, w, 1/float32(in), 0)
	return &dense{autograd.Const(w), autograd.Const(tensor.New(out))}
}

func (d *dense) Forward(x *autograd.Var) *autograd.Var {
	return autograd.Add(autograd.MatMul(x, d.Weight), d.Bias)
}

// centre subtracts a running mean, which training moves: the smallest layer with state.
type centre struct {
	Mean *tensor.Tensor `nn:"running_mean"`
}

func (c *centre) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	if pass.Training() {
		pass.Update(c.Mean, autograd.Mean(x, 0).Value(), 0.1)
	}
	return autograd.Sub(x, autograd.Const(c.Mean))
}

// perceptron has two layers, and a state before them.
type perceptron struct {
	First  *dense  `nn:"first"`
	Centre *centre `nn:"centre"`
	Second *dense  `nn:"second"`
}

func newPerceptron(in, hidden, out int, seed uint64) *perceptron {
	rng := rand.New(rand.NewPCG(seed, 7))
	return &perceptron{newDense(in, hidden, rng), &centre{tensor.New(in)}, newDense(hidden, out, rng)}
}

func (p *perceptron) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	return p.Second.Forward(autograd.Tanh(p.First.Forward(p.Centre.Forward(x, pass))))
}

// values is everything a network has learned and kept.
func values(m any) []float32 {
	var out []float32
	for _, e := range nn.Walk(m) {
		out = append(out, e.Tensor().Data()...)
	}
	return out
}

// regression is batches of points x with targets y = x₁·x₂.
type regression struct{ X, Y *tensor.Tensor }

func (r regression) Shard(i, k int) (regression, error) {
	x, err := data.Shard(r.X, i, k)
	if err != nil {
		return r, err
	}
	y, err := data.Shard(r.Y, i, k)
	return regression{x, y}, err
}

var products = data.Func[regression](func(_ int, rng *rand.Rand) (regression, error) {
	x := tensor.RandU(rng, -1, 1, 32, 2)
	y := tensor.New(32, 1)
	for i := range 32 {
		y.Set(x.At(i, 0)*x.At(i, 1), i, 0)
	}
	return regression{x, y}, nil
})

func regress(net *perceptron) train.Player[regression] {
	return train.Player[regression]{
		Model: net,
		Opt:   optim.Adam{Rate: 0.02},
		Loss: func(s *train.Step, b regression) train.Terms {
			y := train.Use(s, net).Forward(s.Const(b.X), s.Pass)
			return train.Terms{{Name: "mse", Weight: 1, Value: autograd.Mean(autograd.Square(autograd.Sub(y, s.Const(b.Y))))}}
		},
	}
}

// gauss is samples of a Gaussian around (2, -1).
var gauss = data.Func[*tensor.Tensor](func(_ int, rng *rand.Rand) (*tensor.Tensor, error) {
	x := tensor.RandN(rng, 64, 2)
	for i := range 64 {
		x.Set(0.5*x.At(i, 0)+2, i, 0)
		x.Set(0.5*x.At(i, 1)-1, i, 1)
	}
	return x, nil
})

// gan is a game of two: a generator of points against a discriminator.
func gan(gen, disc *perceptron) []train.Player[*tensor.Tensor] {
	noise := func(s *train.Step, n int) *autograd.Var { return s.Const(tensor.RandN(s.Pass.Rand, n, 2)) }
	return []train.Player[*tensor.Tensor]{
		{
			Name: "disc", Model: disc, Opt: optim.Adam{Rate: 0.01, Beta1: 0.5}, Turns: 3,
			Clip: optim.Clip{Norm: 1},
			Loss: func(s *train.Step, x *tensor.Tensor) train.Terms {
				d := train.Use(s, disc)
				fake := gen.Forward(noise(s, x.Dim(0)), s.Pass)
				return train.Terms{
					{Name: "real", Weight: 1, Value: autograd.Mean(autograd.Softplus(autograd.Neg(d.Forward(s.Const(x), s.Pass))))},
					{Name: "fake", Weight: 1, Value: autograd.Mean(autograd.Softplus(d.Forward(fake, s.Pass)))},
				}
			},
		},
		{
			Name: "gen", Model: gen, Opt: optim.RMSProp{Rate: 0.003}, EMA: 0.98,
			Loss: func(s *train.Step, x *tensor.Tensor) train.Terms {
				fake := train.Use(s, gen).Forward(noise(s, x.Dim(0)), s.Pass)
				return train.Terms{{Name: "fool", Weight: 1, Value: autograd.Mean(autograd.Softplus(autograd.Neg(disc.Forward(fake, s.Pass))))}}
			},
		},
	}
}
