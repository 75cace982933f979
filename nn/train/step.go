package train

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Step is what a loss is computed in: one shard of one turn of one player. It is valid until the loss returns.
type Step struct {
	Tape   *autograd.Tape // what the loss records on
	Pass   *nn.Pass       // a training pass, with the random numbers of this step in Pass.Rand
	Round  int            // from 0
	Turn   int            // of the player in this round, from 0
	Update int            // updates the player has made before this one, over the whole run
	Shard  int            // of the batch, from 0
	Shards int            // how many there are

	bound map[*autograd.Var]*autograd.Var // the player's parameters → leaves of the tape
}

// Const returns t as a constant whose results live in the memory of the step.
func (s *Step) Const(t *tensor.Tensor) *autograd.Var { return s.Tape.Const(t) }

// Use returns the network m as it takes part in the step: where its parameters are those of the player's Model, of which
// it may be a part, a copy that learns; otherwise m itself, frozen, through which gradients flow at no cost for its
// weights.
func Use[M any](s *Step, m M) M { return rebind(m, s.bound) }

// newStep binds the parameters of a player to a tape.
func newStep(tape *autograd.Tape, params []nn.Entry) *Step {
	s := &Step{Tape: tape, bound: make(map[*autograd.Var]*autograd.Var, len(params))}
	for _, e := range params {
		s.bound[e.Param] = tape.Named(e.Name, e.Param.Value())
	}
	return s
}

// leaves returns the bound parameters in order.
func (s *Step) leaves(params []nn.Entry) []*autograd.Var {
	out := make([]*autograd.Var, len(params))
	for i, e := range params {
		out[i] = s.bound[e.Param]
	}
	return out
}
