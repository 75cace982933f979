package optim

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// SGD is stochastic gradient descent, with momentum or without:
//
//	g ← g + WeightDecay·p
//	v ← μ·v + (1−Dampening)·g      (the first v is g)
//	p ← p − Rate·v                 or  p − Rate·(g + μ·v) with Nesterov
type SGD struct {
	Rate        float64  // learning rate; 0 means 1e-3
	Schedule    Schedule // factors of Rate; nil means a constant rate
	Momentum    float64  // μ; 0 means none
	Momenta     Schedule // the values of μ, where it changes over time; nil means Momentum
	Dampening   float64
	Damped      bool // Dampening is μ itself, whatever that is at the time: Torch7's default
	Nesterov    bool
	WeightDecay float64
}

// Init implements [Optimizer].
func (o SGD) Init(params []*autograd.Var) State {
	if o.Nesterov && (o.Damped || o.Dampening != 0) {
		panic("optim.SGD: Nesterov momentum is not damped")
	}
	if o.Momentum == 0 && o.Momenta == nil {
		return &sgdState{memory: newMemory("optim.SGD", params), rule: o}
	}
	return &sgdState{memory: newMemory("optim.SGD", params, "velocity"), rule: o}
}

type sgdState struct {
	memory
	rule SGD
}

func (s *sgdState) Rate() float64 {
	return orDefault(s.rule.Rate, 1e-3) * at(s.rule.Schedule, s.updates, 1)
}

func (s *sgdState) Step(grads []*tensor.Tensor) {
	rate, momentum := s.Rate(), at(s.rule.Momenta, s.updates, s.rule.Momentum)
	dampening := s.rule.Dampening
	if s.rule.Damped {
		dampening = momentum
	}
	if s.begin(grads) == 1 {
		dampening = 0
	}
	c := tensor.SGDStep{
		Rate: float32(rate), Decay: float32(s.rule.WeightDecay),
		Momentum: float32(momentum), Gain: float32(1 - dampening), Nesterov: s.rule.Nesterov,
	}
	for i, g := range grads {
		tensor.SGDStepInto(s.params[i], s.get("velocity", i), g, c)
	}
}
