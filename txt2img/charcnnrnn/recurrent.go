package charcnnrnn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Recurrent reads a sequence (N,L,in) and returns the mean of its L states, (N,hidden).
type Recurrent interface {
	Forward(x *autograd.Var) *autograd.Var
}

// ReLURNN is the recurrent network of the CVPR encoder,
//
//	h₁ = ReLU(W·x₁ + b),  h_t = ReLU(W·x_t + b + U·h_{t−1} + d)
//
// The first step has no state to come from, and leaves out d as well as U. Reed et al. 2016 (CVPR), §4.1 and its code.
type ReLURNN struct {
	Input *nn.Linear `nn:"input"` // W and b
	State *nn.Linear `nn:"state"` // U and d
}

// NewReLURNN returns such a network with the usual starting weights of linear layers.
func NewReLURNN(in, hidden int, rng *rand.Rand) *ReLURNN {
	return &ReLURNN{
		Input: nn.NewLinear(in, hidden, nn.LinearOptions{}, rng),
		State: nn.NewLinear(hidden, hidden, nn.LinearOptions{}, rng),
	}
}

// States returns h₁ to h_L, each (N,hidden).
func (r *ReLURNN) States(x *autograd.Var) []*autograd.Var {
	var hs []*autograd.Var
	for t, sum := range steps(r.Input.Forward(x)) {
		if t > 0 {
			sum = autograd.Add(sum, r.State.Forward(hs[t-1]))
		}
		hs = append(hs, autograd.ReLU(sum))
	}
	return hs
}

// Forward implements [Recurrent].
func (r *ReLURNN) Forward(x *autograd.Var) *autograd.Var { return mean(r.States(x)) }

// GRU is the recurrent network of the ICML encoder,
//
//	u = σ(W_u·x + U_u·h),  r = σ(W_r·x + U_r·h)
//	c = tanh(W·x + U·(r⊙h))
//	h ← u⊙c + (1−u)⊙h
//
// where each of the six maps has a bias. The first state is tanh(W·x), without gates. It differs from [nn.GRU] in that, in
// what r is multiplied with, and in the sense of u. Reed et al. 2016 (ICML), §5, and the code of the CVPR paper.
type GRU struct {
	Input     *nn.Linear `nn:"input"`     // W_u, W_r and W side by side
	Gates     *nn.Linear `nn:"gates"`     // U_u and U_r side by side
	Candidate *nn.Linear `nn:"candidate"` // U
}

// NewGRU returns such a network with the usual starting weights of linear layers.
func NewGRU(in, hidden int, rng *rand.Rand) *GRU {
	return &GRU{
		Input:     nn.NewLinear(in, 3*hidden, nn.LinearOptions{}, rng),
		Gates:     nn.NewLinear(hidden, 2*hidden, nn.LinearOptions{}, rng),
		Candidate: nn.NewLinear(hidden, hidden, nn.LinearOptions{}, rng),
	}
}

// States returns the states after each of the L steps, each (N,hidden).
func (g *GRU) States(x *autograd.Var) []*autograd.Var {
	width := g.Candidate.Weight.Dim(0)
	var hs []*autograd.Var
	for t, in := range steps(g.Input.Forward(x)) {
		content := autograd.Slice(in, 1, 2*width, 3*width)
		if t == 0 {
			hs = append(hs, autograd.Tanh(content))
			continue
		}
		h := hs[t-1]
		both := autograd.Sigmoid(autograd.Add(autograd.Slice(in, 1, 0, 2*width), g.Gates.Forward(h)))
		u, r := autograd.Slice(both, 1, 0, width), autograd.Slice(both, 1, width, 2*width)
		c := autograd.Tanh(autograd.Add(content, g.Candidate.Forward(autograd.Mul(r, h))))
		hs = append(hs, autograd.Add(h, autograd.Mul(u, autograd.Sub(c, h))))
	}
	return hs
}

// Forward implements [Recurrent].
func (g *GRU) Forward(x *autograd.Var) *autograd.Var { return mean(g.States(x)) }

// steps cuts x (N,L,C) into its L steps (N,C). It halves x again and again: the gradient of a cut is as large as what is cut,
// so that cutting every step from the whole would take time in L².
func steps(x *autograd.Var) []*autograd.Var {
	l := x.Dim(1)
	if l == 1 {
		return []*autograd.Var{x.Reshape(x.Dim(0), x.Dim(2))}
	}
	return append(steps(autograd.Slice(x, 1, 0, l/2)), steps(autograd.Slice(x, 1, l/2, l))...)
}

func mean(hs []*autograd.Var) *autograd.Var {
	sum := hs[0]
	for _, h := range hs[1:] {
		sum = autograd.Add(sum, h)
	}
	return autograd.Scale(sum, 1/float32(len(hs)))
}
