package tensor

import (
	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// SGDStep is the coefficients of one step of gradient descent with momentum; see [SGDStepInto].
type SGDStep struct {
	Rate     float32 // learning rate
	Decay    float32 // L2 penalty: Decay·p is added to the gradient
	Momentum float32 // what is kept of the velocity
	Gain     float32 // what enters it of the gradient: 1, or 1−Momentum where momentum is damped
	Nesterov bool    // look ahead along the new velocity
}

// SGDStepInto updates the parameter p and its velocity v in place, in one pass:
//
//	g ← g + Decay·p
//	v ← Momentum·v + Gain·g
//	p ← p − Rate·v              or  p − Rate·(g + Momentum·v) with Nesterov
//
// v may be nil, for p ← p − Rate·g. It panics unless the shapes are equal.
func SGDStepInto(p, v, g *Tensor, s SGDStep) {
	const op = "tensor.SGDStepInto"
	wantShape(op, p, g.shape)
	if v == nil {
		par.For(len(p.data), chunk, func(lo, hi int) {
			vec.SGD(p.data[lo:hi], g.data[lo:hi], s.Decay, s.Rate)
		})
		return
	}
	wantShape(op, v, g.shape)
	par.For(len(p.data), chunk, func(lo, hi int) {
		step := vec.SGDMomentum
		if s.Nesterov {
			step = vec.SGDNesterov
		}
		step(p.data[lo:hi], v.data[lo:hi], g.data[lo:hi], s.Decay, s.Momentum, s.Gain, s.Rate)
	})
}

// AdamStep is the coefficients of one step of Adam, the bias corrections folded in; see [AdamStepInto].
type AdamStep struct {
	Rate         float32 // size of the step, with the corrections of both moments
	Beta1, Beta2 float32 // what is kept of the first and of the second moment
	Gain1, Gain2 float32 // what enters them: 1−Beta1 and 1−Beta2, taken in float64, where 1−0.999 keeps its digits
	Eps          float32 // added to the root of the uncorrected second moment
	Decay        float32 // L2 penalty: Decay·p is added to the gradient
	Keep         float32 // what is kept of p before the step: 1, or less for decoupled weight decay
}

// AdamStepInto updates the parameter p and the moments m and v of its gradient in place, in one pass:
//
//	g ← g + Decay·p
//	m ← Beta1·m + Gain1·g
//	v ← Beta2·v + Gain2·g²
//	p ← Keep·p − Rate·m / (√v + Eps)
//
// peak may be nil; where it is not, it holds the largest v so far and takes its place under the root (AMSGrad). It panics
// unless the shapes are equal.
func AdamStepInto(p, m, v, peak, g *Tensor, s AdamStep) {
	const op = "tensor.AdamStepInto"
	for _, t := range []*Tensor{p, m, v} {
		wantShape(op, t, g.shape)
	}
	if peak == nil {
		par.For(len(p.data), chunk, func(lo, hi int) {
			vec.Adam(p.data[lo:hi], m.data[lo:hi], v.data[lo:hi], g.data[lo:hi],
				s.Decay, s.Beta1, s.Gain1, s.Beta2, s.Gain2, s.Keep, s.Rate, s.Eps)
		})
		return
	}
	wantShape(op, peak, g.shape)
	par.For(len(p.data), chunk, func(lo, hi int) {
		vec.AMSGrad(p.data[lo:hi], m.data[lo:hi], v.data[lo:hi], peak.data[lo:hi], g.data[lo:hi],
			s.Decay, s.Beta1, s.Gain1, s.Beta2, s.Gain2, s.Keep, s.Rate, s.Eps)
	})
}

// RMSPropStep is the coefficients of one step of RMSProp; see [RMSPropStepInto].
type RMSPropStep struct {
	Rate      float32 // learning rate
	Alpha     float32 // what is kept of the mean square
	Gain      float32 // what enters it: 1−Alpha, taken in float64
	Eps       float32
	EpsInside bool    // Eps is added under the root instead of to it
	Decay     float32 // L2 penalty: Decay·p is added to the gradient
	Momentum  float32 // what is kept of the velocity
}

// RMSPropStepInto updates the parameter p, the mean square sq of its gradient, and, where they are not nil, the mean
// gradient and the velocity in place, in one pass:
//
//	g    ← g + Decay·p
//	sq   ← Alpha·sq + Gain·g²
//	mean ← Alpha·mean + Gain·g
//	v    ← Momentum·v + g / (√(sq − mean²) + Eps)     or  … / √(sq − mean² + Eps) with EpsInside
//	p    ← p − Rate·v
//
// Without mean the root is that of sq; without v the step is the quotient itself. It panics unless the shapes are equal.
func RMSPropStepInto(p, sq, mean, v, g *Tensor, s RMSPropStep) {
	const op = "tensor.RMSPropStepInto"
	for _, t := range []*Tensor{p, sq, mean, v} {
		if t != nil {
			wantShape(op, t, g.shape)
		}
	}
	outer, inner := s.Eps, float32(0)
	if s.EpsInside {
		outer, inner = 0, s.Eps
	}
	par.For(len(p.data), chunk, func(lo, hi int) {
		p, sq, g := p.data[lo:hi], sq.data[lo:hi], g.data[lo:hi]
		switch {
		case mean == nil && v == nil:
			vec.RMSProp(p, sq, g, s.Decay, s.Alpha, s.Gain, inner, outer, s.Rate)
		case mean == nil:
			vec.RMSPropMomentum(p, sq, v.data[lo:hi], g, s.Decay, s.Alpha, s.Gain, inner, outer, s.Rate, s.Momentum)
		case v == nil:
			vec.RMSPropCentred(p, sq, mean.data[lo:hi], g, s.Decay, s.Alpha, s.Gain, inner, outer, s.Rate)
		default:
			vec.RMSPropCentredMomentum(p, sq, mean.data[lo:hi], v.data[lo:hi], g,
				s.Decay, s.Alpha, s.Gain, inner, outer, s.Rate, s.Momentum)
		}
	})
}

// LerpInto moves dst a part of the way to x, dst ← dst + rate·(x − dst), as a running average does. It panics unless the
// shapes are equal.
func LerpInto(dst, x *Tensor, rate float32) {
	each("tensor.LerpInto", dst, x, func(d, x []float32) { vec.Lerp(d, x, rate) })
}
