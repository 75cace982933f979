package nn

import (
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

// Pass is the circumstances of a forward pass. Nil means inference: batch norm uses its running statistics and dropout
// does nothing. A Pass belongs to one goroutine.
type Pass struct {
	Train bool       // use batch statistics, drop out, iterate on spectral norms
	Rand  *rand.Rand // for dropout and noise; needed by networks that have them, when Train is set

	updates []stateUpdate
}

// stateUpdate moves a piece of state a part of the way to a new value.
type stateUpdate struct {
	state, value *tensor.Tensor
	rate         float32
}

// Training reports whether p is a training pass.
func (p *Pass) Training() bool { return p != nil && p.Train }

// Update hands over a change of a layer's state, state ← (1−rate)·state + rate·value, to be made by [Pass.Commit]: layers
// do not write their own state. value is copied.
func (p *Pass) Update(state, value *tensor.Tensor, rate float32) {
	if !tensor.SameShape(state, value) {
		panic("nn.Pass.Update: state is " + tensor.Format(state.Shape()) + ", the new value " + tensor.Format(value.Shape()))
	}
	p.updates = append(p.updates, stateUpdate{state, value.Clone(), rate})
}

// Commit makes the changes handed over since the last Commit, in their order. The trainer calls it once after each step.
func (p *Pass) Commit() {
	for _, u := range p.updates {
		tensor.AffineInto(u.state, u.state, 1-u.rate, 0)
		tensor.AddScaledInto(u.state, u.value, u.rate)
	}
	p.Discard()
}

// NonFinite returns the state whose change, of those handed over since the last Commit, is NaN or infinite: the first one, or nil
// if there is none. The trainer asks before it commits, since a running average never gets rid of either.
func (p *Pass) NonFinite() *tensor.Tensor {
	for _, u := range p.updates {
		if n := tensor.Dot(u.value, u.value); math.IsNaN(n) || math.IsInf(n, 0) {
			return u.state
		}
	}
	return nil
}

// Discard forgets the changes handed over since the last Commit.
func (p *Pass) Discard() {
	clear(p.updates)
	p.updates = p.updates[:0]
}
