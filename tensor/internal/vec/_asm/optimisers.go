package main

import (
	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
	. "github.com/mmcloughlin/avo/operand"
)

// optimisers lists the update steps of parameters p with gradients g.
func optimisers() []*kernel {
	// decayed is g + decay·p.
	decayed := func(s *isa, g, decay, p Op) Op { return s.add(g, s.mul(p, decay)) }
	descend := func(s *isa, p, rate, u Op) Op { return s.sub(p, s.mul(u, rate)) }
	momentum := func(s *isa, in, p []Op) (d, v Op) { // of p, v, g and decay, momentum, gain
		d = decayed(s, in[2], p[0], in[0])
		return d, s.add(s.mul(in[1], p[1]), s.mul(d, p[2]))
	}
	moments := func(s *isa, in, p []Op) (m, v Op) { // of p, m, v, g and decay, beta1, gain1, beta2, gain2
		d := decayed(s, in[3], p[0], in[0])
		m = s.add(s.mul(in[1], p[1]), s.mul(d, p[2]))
		return m, s.add(s.mul(in[2], p[3]), s.mul(s.mul(d, p[4]), d))
	}
	adam := func(s *isa, w, m, v, keep, rate, eps Op) Op {
		return s.sub(s.mul(w, keep), s.div(s.mul(m, rate), s.add(s.sqrt(v), eps)))
	}
	adamParams := []string{"decay", "beta1", "gain1", "beta2", "gain2", "keep", "rate", "eps"}
	// rms makes the four kernels with and without the mean gradient and the velocity.
	rms := func(name, doc string, mean, velocity bool) *kernel {
		k := &kernel{
			name: name, doc: doc, out: []string{"p", "sq"}, in: []string{"p", "sq", "grad"}, unroll: 1,
			params: []string{"decay", "alpha", "gain", "inner", "outer", "rate"},
		}
		if mean {
			k.out, k.in = append(k.out, "mean"), append(k.in, "mean")
		}
		if velocity {
			k.out, k.in = append(k.out, "v"), append(k.in, "v")
			k.params = append(k.params, "momentum")
		}
		k.body = func(s *isa, in, p []Op) []Op {
			d := decayed(s, in[2], p[0], in[0])
			sq := s.add(s.mul(in[1], p[1]), s.mul(s.mul(d, p[2]), d))
			root := sq
			var out []Op
			if mean {
				m := s.add(s.mul(in[3], p[1]), s.mul(d, p[2]))
				out = append(out, m)
				root = s.max(s.fill(s.f(0)), s.sub(sq, s.mul(m, m)))
			}
			u := s.div(d, s.add(s.sqrt(s.add(root, p[3])), p[4]))
			if velocity {
				u = s.add(u, s.mul(in[len(in)-1], p[6]))
				out = append(out, u)
			}
			return append([]Op{descend(s, in[0], p[5], u), sq}, out...)
		}
		return k
	}
	return []*kernel{
		{
			name: "SGD", doc: "p[i] -= rate * (grad[i] + decay*p[i])", unroll: 2,
			out: []string{"p"}, in: []string{"p", "grad"}, params: []string{"decay", "rate"},
			body: func(s *isa, in, p []Op) []Op {
				return []Op{descend(s, in[0], p[1], decayed(s, in[1], p[0], in[0]))}
			},
		}, {
			name: "SGDMomentum", doc: "d = grad[i] + decay*p[i]; v[i] = momentum*v[i] + gain*d; p[i] -= rate*v[i]", unroll: 2,
			out: []string{"p", "v"}, in: []string{"p", "v", "grad"}, params: []string{"decay", "momentum", "gain", "rate"},
			body: func(s *isa, in, p []Op) []Op {
				_, v := momentum(s, in, p)
				return []Op{descend(s, in[0], p[3], v), v}
			},
		}, {
			name: "SGDNesterov", doc: "as SGDMomentum, but p[i] -= rate * (d + momentum*v[i])", unroll: 2,
			out: []string{"p", "v"}, in: []string{"p", "v", "grad"}, params: []string{"decay", "momentum", "gain", "rate"},
			body: func(s *isa, in, p []Op) []Op {
				d, v := momentum(s, in, p)
				return []Op{descend(s, in[0], p[3], s.add(d, s.mul(v, p[1]))), v}
			},
		}, {
			name: "Adam", unroll: 1, params: adamParams,
			doc: "d = grad[i] + decay*p[i]; m[i] = beta1*m[i] + gain1*d; v[i] = beta2*v[i] + gain2*d*d; p[i] = keep*p[i] - rate*m[i]/(√v[i]+eps)",
			out: []string{"p", "m", "v"}, in: []string{"p", "m", "v", "grad"},
			body: func(s *isa, in, p []Op) []Op {
				m, v := moments(s, in, p)
				return []Op{adam(s, in[0], m, v, p[5], p[6], p[7]), m, v}
			},
		}, {
			name: "AMSGrad", doc: "as Adam with peak[i] = max(peak[i], v[i]) under the root", unroll: 1, params: adamParams,
			out: []string{"p", "m", "v", "peak"}, in: []string{"p", "m", "v", "grad", "peak"},
			body: func(s *isa, in, p []Op) []Op {
				m, v := moments(s, in, p)
				peak := s.extreme(in[4], v, s.max, s.and, neon.FMAX)
				return []Op{adam(s, in[0], m, peak, p[5], p[6], p[7]), m, v, peak}
			},
		},
		rms("RMSProp", "d = grad[i] + decay*p[i]; sq[i] = alpha*sq[i] + gain*d*d; p[i] -= rate*d/(√(sq[i]+inner)+outer)", false, false),
		rms("RMSPropMomentum", "as RMSProp, but v[i] = momentum*v[i] + the quotient; p[i] -= rate*v[i]", false, true),
		rms("RMSPropCentred", "as RMSProp, but mean[i] = alpha*mean[i] + gain*d and √(max(sq[i]-mean[i]², 0)+inner)", true, false),
		rms("RMSPropCentredMomentum", "RMSPropCentred and RMSPropMomentum", true, true),
	}
}
