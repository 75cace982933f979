package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dot writes the kernel for up to four columns: rows of a and columns of b both have k along memory, each accumulator
// sums every lanes-th product of one element of c, and the lanes are added at the end. Runs through taps as rows does.
func (s isa) dot(mr, n int) {
	s.begin("Dot", mr, n, fmt.Sprintf("Products of %d rows and %d columns, both with k along memory.", mr, n))
	args, b, k, tap, a, taps, start := reg.RAX, reg.RDI, reg.RCX, reg.RDX, reg.RSI, reg.R15, reg.RAX
	bs, bs3 := reg.RBX, reg.R14
	Load(Param("a"), args)
	s.loadMask(args, k, argMask, argMV)
	MOVQ(Mem{Base: args, Disp: argB}, b)
	MOVQ(Mem{Base: args, Disp: argBStride}, bs)
	MOVQ(Mem{Base: args, Disp: argAStride}, reg.R8)
	MOVQ(Mem{Base: args, Disp: argOffs}, tap)
	MOVQ(Mem{Base: args, Disp: argTaps}, taps)
	MOVQ(Mem{Base: args, Disp: argA}, start)
	rows := newRowTable(mr, a, reg.R8, []reg.GPPhysical{reg.R9, reg.R10, reg.R11})
	cols := newRowTable(n, b, bs, []reg.GPPhysical{bs3})
	s.zero(mr * n)

	step := func(masked bool) {
		acc := mr * n
		for j := range n {
			s.load(cols.at(j, 0), s.vector(acc+j), masked)
		}
		for r := range mr {
			v := s.vector(acc + n + r%(s.free()-acc-n))
			s.load(rows.at(r, 0), v, masked)
			for j := range n {
				VFMADD231PS(s.vector(acc+j), v, s.vector(r*n+j))
			}
		}
	}
	Label("tap")
	MOVQ(Mem{Base: tap}, a)
	ADDQ(start, a)
	ADDQ(Imm(8), tap)
	Load(Param("a"), k)
	MOVQ(Mem{Base: k, Disp: argK}, k)
	SUBQ(Imm(uint64(s.lanes)), k)
	JLT(LabelRef("tail"))
	align()
	Label("loop")
	step(false)
	ADDQ(Imm(uint64(4*s.lanes)), a)
	ADDQ(Imm(uint64(4*s.lanes)), b)
	SUBQ(Imm(uint64(s.lanes)), k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(uint64(s.lanes)), k)
	JZ(LabelRef("next"))
	step(true)
	LEAQ(Mem{Base: b, Index: k, Scale: 4}, b)
	Label("next")
	DECQ(taps)
	JNZ(LabelRef("tap"))

	stride, row := reg.RBX, reg.RCX
	Load(Param("a"), args)
	MOVQ(Mem{Base: args, Disp: argCStride}, stride)
	MOVQ(Mem{Base: args, Disp: argC}, row)
	each := func(f func(v reg.VecPhysical, m Mem)) {
		for r := range mr {
			for j := range n {
				f(s.vector(r*n+j), Mem{Base: row, Disp: 4 * j})
			}
			if r < mr-1 {
				ADDQ(stride, row)
			}
		}
	}
	tmp := s.vector(mr * n)
	for i := range mr * n {
		s.sumLanes(s.vector(i), tmp)
	}
	CMPQ(Mem{Base: args, Disp: argAccum}, Imm(0))
	JEQ(LabelRef("store"))
	each(func(v reg.VecPhysical, m Mem) { VADDSS(m, v.AsX(), v.AsX()) })
	MOVQ(Mem{Base: args, Disp: argC}, row)
	Label("store")
	each(func(v reg.VecPhysical, m Mem) { VMOVSS(v.AsX(), m) })
	VZEROUPPER()
	RET()
}

// sumLanes adds all lanes of v into its lowest, halves first.
func (s isa) sumLanes(v, tmp reg.VecPhysical) {
	x, y, tx, ty := v.AsX(), v.AsY(), tmp.AsX(), tmp.AsY()
	if s.wide {
		VEXTRACTF64X4(Imm(1), v, ty)
		VADDPS(ty, y, y)
		VEXTRACTF32X4(Imm(1), y, tx)
	} else {
		VEXTRACTF128(Imm(1), y, tx)
	}
	VADDPS(tx, x, x)
	VPERMILPS(Imm(0x4e), x, tx)
	VADDPS(tx, x, x)
	VPERMILPS(Imm(0xb1), x, tx)
	VADDPS(tx, x, x)
}
