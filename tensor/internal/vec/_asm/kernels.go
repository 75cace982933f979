package main

import (
	"slices"

	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
	. "github.com/mmcloughlin/avo/operand"
)

var (
	dst    = []string{"dst"}
	unary  = []string{"x"}
	binary = []string{"a", "b"}
)

// simple is a kernel of one result whose body is an expression.
func simple(name, doc string, in, params []string, body func(s *isa, in, p []Op) Op) *kernel {
	return &kernel{
		name: name, doc: doc, out: dst, in: in, params: params, unroll: 4,
		body: func(s *isa, in, p []Op) []Op { return []Op{body(s, in, p)} },
	}
}

// repeating says which of the slices that k reads repeat.
func (k *kernel) repeating(rows ...string) *kernel {
	k.rows = rows
	return k
}

// kernels lists the elementwise kernels. Products and sums are rounded one by one, never fused, and in the order of the
// formula, so that every instruction set, and portable Go, gives the same bits.
func kernels() []*kernel {
	all := []*kernel{
		simple("Add", "dst[i] = a[i] + b[i]", binary, nil, func(s *isa, x, _ []Op) Op { return s.add(x[0], x[1]) }),
		simple("Sub", "dst[i] = a[i] - b[i]", binary, nil, func(s *isa, x, _ []Op) Op { return s.sub(x[0], x[1]) }),
		simple("Mul", "dst[i] = a[i] * b[i]", binary, nil, func(s *isa, x, _ []Op) Op { return s.mul(x[0], x[1]) }),
		simple("Div", "dst[i] = a[i] / b[i]", binary, nil, func(s *isa, x, _ []Op) Op { return s.div(x[0], x[1]) }),
		simple("Max", "dst[i] = max(a[i], b[i])", binary, nil, func(s *isa, x, _ []Op) Op {
			return s.extreme(x[0], x[1], s.max, s.and, neon.FMAX)
		}),
		simple("Min", "dst[i] = min(a[i], b[i])", binary, nil, func(s *isa, x, _ []Op) Op {
			return s.extreme(x[0], x[1], s.min, s.or, neon.FMIN)
		}),
		simple("Affine", "dst[i] = scale*x[i] + shift", unary, []string{"scale", "shift"}, func(s *isa, x, p []Op) Op {
			return s.add(s.mul(x[0], p[0]), p[1])
		}),
		simple("AddScaled", "dst[i] += alpha * x[i]", []string{"dst", "x"}, []string{"alpha"}, func(s *isa, x, p []Op) Op {
			return s.add(x[0], s.mul(x[1], p[0]))
		}),
		simple("Lerp", "dst[i] += rate * (x[i] - dst[i])", []string{"dst", "x"}, []string{"rate"}, func(s *isa, x, p []Op) Op {
			return s.add(x[0], s.mul(s.sub(x[1], x[0]), p[0]))
		}),
		simple("Clamp", "dst[i] = x[i] limited to [lo, hi]", unary, []string{"lo", "hi"}, func(s *isa, x, p []Op) Op {
			return s.min(p[1], s.max(p[0], x[0]))
		}),
		simple("Abs", "dst[i] = |x[i]|", unary, nil, func(s *isa, x, _ []Op) Op { return s.abs(x[0]) }),
		simple("Sign", "dst[i] = -1, 0 or 1; NaN stays", unary, nil, func(s *isa, x, _ []Op) Op {
			up := s.keep(s.cmp(greater, x[0], s.f(0)), s.f(1))
			down := s.keep(s.cmp(less, x[0], s.f(0)), s.f(-1))
			return s.or(s.or(up, down), s.keep(s.cmp(unordered, x[0], x[0]), x[0]))
		}),
		simple("Step", "dst[i] = x[i] >= 0 ? 1 : 0; NaN stays", unary, nil, func(s *isa, x, _ []Op) Op {
			up := s.keep(s.cmp(greaterEqual, x[0], s.f(0)), s.f(1))
			return s.or(up, s.keep(s.cmp(unordered, x[0], x[0]), x[0]))
		}),
		simple("Sqrt", "dst[i] = √x[i]", unary, nil, func(s *isa, x, _ []Op) Op { return s.sqrt(x[0]) }),
		simple("ReLU", "dst[i] = x[i] < 0 ? 0 : x[i]", unary, nil, func(s *isa, x, _ []Op) Op {
			return s.max(s.fill(s.f(0)), x[0])
		}),
		simple("ReLUGrad", "dst[i] = x[i] <= 0 ? 0 : grad[i]", []string{"x", "grad"}, nil, func(s *isa, x, _ []Op) Op {
			return s.keep(s.cmp(notLessEqual, x[0], s.f(0)), x[1])
		}),
		simple("LeakyReLU", "dst[i] = x[i] <= 0 ? slope*x[i] : x[i]", unary, []string{"slope"}, func(s *isa, x, p []Op) Op {
			return s.leaky(x[0], x[0], p[0])
		}),
		simple("LeakyReLUGrad", "dst[i] = x[i] <= 0 ? slope*grad[i] : grad[i]", []string{"x", "grad"}, []string{"slope"},
			func(s *isa, x, p []Op) Op { return s.leaky(x[0], x[1], p[0]) }),
		simple("PReLU", "dst[i] = x[i] <= 0 ? slope[i]*x[i] : x[i]", []string{"x", "slope"}, nil, func(s *isa, x, _ []Op) Op {
			return s.leaky(x[0], x[0], x[1])
		}).repeating("slope"),
		simple("PReLUGrad", "dst[i] = x[i] <= 0 ? slope[i]*grad[i] : grad[i]", []string{"x", "grad", "slope"}, nil,
			func(s *isa, x, _ []Op) Op { return s.leaky(x[0], x[1], x[2]) }).repeating("slope"),
		simple("TanhGrad", "dst[i] = grad[i] * (1 - y[i]*y[i])", []string{"y", "grad"}, nil, func(s *isa, x, _ []Op) Op {
			return s.mul(x[1], s.sub(s.fill(s.f(1)), s.mul(x[0], x[0])))
		}),
		simple("SigmoidGrad", "dst[i] = (grad[i]*y[i]) * (1 - y[i])", []string{"y", "grad"}, nil, func(s *isa, x, _ []Op) Op {
			return s.mul(s.mul(x[1], x[0]), s.sub(s.fill(s.f(1)), x[0]))
		}),
	}
	all = append(all, functions()...)
	for _, k := range all {
		k.stream = slices.Contains(streamed, k.name)
	}
	all = append(all, norms()...)
	return append(all, optimisers()...)
}

// streamed are the kernels whose results, those of whole tensors, are often larger than the caches. All those of norms
// have that form, too.
var streamed = []string{
	"Add", "Sub", "Mul", "Affine", "ReLU", "ReLUGrad", "LeakyReLU", "LeakyReLUGrad", "PReLU", "PReLUGrad",
	"Tanh", "TanhGrad", "Sigmoid", "SigmoidGrad",
}

// extreme is the larger or smaller of a and b: NaN wins, and of zeros join takes the right sign. one(a, b) and one(b, a)
// are the same bits but for zeros and NaN. arm does all of this.
func (s *isa) extreme(a, b Op, one, join func(a, b Op) Op, arm neon.Binary) Op {
	if s.arm != nil {
		return s.arm.binary(arm, a, b)
	}
	m := join(one(a, b), one(b, a))
	return s.pick(s.cmp(unordered, a, b), s.add(a, b), m)
}

func (s *isa) abs(x Op) Op { return s.and(x, s.bits(0x7fffffff)) }

// leaky returns slope·v where x ≤ 0, and v elsewhere.
func (s *isa) leaky(x, v, slope Op) Op {
	return s.pick(s.cmp(lessEqual, x, s.f(0)), s.mul(v, slope), v)
}
