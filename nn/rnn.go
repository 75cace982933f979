package nn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
)

// RNN is a plain recurrent network, in layers,
//
//	h_t = tanh(x_t·W_ih + b_ih + h_{t−1}·W_hh + b_hh)
//
// or the same with ReLU. x is (N,L,in); y, every h_t of the last layer, is (N,L,directions·hidden). States are
// (layers·directions,N,hidden). Elman 1990.
type RNN struct {
	RecurrentWeights `nn:"."`

	ReLU bool // instead of tanh
}

// NewRNN returns a recurrent network with tanh. Set its field ReLU for the other kind. It panics if a size is not
// positive.
func NewRNN(in, hidden int, opts RecurrentOptions, rng *rand.Rand) *RNN {
	return &RNN{RecurrentWeights: newRecurrentWeights("nn.NewRNN", in, hidden, 1, opts, rng)}
}

// Forward returns all outputs and the last state. h0 is the state to start from; nil means zeros.
func (l *RNN) Forward(x, h0 *autograd.Var) (y, h *autograd.Var) {
	y, final := l.run("nn.RNN", x, []*autograd.Var{h0}, func(c cell, input *autograd.Var, state []*autograd.Var) []*autograd.Var {
		return []*autograd.Var{rnnStep(c, input, state[0], l.ReLU)}
	})
	return y, final[0]
}

// RNNCell is one step of an [RNN], for networks that bring their own loop.
type RNNCell struct {
	CellWeights `nn:"."`

	ReLU bool // instead of tanh
}

// NewRNNCell returns a cell with tanh. It panics if a size is not positive.
func NewRNNCell(in, hidden int, opts RecurrentOptions, rng *rand.Rand) *RNNCell {
	return &RNNCell{CellWeights: newCellWeights("nn.NewRNNCell", in, hidden, 1, opts, rng)}
}

// Forward returns the next state from an input (N,in) and the state (N,hidden).
func (l *RNNCell) Forward(x, h *autograd.Var) *autograd.Var {
	return rnnStep(l.cell(), l.cell().fromInput(x), h, l.ReLU)
}

func rnnStep(c cell, input, h *autograd.Var, relu bool) *autograd.Var {
	sum := autograd.Add(input, c.fromState(h))
	if relu {
		return autograd.ReLU(sum)
	}
	return autograd.Tanh(sum)
}
