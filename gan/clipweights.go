package gan

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
)

// ClipWeights is an optimiser that brings every parameter back to [−Limit, Limit] after each step of another rule, the
// first way a critic of [Wasserstein] was kept smooth. Arjovsky et al. 2017, Algorithm 1, with RMSProp at 5e-5.
type ClipWeights struct {
	Rule  optim.Optimizer
	Limit float64 // 0 means 0.01
}

// Init implements [optim.Optimizer].
func (o ClipWeights) Init(params []*autograd.Var) optim.State {
	limit := o.Limit
	if limit == 0 {
		limit = 0.01
	}
	return &clippedState{State: o.Rule.Init(params), params: params, limit: float32(limit)}
}

type clippedState struct {
	optim.State
	params []*autograd.Var
	limit  float32
}

// Step implements [optim.State].
func (s *clippedState) Step(grads []*tensor.Tensor) {
	s.State.Step(grads)
	for _, p := range s.params {
		tensor.ClampInto(p.Value(), p.Value(), -s.limit, s.limit)
	}
}
