package tensor

import (
	"math"

	"github.com/gander-ml/gander/tensor/internal/par"
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
			p, g := p.data[lo:hi], g.data[lo:hi]
			for i, w := range p {
				p[i] = w - s.Rate*(g[i]+s.Decay*w)
			}
		})
		return
	}
	wantShape(op, v, g.shape)
	par.For(len(p.data), chunk, func(lo, hi int) {
		p, v, g := p.data[lo:hi], v.data[lo:hi], g.data[lo:hi]
		v, g = v[:len(p)], g[:len(p)]
		for i, w := range p {
			d := g[i] + s.Decay*w
			u := s.Momentum*v[i] + s.Gain*d
			v[i] = u
			if s.Nesterov {
				u = d + s.Momentum*u
			}
			p[i] = w - s.Rate*u
		}
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
			p, m, v, g := p.data[lo:hi], m.data[lo:hi], v.data[lo:hi], g.data[lo:hi]
			m, v, g = m[:len(p)], v[:len(p)], g[:len(p)]
			for i, w := range p {
				d := g[i] + s.Decay*w
				first := s.Beta1*m[i] + s.Gain1*d
				second := s.Beta2*v[i] + s.Gain2*d*d
				m[i], v[i] = first, second
				p[i] = s.Keep*w - s.Rate*first/(sqrt32(second)+s.Eps)
			}
		})
		return
	}
	wantShape(op, peak, g.shape)
	par.For(len(p.data), chunk, func(lo, hi int) {
		p, m, v, peak, g := p.data[lo:hi], m.data[lo:hi], v.data[lo:hi], peak.data[lo:hi], g.data[lo:hi]
		for i, w := range p {
			d := g[i] + s.Decay*w
			first := s.Beta1*m[i] + s.Gain1*d
			second := s.Beta2*v[i] + s.Gain2*d*d
			m[i], v[i] = first, second
			peak[i] = max(peak[i], second)
			p[i] = s.Keep*w - s.Rate*first/(sqrt32(peak[i])+s.Eps)
		}
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
		for i := lo; i < hi; i++ {
			w := p.data[i]
			d := g.data[i] + s.Decay*w
			square := s.Alpha*sq.data[i] + s.Gain*d*d
			sq.data[i] = square
			if mean != nil {
				m := s.Alpha*mean.data[i] + s.Gain*d
				mean.data[i] = m
				square = max(square-m*m, 0) // a variance, but for rounding
			}
			u := d / (sqrt32(square+inner) + outer)
			if v != nil {
				u += s.Momentum * v.data[i]
				v.data[i] = u
			}
			p.data[i] = w - s.Rate*u
		}
	})
}

// LerpInto moves dst a part of the way to x, dst ← dst + rate·(x − dst), as a running average does. It panics unless the
// shapes are equal.
func LerpInto(dst, x *Tensor, rate float32) {
	each("tensor.LerpInto", dst, x, func(d, x []float32) {
		x = x[:len(d)]
		for i, v := range x {
			d[i] += rate * (v - d[i])
		}
	})
}

func sqrt32(x float32) float32 { return float32(math.Sqrt(float64(x))) }
