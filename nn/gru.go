package nn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
)

// GRU is a network of gated recurrent units, in layers,
//
//	r = σ(x·W_ir + b_ir + h·W_hr + b_hr)
//	z = σ(x·W_iz + b_iz + h·W_hz + b_hz)
//	n = tanh(x·W_in + b_in + r⊙(h·W_hn + b_hn))
//	h ← (1−z)⊙n + z⊙h
//
// with the gates side by side in the order r, z, n, as in PyTorch. x is (N,L,in); y, every h of the last layer, is
// (N,L,directions·hidden). States are (layers·directions,N,hidden). Cho et al. 2014, with PyTorch's place for r.
type GRU struct {
	RecurrentWeights `nn:"."`
}

// NewGRU returns a GRU. It panics if a size is not positive.
func NewGRU(in, hidden int, opts RecurrentOptions, rng *rand.Rand) *GRU {
	return &GRU{newRecurrentWeights("nn.NewGRU", in, hidden, 3, opts, rng)}
}

// Forward returns all outputs and the last state. h0 is the state to start from; nil means zeros.
func (l *GRU) Forward(x, h0 *autograd.Var) (y, h *autograd.Var) {
	y, final := l.run("nn.GRU", x, []*autograd.Var{h0}, func(c cell, input *autograd.Var, state []*autograd.Var) []*autograd.Var {
		return []*autograd.Var{gruStep(c, input, state[0])}
	})
	return y, final[0]
}

// GRUCell is one step of a [GRU], for networks that bring their own loop.
type GRUCell struct {
	CellWeights `nn:"."`
}

// NewGRUCell returns a cell. It panics if a size is not positive.
func NewGRUCell(in, hidden int, opts RecurrentOptions, rng *rand.Rand) *GRUCell {
	return &GRUCell{newCellWeights("nn.NewGRUCell", in, hidden, 3, opts, rng)}
}

// Forward returns the next state from an input (N,in) and the state (N,hidden).
func (l *GRUCell) Forward(x, h *autograd.Var) *autograd.Var {
	return gruStep(l.cell(), l.cell().fromInput(x), h)
}

func gruStep(c cell, input, h *autograd.Var) *autograd.Var {
	w := h.Dim(-1)
	state := c.fromState(h)
	both := autograd.Sigmoid(autograd.Add(autograd.Slice(input, 1, 0, 2*w), autograd.Slice(state, 1, 0, 2*w)))
	r, z := gate(both, 0, w), gate(both, 1, w)
	n := autograd.Tanh(autograd.Add(gate(input, 2, w), autograd.Mul(r, gate(state, 2, w))))
	return autograd.Add(n, autograd.Mul(z, autograd.Sub(h, n)))
}
