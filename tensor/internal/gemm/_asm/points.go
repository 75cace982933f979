package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of conv.productArgs.
const (
	ptA, ptB, ptC                      = 0, 8, 16
	ptAPoint, ptBPoint, ptCPoint       = 24, 32, 40
	ptAStride, ptBStride, ptCRow       = 48, 56, 64
	ptBPanel, ptABlock, ptK            = 72, 80, 88
	ptBlocks, ptPanels, ptPoints       = 96, 104, 112
	ptAccumulate, ptPanelsLeft, ptCCol = 120, 128, 136
	ptAAt, ptBAt, ptCAt, ptCBlock      = 144, 152, 160, 168
)

// products writes the kernels that multiply transformed tiles: for every point, panel of columns and block of mr rows.
func (s isa) products() {
	heights := []int{12, 8, 4}
	if !s.wide {
		heights = []int{6, 4, 2}
	}
	for _, nz := range []int{2, 1} {
		for _, mr := range heights {
			s.product(mr, nz, near)
			s.product(mr, nz, transposed)
			s.product(mr, nz, far)
		}
	}
}

// What the rows of a are for a product: at equal distances with k along memory, the other way round, or like the first, but
// not in the second-level cache and with no more than a vector between the blocks.
type rowsKind int

const (
	near rowsKind = iota
	transposed
	far
)

// product writes the kernel for blocks of mr rows and panels of which nz vectors count.
func (s isa) product(mr, nz int, kind rowsKind) {
	name, doc := "Product", "the products of a row's a lie side by side"
	switch kind {
	case transposed:
		name, doc = "ProductT", "the rows of a lie side by side"
	case far:
		name, doc = "ProductFar", "the products of a row's a lie side by side, and a is fetched ahead"
	}
	transposed, far := kind == transposed, kind == far
	TEXT(fmt.Sprintf("%s%s%dx%d", s.name, name, mr, nz), NOSPLIT, "func(a *byte)")
	Doc(fmt.Sprintf("Products at all points in tiles of %d rows and %d vectors; %s.", mr, nz, doc))
	Pragma("noescape")
	args, a, b, c, k := reg.RAX, reg.RSI, reg.RDI, reg.RDX, reg.RCX
	blocks, aBlock, bPanel := reg.RBX, reg.R14, reg.R15
	aStride, bStride, ahead, aFar, bFar := reg.R8, reg.R9, reg.R10, reg.R11, reg.R12 // all but aStride only if transposed
	field := func(disp int) Mem { return Mem{Base: args, Disp: disp} }
	Load(Param("a"), args)
	MOVQ(field(ptAStride), aStride)
	var rows rowTable
	if transposed {
		MOVQ(field(ptBStride), bStride)
		MOVQ(aStride, aFar)
		SHLQ(Imm(5), aFar)
		MOVQ(bStride, bFar)
		SHLQ(Imm(5), bFar)
	} else {
		rows = newRowTable(mr, a, aStride, []reg.GPPhysical{reg.R9, reg.R10, reg.R11, reg.R12, reg.R13})
	}
	width := 8 * s.lanes // bytes in a row of a panel
	for _, f := range [][2]int{{ptA, ptAAt}, {ptB, ptBAt}, {ptC, ptCAt}} {
		MOVQ(field(f[0]), k)
		MOVQ(k, field(f[1]))
	}

	Label("point")
	MOVQ(field(ptPanels), k)
	MOVQ(k, field(ptPanelsLeft))
	MOVQ(field(ptBAt), bPanel)
	MOVQ(field(ptCAt), c)
	MOVQ(c, field(ptCCol))
	Label("panel")
	MOVQ(field(ptCCol), c)
	MOVQ(field(ptAAt), aBlock)
	MOVQ(field(ptBlocks), blocks)

	align()
	Label("block")
	if transposed { // the sums come from afar
		MOVQ(field(ptCRow), k)
		MOVQ(c, ahead)
		for r := range mr {
			PREFETCHT0(Mem{Base: ahead})
			if s.wide && nz == 2 {
				PREFETCHT0(Mem{Base: ahead, Disp: 64})
			}
			if r < mr-1 {
				ADDQ(k, ahead)
			}
		}
	}
	next := c // block of a, while there are products
	if far {
		MOVQ(c, field(ptCBlock))
		MOVQ(aBlock, next)
		ADDQ(field(ptABlock), next)
	}
	s.zero(mr * nz)
	MOVQ(aBlock, a)
	MOVQ(bPanel, b)
	MOVQ(field(ptK), k)
	step := func(u int) {
		if transposed {
			s.outer(mr, nz, Mem{Base: b}, func(r int) Mem { return Mem{Base: a, Disp: 4 * r} })
			// The rows that come in 32 steps, which another core may have written.
			for z := 0; z < nz; z += 16 / s.lanes {
				PREFETCHT0(Mem{Base: b, Index: bFar, Scale: 1, Disp: 4 * s.lanes * z})
			}
			PREFETCHT0(Mem{Base: a, Index: aFar, Scale: 1})
			ADDQ(bStride, b)
			ADDQ(aStride, a)
			return
		}
		PREFETCHT0(Mem{Base: b, Disp: 1024 + width*u})
		if s.wide && nz == 2 {
			PREFETCHT0(Mem{Base: b, Disp: 1024 + 64 + width*u})
		}
		s.outer(mr, nz, Mem{Base: b, Disp: width * u}, func(r int) Mem { return rows.at(r, 4*u) })
	}
	advance := func(n int) {
		if !transposed {
			ADDQ(Imm(uint64(4*n)), a)
			ADDQ(U32(uint32(n*width)), b)
		}
	}
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("tail"))
	align()
	Label("loop")
	for u := range unroll {
		step(u)
	}
	if far {
		for at := 0; at < 4*unroll*mr; at += 64 {
			PREFETCHT0(Mem{Base: next, Disp: at})
		}
		ADDQ(Imm(uint64(4*unroll*mr)), next)
	}
	advance(unroll)
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("done"))
	Label("one")
	step(0)
	advance(1)
	DECQ(k)
	JNZ(LabelRef("one"))
	Label("done")

	cRow, at := k, a
	if far {
		MOVQ(field(ptCBlock), c)
	}
	MOVQ(field(ptCRow), cRow)
	CMPQ(field(ptAccumulate), Imm(0))
	JEQ(LabelRef("store"))
	MOVQ(c, at)
	for r := range mr {
		for z := range nz {
			v := s.vector(r*nz + z)
			VADDPS(Mem{Base: at, Disp: 4 * s.lanes * z}, v, v)
		}
		if r < mr-1 {
			ADDQ(cRow, at)
		}
	}
	Label("store")
	for r := range mr {
		for z := range nz {
			VMOVUPS(s.vector(r*nz+z), Mem{Base: c, Disp: 4 * s.lanes * z})
		}
		ADDQ(cRow, c)
	}
	ADDQ(field(ptABlock), aBlock)
	DECQ(blocks)
	JNZ(LabelRef("block"))

	ADDQ(field(ptBPanel), bPanel)
	ADDQ(U32(uint32(width)), field(ptCCol))
	DECQ(field(ptPanelsLeft))
	JNZ(LabelRef("panel"))
	for _, f := range [][2]int{{ptAAt, ptAPoint}, {ptBAt, ptBPoint}, {ptCAt, ptCPoint}} {
		MOVQ(field(f[1]), k)
		ADDQ(k, field(f[0]))
	}
	DECQ(field(ptPoints))
	JNZ(LabelRef("point"))
	VZEROUPPER()
	RET()
}

// outer adds the outer product of mr values of a and a row of b to the accumulators, which are the first mr·nz registers.
func (s isa) outer(mr, nz int, b Mem, a func(row int) Mem) {
	acc := mr * nz
	for z := range nz {
		m := b
		m.Disp += 4 * s.lanes * z
		VMOVUPS(m, s.vector(acc+z))
	}
	spare := len(s.vec) - acc - nz
	for r := range mr {
		if s.wide && nz == 1 {
			VFMADD231PS_BCST(a(r), s.vector(acc), s.vector(r))
			continue
		}
		v := s.vector(acc + nz + r%min(spare, 4))
		VBROADCASTSS(a(r), v)
		for z := range nz {
			VFMADD231PS(s.vector(acc+z), v, s.vector(r*nz+z))
		}
	}
}
