package optim

import (
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Adam is adaptive moment estimation,
//
//	m ← β₁·m + (1−β₁)·g            m̂ = m/(1−β₁ᵗ)
//	v ← β₂·v + (1−β₂)·g²           v̂ = v/(1−β₂ᵗ)
//	p ← p − Rate·m̂/(√v̂ + Eps)
//
// Kingma & Ba 2015, Algorithm 1.
type Adam struct {
	Rate        float64  // learning rate; 0 means 1e-3
	Schedule    Schedule // factors of Rate; nil means a constant rate
	Beta1       float64  // 0 means 0.9, Zero none
	Beta2       float64  // 0 means 0.999
	Eps         float64  // 0 means 1e-8
	WeightDecay float64  // L2 penalty: WeightDecay·p is added to the gradient
	AMSGrad     bool     // divide by the root of the largest v so far; Reddi et al. 2018
	Torch7      bool     // add Eps to √v instead of to √v̂, as Torch7 does
}

// AdamW is [Adam] with decoupled weight decay: p ← (1 − Rate·WeightDecay)·p before each step. Loshchilov & Hutter 2019.
type AdamW struct {
	Rate        float64  // learning rate; 0 means 1e-3
	Schedule    Schedule // factors of Rate; nil means a constant rate
	Beta1       float64  // 0 means 0.9, Zero none
	Beta2       float64  // 0 means 0.999
	Eps         float64  // 0 means 1e-8
	WeightDecay float64  // 0 means 0.01, Zero none
	AMSGrad     bool     // divide by the root of the largest v so far; Reddi et al. 2018
}

// Init implements [Optimizer].
func (o Adam) Init(params []*autograd.Var) State { return newAdam("optim.Adam", o, params, 0) }

// Init implements [Optimizer].
func (o AdamW) Init(params []*autograd.Var) State {
	rule := Adam{Rate: o.Rate, Schedule: o.Schedule, Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, AMSGrad: o.AMSGrad}
	return newAdam("optim.AdamW", rule, params, orDefault(o.WeightDecay, 0.01))
}

func newAdam(op string, o Adam, params []*autograd.Var, decoupled float64) State {
	kinds := []string{"m", "v"}
	if o.AMSGrad {
		kinds = append(kinds, "peak")
	}
	return &adamState{memory: newMemory(op, params, kinds...), rule: o, decoupled: decoupled}
}

type adamState struct {
	memory
	rule      Adam
	decoupled float64
}

func (s *adamState) Rate() float64 {
	return orDefault(s.rule.Rate, 1e-3) * at(s.rule.Schedule, s.updates, 1)
}

func (s *adamState) Step(grads []*tensor.Tensor) {
	rate := s.Rate()
	beta1, beta2, eps := orDefault(s.rule.Beta1, 0.9), orDefault(s.rule.Beta2, 0.999), orDefault(s.rule.Eps, 1e-8)
	t := float64(s.begin(grads))
	// The corrections of both moments move into the step and into Eps: m̂/(√v̂+ε) = m·√c₂/c₁ / (√v + ε·√c₂).
	c1, root2 := 1-math.Pow(beta1, t), math.Sqrt(1-math.Pow(beta2, t))
	if !s.rule.Torch7 {
		eps *= root2
	}
	c := tensor.AdamStep{
		Rate:  float32(rate * root2 / c1),
		Beta1: float32(beta1), Beta2: float32(beta2), Gain1: float32(1 - beta1), Gain2: float32(1 - beta2),
		Eps: float32(eps), Decay: float32(s.rule.WeightDecay), Keep: float32(1 - rate*s.decoupled),
	}
	for i, g := range grads {
		tensor.AdamStepInto(s.params[i], s.get("m", i), s.get("v", i), s.get("peak", i), g, c)
	}
}
