package main

import (
	"math"
	"slices"

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
	expMost    = 89
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
	f := func(name, doc string, body func(s *isa, x Op) Op, hold ...[]uint32) *kernel {
		k := simple(name, doc, unary, nil, func(s *isa, x, _ []Op) Op { return body(s, x[0]) })
		k.unroll = 1
		k.hold = slices.Concat(hold...)
		return k
	}
	bits := math.Float32bits
	one := []uint32{oneBits}
	exp := append([]uint32{bits(math.Log2E), bits(magic), ln2High, ln2Low, bits(-expLimit)}, expCoef...)
	log := append([]uint32{ln2High, ln2Low, bits(0.5)}, logCoef...)
	tanh := append([]uint32{bits(math.Log2E), bits(magic), bits(math.Ln2), bits(tanhLimit), signBit, 0x7fffffff, bits(2)}, expCoef...)
	return []*kernel{
		f("Exp", "dst[i] = e^x[i]", func(s *isa, x Op) Op {
			return s.exp(s.max(s.fill(s.f(-expLimit)), s.min(s.fill(s.f(expMost)), x)))
		}, exp, one, []uint32{bits(expMost)}),
		f("Log", "dst[i] = ln x[i]", (*isa).log, log, one, []uint32{sqrtHalf}),
		f("Tanh", "dst[i] = tanh x[i]", (*isa).tanh, tanh, one),
		f("Sigmoid", "dst[i] = 1 / (1 + e^-x[i])", func(s *isa, x Op) Op {
			e := s.expMinusAbs(x)
			num := s.pick(s.cmp(less, x, s.f(0)), e, s.fill(s.f(1)))
			return s.div(num, s.add(e, s.f(1)))
		}, exp, one, []uint32{signBit, 0}),
		f("Softplus", "dst[i] = ln(1 + e^x[i])", func(s *isa, x Op) Op {
			e := s.expMinusAbs(x)
			big := s.cmp(greater, e, s.f(math.Sqrt2-1))
			t := s.pick(big, s.mul(s.sub(e, s.f(1)), s.f(0.5)), e)
			return s.add(s.max(s.fill(s.f(0)), x), s.log1p(t, s.keep(big, s.f(1))))
		}, exp, one, logCoef),
	}
}

// pair is c0 + c1·x.
func (s *isa) pair(x Op, c0, c1 uint32) Op { return s.add(s.mul(x, s.bits(c1)), s.bits(c0)) }

// reduce writes x = n·ln 2 + r and returns r, n, and n in the low bits of t. Without a low part of ln 2 it serves small n.
func (s *isa) reduce(x Op, low bool) (r, n, t Op) {
	t = s.add(s.mul(x, s.f(math.Log2E)), s.f(magic))
	n = s.sub(t, s.f(magic))
	if !low {
		return s.sub(x, s.mul(n, s.f(math.Ln2))), n, t
	}
	return s.sub(s.sub(x, s.mul(n, s.bits(ln2High))), s.mul(n, s.bits(ln2Low))), n, t
}

// expm1 is e^r − 1 for |r| ≤ ½ ln 2.
func (s *isa) expm1(r Op) Op {
	square := s.mul(r, r)
	high := s.add(s.pair(r, expCoef[2], expCoef[3]), s.mul(square, s.bits(expCoef[4])))
	p := s.add(s.pair(r, expCoef[0], expCoef[1]), s.mul(high, square))
	return s.add(s.mul(p, square), r)
}

// power is 2ⁿ for an n in the low bits of t.
func (s *isa) power(t Op) Op { return s.addInt(s.shiftLeft(t, 23), s.bits(oneBits)) }

// exp is e^x for x in [-104, 89] or NaN.
func (s *isa) exp(x Op) Op {
	r, n, t := s.reduce(x, true)
	p := s.add(s.expm1(r), s.f(1))
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
	r, _, t := s.reduce(s.add(a, a), false)
	p := s.power(t)
	e := s.add(s.mul(p, s.expm1(r)), s.sub(p, s.f(1)))
	y := s.div(e, s.add(e, s.f(2)))
	if s.wide {
		VPTERNLOGD(Imm(0xf8), s.bits(signBit), x, y) // y | x & the sign
		return y
	}
	return s.or(y, s.and(x, s.bits(signBit)))
}

// log1p is ln(1+f) + k·ln 2 for 1+f in [√½, √2].
func (s *isa) log1p(f, k Op) Op {
	square := s.mul(f, f)
	fourth := s.mul(square, square)
	low := s.add(s.pair(f, logCoef[0], logCoef[1]), s.mul(s.pair(f, logCoef[2], logCoef[3]), square))
	high := s.add(s.pair(f, logCoef[4], logCoef[5]), s.mul(s.pair(f, logCoef[6], logCoef[7]), square))
	p := s.add(low, s.mul(high, fourth))
	y := s.mul(s.mul(p, f), square)
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
