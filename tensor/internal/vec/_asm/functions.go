package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// The constants are those of ../function.go, where the methods are explained.
const (
	magic      = 12582912 // 1.5·2²³
	magicBits  = 0x4b400000
	oneBits    = 0x3f800000
	ln2High    = 0x3f317200
	ln2Low     = 0x35bfbe8e
	sqrtHalf   = 0x3f3504f3
	expLimit   = 104
	tanhLimit  = 10
	minNormal  = 0x00800000
	mantissa   = 0x007fffff
	signBit    = 0x80000000
	infinity   = 0x7f800000
	notANumber = 0x7fc00000
)

var (
	expCoef = []uint32{0x3efffffe, 0x3e2aaa49, 0x3d2aac79, 0x3c091cf1, 0x3ab5121a}
	logCoef = []uint32{0x3eaaaaaa, 0xbe800114, 0x3e4cd009, 0xbe2a38fb, 0x3e116c85, 0xbe06c3ad, 0x3e02b24d, 0xbd9c60d6}
)

func functions() []*kernel {
	f := func(name, doc string, body func(s *isa, x Op) Op) *kernel {
		k := simple(name, doc, unary, nil, func(s *isa, x, _ []Op) Op { return body(s, x[0]) })
		k.unroll = 1
		return k
	}
	return []*kernel{
		f("Exp", "dst[i] = e^x[i]", func(s *isa, x Op) Op {
			return s.exp(s.max(s.fill(s.f(-expLimit)), s.min(s.fill(s.f(89)), x)))
		}),
		f("Log", "dst[i] = ln x[i]", (*isa).log),
		f("Tanh", "dst[i] = tanh x[i]", (*isa).tanh),
		f("Sigmoid", "dst[i] = 1 / (1 + e^-x[i])", func(s *isa, x Op) Op {
			e := s.expMinusAbs(x)
			num := s.pick(s.cmp(less, x, s.f(0)), e, s.fill(s.f(1)))
			return s.div(num, s.add(e, s.f(1)))
		}),
		f("Softplus", "dst[i] = ln(1 + e^x[i])", func(s *isa, x Op) Op {
			e := s.expMinusAbs(x)
			big := s.cmp(greater, e, s.f(math.Sqrt2-1))
			t := s.pick(big, s.mul(s.sub(e, s.f(1)), s.f(0.5)), e)
			return s.add(s.max(s.fill(s.f(0)), x), s.log1p(t, s.keep(big, s.f(1))))
		}),
	}
}

// horner evaluates the polynomial with the given coefficients, that of x⁰ first.
func (s *isa) horner(x Op, coef []uint32) Op {
	p := s.fill(s.bits(coef[len(coef)-1]))
	for i := len(coef) - 2; i >= 0; i-- {
		p = s.add(s.mul(p, x), s.bits(coef[i]))
	}
	return p
}

// reduce writes x = n·ln 2 + r and returns q = e^r − 1, n, and n in the low bits of t.
func (s *isa) reduce(x Op) (q, n, t Op) {
	t = s.add(s.mul(x, s.f(math.Log2E)), s.f(magic))
	n = s.sub(t, s.f(magic))
	r := s.sub(s.sub(x, s.mul(n, s.bits(ln2High))), s.mul(n, s.bits(ln2Low)))
	q = s.add(s.mul(s.horner(r, expCoef), s.mul(r, r)), r)
	return q, n, t
}

// power is 2ⁿ for an n in the low bits of t.
func (s *isa) power(t Op) Op { return s.addInt(s.shiftLeft(t, 23), s.bits(oneBits)) }

// exp is e^x for x in [-104, 89] or NaN.
func (s *isa) exp(x Op) Op {
	q, n, t := s.reduce(x)
	p := s.add(q, s.f(1))
	if s.wide {
		dst := s.vec()
		VSCALEFPS(n, p, dst)
		return dst
	}
	k := s.subInt(t, s.bits(magicBits))
	half := s.shiftRight(k, 1)
	return s.mul(s.mul(p, s.power(half)), s.power(s.subInt(k, half)))
}

// expMinusAbs is e^−|x|.
func (s *isa) expMinusAbs(x Op) Op {
	return s.exp(s.max(s.fill(s.f(-expLimit)), s.or(x, s.bits(signBit))))
}

func (s *isa) tanh(x Op) Op {
	a := s.min(s.fill(s.f(tanhLimit)), s.abs(x))
	q, _, t := s.reduce(s.add(a, a))
	p := s.power(t)
	e := s.add(s.mul(p, q), s.sub(p, s.f(1)))
	y := s.div(e, s.add(e, s.f(2)))
	return s.or(y, s.and(x, s.bits(signBit)))
}

// log1p is ln(1+f) + k·ln 2 for 1+f in [√½, √2].
func (s *isa) log1p(f, k Op) Op {
	square := s.mul(f, f)
	y := s.mul(s.mul(s.horner(f, logCoef), f), square)
	y = s.add(y, s.mul(k, s.bits(ln2Low)))
	y = s.sub(y, s.mul(square, s.f(0.5)))
	return s.add(s.add(f, y), s.mul(k, s.bits(ln2High)))
}

func (s *isa) log(x Op) Op {
	small := s.cmp(less, x, s.bits(minNormal))
	scaled := s.pick(small, s.mul(x, s.f(1<<23)), x)
	b := s.subInt(scaled, s.bits(sqrtHalf))
	k := s.sub(s.toFloat(s.shiftRight(b, 23)), s.keep(small, s.f(23)))
	m := s.addInt(s.and(b, s.bits(mantissa)), s.bits(sqrtHalf))
	y := s.log1p(s.sub(m, s.f(1)), k)
	y = s.pick(s.cmp(equal, x, s.f(0)), s.fill(s.bits(infinity|signBit)), y)
	y = s.pick(s.cmp(less, x, s.f(0)), s.fill(s.bits(notANumber)), y)
	return s.pick(s.cmp(notLess, x, s.bits(infinity)), x, y)
}
