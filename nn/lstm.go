package nn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
)

// LSTM is a network of long short-term memories, in layers,
//
//	i, f, o = σ(x·W_i* + b_i* + h·W_h* + b_h*),  g = tanh(…)
//	c ← f⊙c + i⊙g
//	h ← o⊙tanh(c)
//
// with the gates side by side in the order i, f, g, o, as in PyTorch. x is (N,L,in); y, every h of the last layer, is
// (N,L,directions·hidden). States are (layers·directions,N,hidden). Hochreiter & Schmidhuber 1997, with the forget gate
// of Gers et al. 2000.
type LSTM struct {
	RecurrentWeights `nn:"."`
}

// NewLSTM returns an LSTM. It panics if a size is not positive.
func NewLSTM(in, hidden int, opts RecurrentOptions, rng *rand.Rand) *LSTM {
	return &LSTM{newRecurrentWeights("nn.NewLSTM", in, hidden, 4, opts, rng)}
}

// Forward returns all outputs and the last state. h0 and c0 are the state to start from; nil means zeros.
func (l *LSTM) Forward(x, h0, c0 *autograd.Var) (y, h, c *autograd.Var) {
	y, final := l.run("nn.LSTM", x, []*autograd.Var{h0, c0}, func(c cell, input *autograd.Var, state []*autograd.Var) []*autograd.Var {
		h, memory := lstmStep(c, input, state[0], state[1])
		return []*autograd.Var{h, memory}
	})
	return y, final[0], final[1]
}

// LSTMCell is one step of an [LSTM], for networks that bring their own loop.
type LSTMCell struct {
	CellWeights `nn:"."`
}

// NewLSTMCell returns a cell. It panics if a size is not positive.
func NewLSTMCell(in, hidden int, opts RecurrentOptions, rng *rand.Rand) *LSTMCell {
	return &LSTMCell{newCellWeights("nn.NewLSTMCell", in, hidden, 4, opts, rng)}
}

// Forward returns the next state from an input (N,in) and the state, h and c (N,hidden).
func (l *LSTMCell) Forward(x, h, c *autograd.Var) (nextH, nextC *autograd.Var) {
	return lstmStep(l.cell(), l.cell().fromInput(x), h, c)
}

func lstmStep(c cell, input, h, memory *autograd.Var) (nextH, nextMemory *autograd.Var) {
	w := h.Dim(-1)
	gates := autograd.Add(input, c.fromState(h))
	inAndForget := autograd.Sigmoid(autograd.Slice(gates, 1, 0, 2*w))
	in, forget := gate(inAndForget, 0, w), gate(inAndForget, 1, w)
	candidate, out := autograd.Tanh(gate(gates, 2, w)), autograd.Sigmoid(gate(gates, 3, w))
	nextMemory = autograd.Add(autograd.Mul(forget, memory), autograd.Mul(in, candidate))
	return autograd.Mul(out, autograd.Tanh(nextMemory)), nextMemory
}
