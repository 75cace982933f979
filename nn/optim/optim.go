package optim

import (
	"fmt"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Zero stands for the number 0 in a field whose zero value means the usual default.
const Zero = -1.0

// Optimizer is a rule by which parameters learn.
type Optimizer interface {
	// Init returns the state that the rule keeps for the parameters, as it is before the first step.
	Init(params []*autograd.Var) State
}

// State is what an optimiser remembers about the parameters it was made for. It belongs to one goroutine.
type State interface {
	// Step updates the parameters' tensors in place by gradients in the order of the parameters. It panics if their number
	// or shapes are others. The gradients are not changed.
	Step(grads []*tensor.Tensor)

	// Updates returns how many steps were taken. Schedules and bias corrections depend on it.
	Updates() int

	// SetUpdates sets the number of steps taken, when a run is resumed.
	SetUpdates(n int)

	// Rate returns the learning rate of the next step.
	Rate() float64

	// Slots returns the tensors that a checkpoint has to hold, in a fixed order, sharing memory.
	Slots() []Slot
}

// Slot is a tensor that an optimiser keeps for a parameter.
type Slot struct {
	Name   string // of the kind, such as "m"
	Param  int    // index of the parameter
	Tensor *tensor.Tensor
}

// memory is what the states of this package share: the parameters, the tensors kept for them, and the number of steps.
type memory struct {
	op      string
	params  []*tensor.Tensor
	kinds   []string
	kept    map[string][]*tensor.Tensor
	updates int
}

// newMemory makes tensors of zeros for each kind and parameter.
func newMemory(op string, params []*autograd.Var, kinds ...string) memory {
	m := memory{op: op, params: make([]*tensor.Tensor, len(params)), kinds: kinds, kept: map[string][]*tensor.Tensor{}}
	for i, p := range params {
		m.params[i] = p.Value()
	}
	for _, kind := range kinds {
		list := make([]*tensor.Tensor, len(params))
		for i, p := range m.params {
			list[i] = tensor.New(p.Shape()...)
		}
		m.kept[kind] = list
	}
	return m
}

// get returns the tensor of a kind that is kept for parameter i, nil if the rule keeps no such kind.
func (m *memory) get(kind string, i int) *tensor.Tensor {
	if list := m.kept[kind]; list != nil {
		return list[i]
	}
	return nil
}

// begin checks the gradients of a step and counts it; it returns the number of the step, from 1.
func (m *memory) begin(grads []*tensor.Tensor) int {
	if len(grads) != len(m.params) {
		panic(fmt.Sprintf("%s: want %d gradients, got %d", m.op, len(m.params), len(grads)))
	}
	for i, g := range grads {
		if !tensor.SameShape(g, m.params[i]) {
			panic(fmt.Sprintf("%s: gradient %d has shape %s, its parameter %s", m.op, i,
				tensor.Format(g.Shape()), tensor.Format(m.params[i].Shape())))
		}
	}
	m.updates++
	return m.updates
}

// Updates implements [State].
func (m *memory) Updates() int { return m.updates }

// SetUpdates implements [State].
func (m *memory) SetUpdates(n int) { m.updates = n }

// Slots implements [State].
func (m *memory) Slots() []Slot {
	var out []Slot
	for _, kind := range m.kinds {
		for i, t := range m.kept[kind] {
			out = append(out, Slot{kind, i, t})
		}
	}
	return out
}

// orDefault returns v, or usual if it is 0, or 0 if it is Zero or otherwise negative.
func orDefault(v, usual float64) float64 {
	switch {
	case v == 0:
		return usual
	case v < 0:
		return 0
	}
	return v
}

// at returns the value of a schedule, or usual without one.
func at(s Schedule, update int, usual float64) float64 {
	if s == nil {
		return usual
	}
	return s.At(update)
}
