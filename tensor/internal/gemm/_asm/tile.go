package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unroll is the number of k steps in one turn of the main loop.
const unroll = 4

// rows writes the kernel whose a has its mr rows at equal distances and k along memory. It runs through the taps: for
// each, the rows start again at a+offs[tap], while b goes on.
func (s isa) rows(mr, nz int) {
	s.begin("Rows", mr, nz, fmt.Sprintf("A tile of %d rows and %d vectors; the products of a row's a lie side by side.", mr, nz))
	args, bstride, k, tap, a, next := reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI, reg.R15
	b, ahead := reg.RDI, reg.RAX
	Load(Param("a"), args)
	s.loadMask(args, k, argMask, argMV)
	MOVQ(Mem{Base: args, Disp: argB}, b)
	MOVQ(Mem{Base: args, Disp: argBStride}, bstride)
	MOVQ(Mem{Base: args, Disp: argAStride}, reg.R8)
	s.prefetchC(mr, nz, args, k, tap)
	MOVQ(Mem{Base: args, Disp: argOffs}, tap)
	MOVQ(Mem{Base: args, Disp: argNext}, next)
	rows := newRowTable(mr, a, reg.R8, []reg.GPPhysical{reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14})
	s.zero(mr * nz)

	Label("tap")
	MOVQ(Mem{Base: tap}, a)
	ADDQ(Imm(8), tap)
	Load(Param("a"), k)
	ADDQ(Mem{Base: k, Disp: argA}, a)
	MOVQ(Mem{Base: k, Disp: argK}, k)
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("tail"))
	align()
	Label("loop")
	LEAQ(Mem{Base: a, Index: next, Scale: 1}, ahead)
	later := rows
	later.base = ahead
	for u := range unroll {
		s.step(mr, nz, b, bstride, func(r int) Mem { return rows.at(r, 4*u) })
		for r := u; r < mr; r += unroll {
			PREFETCHT1(later.at(r, 0))
		}
		ADDQ(bstride, b)
	}
	ADDQ(Imm(4*unroll), a)
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("next"))
	Label("one")
	s.step(mr, nz, b, bstride, func(r int) Mem { return rows.at(r, 0) })
	ADDQ(bstride, b)
	ADDQ(Imm(4), a)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("next")
	Load(Param("a"), k)
	CMPQ(tap, Mem{Base: k, Disp: argEnd})
	JNE(LabelRef("tap"))
	s.finish(mr, nz)
}

// packing writes the tallest kernel of rows with one tap, which finds b as it lies at from and leaves it in a panel at b. Copying takes no
// time of its own there, since it needs other parts of the processor than multiplying. Rows of b that are far apart come one by one, so
// they are asked for twice: 32 steps before they are needed, and again 8 steps before.
func (s isa) packing() {
	mr, nz := s.tiles[0], 2
	s.begin("Packing", mr, nz, fmt.Sprintf("A tile of %d rows and %d vectors; the products of a row's a lie side by side, and b is copied from from to a panel at b.", mr, nz))
	args, stride, k, from, a, b, far := reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI, reg.RDI, reg.R15
	Load(Param("a"), args)
	s.loadMask(args, k, argMask, argMV)
	MOVQ(Mem{Base: args, Disp: argAStride}, reg.R8)
	s.prefetchC(mr, nz, args, k, from)
	MOVQ(Mem{Base: args, Disp: argB}, b)
	MOVQ(Mem{Base: args, Disp: argFrom}, from)
	MOVQ(Mem{Base: args, Disp: argFromStride}, stride)
	MOVQ(stride, far)
	SHLQ(Imm(5), far)
	MOVQ(Mem{Base: args, Disp: argOffs}, a)
	MOVQ(Mem{Base: a}, a)
	ADDQ(Mem{Base: args, Disp: argA}, a)
	MOVQ(Mem{Base: args, Disp: argK}, k)
	rows := newRowTable(mr, a, reg.R8, []reg.GPPhysical{reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14})
	s.zero(mr * nz)
	step := func(u int) {
		s.step(mr, nz, from, stride, func(r int) Mem { return rows.at(r, 4*u) })
		for z := range nz {
			VMOVUPS(s.vector(mr*nz+z), Mem{Base: b, Disp: 4 * s.lanes * z})
		}
		for z := 0; z < nz; z += 16 / s.lanes {
			PREFETCHT1(Mem{Base: from, Index: far, Scale: 1, Disp: 4 * s.lanes * z})
		}
		ADDQ(stride, from)
		ADDQ(U32(4*s.lanes*nz), b)
	}
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("tail"))
	align()
	Label("loop")
	for u := range unroll {
		step(u)
	}
	ADDQ(Imm(4*unroll), a)
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("done"))
	Label("one")
	step(0)
	ADDQ(Imm(4), a)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("done")
	s.finish(mr, nz)
}

// cols writes the kernel whose a has its mr rows side by side in memory and k at equal distances.
func (s isa) cols(mr, nz int) {
	s.begin("Cols", mr, nz, fmt.Sprintf("A tile of %d rows and %d vectors; the rows of a lie side by side.", mr, nz))
	args, bstride, k, a, astride, b := reg.RAX, reg.RBX, reg.RCX, reg.RSI, reg.R8, reg.RDI
	Load(Param("a"), args)
	s.loadMask(args, k, argMask, argMV)
	MOVQ(Mem{Base: args, Disp: argA}, a)
	MOVQ(Mem{Base: args, Disp: argAStride}, astride)
	MOVQ(Mem{Base: args, Disp: argB}, b)
	MOVQ(Mem{Base: args, Disp: argBStride}, bstride)
	s.prefetchC(mr, nz, args, k, reg.RDX)
	MOVQ(Mem{Base: args, Disp: argK}, k)
	s.zero(mr * nz)
	step := func() {
		s.step(mr, nz, b, bstride, func(r int) Mem { return Mem{Base: a, Disp: 4 * r} })
		for _, r := range []int{0, mr - 1} {
			PREFETCHT0(Mem{Base: a, Index: astride, Scale: 8, Disp: 4 * r})
		}
		ADDQ(bstride, b)
		ADDQ(astride, a)
	}
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("tail"))
	align()
	Label("loop")
	for range unroll {
		step()
	}
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("done"))
	Label("one")
	step()
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("done")
	s.finish(mr, nz)
}

// step adds the outer product of one column of a and one row of b to the accumulators, which are the first mr·nz
// registers. The next nz hold the row of b.
func (s isa) step(mr, nz int, b, bstride reg.GPPhysical, a func(row int) Mem) {
	acc := mr * nz
	for z := range nz {
		s.load(Mem{Base: b, Disp: 4 * s.lanes * z}, s.vector(acc+z), z == nz-1)
	}
	for z := 0; z < nz; z += 16 / s.lanes {
		PREFETCHT0(Mem{Base: b, Index: bstride, Scale: 8, Disp: 4 * s.lanes * z}) // the row that comes in eight steps
	}
	spare := s.free() - acc - nz
	for r := range mr {
		if s.wide && nz == 1 && !s.pairs {
			VFMADD231PS_BCST(a(r), s.vector(acc), s.vector(r))
			continue
		}
		v := s.vector(acc + nz + r%min(spare, 4))
		VBROADCASTSS(a(r), v)
		for z := range nz {
			s.multiply(s.vector(acc+z), v, s.vector(r*nz+z))
		}
	}
}

// prefetchC asks for the tile of c, which is far away where c is large.
func (s isa) prefetchC(mr, nz int, args, row, stride reg.GPPhysical) {
	MOVQ(Mem{Base: args, Disp: argC}, row)
	MOVQ(Mem{Base: args, Disp: argCStride}, stride)
	for r := range mr {
		PREFETCHT0(Mem{Base: row})
		if nz > 1 {
			PREFETCHT0(Mem{Base: row, Disp: 4*s.lanes*nz - 4})
		}
		if r < mr-1 {
			ADDQ(stride, row)
		}
	}
}

// finish adds the accumulators to c, or stores them there.
func (s isa) finish(mr, nz int) {
	args, stride, row := reg.RAX, reg.RBX, reg.RCX
	Load(Param("a"), args)
	MOVQ(Mem{Base: args, Disp: argCStride}, stride)
	MOVQ(Mem{Base: args, Disp: argC}, row)
	each := func(f func(v reg.VecPhysical, m Mem, last bool)) {
		for r := range mr {
			for z := range nz {
				f(s.vector(r*nz+z), Mem{Base: row, Disp: 4 * s.lanes * z}, z == nz-1)
			}
			if r < mr-1 {
				ADDQ(stride, row)
			}
		}
	}
	CMPQ(Mem{Base: args, Disp: argAccum}, Imm(0))
	JEQ(LabelRef("store"))
	tmp := s.vector(mr * nz)
	each(func(v reg.VecPhysical, m Mem, last bool) {
		s.load(m, tmp, last)
		VADDPS(tmp, v, v)
	})
	MOVQ(Mem{Base: args, Disp: argC}, row)
	Label("store")
	// A masked store is slow on some processors, so rows of full vectors do without.
	CMPQ(Mem{Base: args, Disp: argMask}, U32(1<<s.lanes-1))
	JNE(LabelRef("masked"))
	each(func(v reg.VecPhysical, m Mem, last bool) { s.store(v, m, false) })
	VZEROUPPER()
	RET()
	Label("masked")
	each(func(v reg.VecPhysical, m Mem, last bool) { s.store(v, m, last) })
	VZEROUPPER()
	RET()
}
