package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// extremes writes the search for the largest and smallest bits. As integers, b ^ (b>>31 & 0x7fffffff) orders floats from
// -NaN, -Inf to +Inf, NaN with -0 before +0. n is a multiple of the lanes, and what is found joins the lanes of found.
func (s *isa) extremes() {
	s.begin("Extremes", "found *int32, x *float32, n int",
		"found[0,1,2] of 16 lanes each = max of them and |bits|, ordered bits, ^ordered bits")
	found, x, n := GP64(), GP64(), GP64()
	Load(Param("found"), found)
	Load(Param("x"), x)
	Load(Param("n"), n)
	var best [3]reg.VecVirtual
	for i := range best {
		best[i] = s.vec()
		VMOVUPS(Mem{Base: found, Disp: 64 * i}, best[i])
	}
	SUBQ(U32(s.lanes), n)
	JLT(LabelRef("done"))
	align()
	Label("loop")
	v := s.load(Mem{Base: x}, nil)
	VPMAXSD(s.abs(v), best[0], best[0])
	ordered := s.xor(s.and(s.shiftRight(v, 31), s.bits(0x7fffffff)), v)
	VPMAXSD(ordered, best[1], best[1])
	VPMAXSD(s.xor(ordered, s.bits(0xffffffff)), best[2], best[2])
	ADDQ(U32(4*s.lanes), x)
	SUBQ(U32(s.lanes), n)
	JGE(LabelRef("loop"))
	Label("done")
	for i := range best {
		VMOVUPS(best[i], Mem{Base: found, Disp: 64 * i})
	}
	VZEROUPPER()
	RET()
}
