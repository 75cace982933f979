package draw

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
)

// Memory is a cell of long short-term memory whose weights of input and state are one matrix, so that a step is one product:
//
//	i, f, g, o = [x,h]·W + b
//	c ← σ(f)⊙c + σ(i)⊙tanh(g)
//	h ← σ(o)⊙tanh(c)
//
// It has no peepholes. Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000.
type Memory struct {
	Gates *nn.Linear `nn:"gates"` // (in+h) to 4h
}

func newMemory(in, hidden int, init nn.Init, rng *rand.Rand) *Memory {
	return &Memory{nn.NewLinear(in+hidden, 4*hidden, nn.LinearOptions{Init: init}, rng)}
}

// memory is the state of a Memory.
type memory struct{ h, c *autograd.Var }

// step returns the next state after inputs that lie side by side.
func (m *Memory) step(s memory, inputs ...*autograd.Var) memory {
	return remember(m.Gates.Forward(autograd.Concat(1, append(inputs, s.h)...)), s.c)
}

// remember is the part of a step that follows the product. gates (N,4h) are those of input and forgetting, the candidate and
// the gate of the output.
func remember(gates, c *autograd.Var) memory {
	w := c.Dim(1)
	halves := autograd.Split(gates, 1, 2*w, 2*w)
	sure := autograd.Split(autograd.Sigmoid(halves[0]), 1, w, w)
	rest := autograd.Split(halves[1], 1, w, w)
	next := autograd.Add(autograd.Mul(sure[1], c), autograd.Mul(sure[0], autograd.Tanh(rest[0])))
	return memory{autograd.Mul(autograd.Sigmoid(rest[1]), autograd.Tanh(next)), next}
}
