package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bytes writes the conversions between uint8 and float32. n is a multiple of the lanes.
func (s *isa) bytes() {
	s.begin("FromBytes", "dst *float32, x *uint8, n int, scale, shift float32", "dst[i] = scale*x[i] + shift")
	s.wholeVectors(func(dst, x, i reg.GPVirtual, scale, shift Op) {
		v := s.vec()
		VPMOVZXBD(Mem{Base: x, Index: i, Scale: 1}, v)
		s.store(s.add(s.mul(s.toFloat(v), scale), shift), Mem{Base: dst, Index: i, Scale: 4}, nil)
	})
	s.begin("ToBytes", "dst *uint8, x *float32, n int, scale, shift float32",
		"dst[i] = scale*x[i] + shift, limited to [0, 255] and rounded to even; 0 for NaN")
	s.wholeVectors(func(dst, x, i reg.GPVirtual, scale, shift Op) {
		v := s.add(s.mul(s.load(Mem{Base: x, Index: i, Scale: 4}, nil), scale), shift)
		v = s.min(s.max(v, s.f(0)), s.f(255)) // NaN gives 0
		k := s.vec()
		VCVTPS2DQ(v, k)
		to := Mem{Base: dst, Index: i, Scale: 1}
		if s.wide {
			VPMOVDB(k, to)
			return
		}
		low, high := k.AsX(), XMM()
		VEXTRACTI128(Imm(1), k, high)
		VPACKUSDW(high, low, low)
		VPACKUSWB(low, low, low)
		VMOVQ(low, to)
	})
}

func (s *isa) wholeVectors(step func(dst, x, i reg.GPVirtual, scale, shift Op)) {
	dst, x, n, i := GP64(), GP64(), GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("x"), x)
	Load(Param("n"), n)
	scale, shift := s.param("scale"), s.param("shift")
	XORQ(i, i)
	SUBQ(U32(s.lanes), n)
	JLT(LabelRef("done"))
	align()
	Label("loop")
	step(dst, x, i, scale, shift)
	ADDQ(U32(s.lanes), i)
	SUBQ(U32(s.lanes), n)
	JGE(LabelRef("loop"))
	Label("done")
	VZEROUPPER()
	RET()
}
