package optim

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// RMSProp divides the gradient by a running root mean square of it:
//
//	s ← Alpha·s + (1−Alpha)·g²
//	p ← p − Rate·g/(√s + Eps)
//
// That is PyTorch's and Torch7's rule. Tieleman & Hinton 2012, lecture 6.5.
type RMSProp struct {
	Rate        float64  // learning rate; 0 means 1e-2
	Schedule    Schedule // factors of Rate; nil means a constant rate
	Alpha       float64  // 0 means 0.99
	Eps         float64  // 0 means 1e-8
	EpsInside   bool     // divide by √(s + Eps), as the code of alignDRAW does
	Momentum    float64  // of a velocity that collects the quotients
	Centered    bool     // divide by the standard deviation: s less the square of the mean gradient
	WeightDecay float64  // L2 penalty: WeightDecay·p is added to the gradient
}

// Init implements [Optimizer].
func (o RMSProp) Init(params []*autograd.Var) State {
	kinds := []string{"square"}
	if o.Centered {
		kinds = append(kinds, "mean")
	}
	if o.Momentum != 0 {
		kinds = append(kinds, "velocity")
	}
	return &rmspropState{memory: newMemory("optim.RMSProp", params, kinds...), rule: o}
}

type rmspropState struct {
	memory
	rule RMSProp
}

func (s *rmspropState) Rate() float64 {
	return orDefault(s.rule.Rate, 1e-2) * at(s.rule.Schedule, s.updates, 1)
}

func (s *rmspropState) Step(grads []*tensor.Tensor) {
	alpha := orDefault(s.rule.Alpha, 0.99)
	c := tensor.RMSPropStep{
		Rate: float32(s.Rate()), Alpha: float32(alpha), Gain: float32(1 - alpha),
		Eps: float32(orDefault(s.rule.Eps, 1e-8)), EpsInside: s.rule.EpsInside,
		Decay: float32(s.rule.WeightDecay), Momentum: float32(s.rule.Momentum),
	}
	s.begin(grads)
	for i, g := range grads {
		tensor.RMSPropStepInto(s.params[i], s.get("square", i), s.get("mean", i), s.get("velocity", i), g, c)
	}
}
