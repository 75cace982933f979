package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// panels writes the kernel that copies a matrix into panels two vectors wide. The masks are those of the two vectors of every
// panel; what they leave out becomes zero. Where either side is far away, the rows would be waited for one by one if they were
// not asked for ahead.
func (s isa) panels() {
	TEXT(s.name+"Panels", NOSPLIT, "func(a *byte)")
	Doc("Copies k rows of a into panels of two vectors at c: taps of them side by side, cStride apart, and rows bStride apart.")
	Pragma("noescape")
	args, src, dst, stride, apart := reg.RAX, reg.RSI, reg.RDI, reg.R8, reg.R9
	rows, count, from, to, ahead, row, place := reg.RCX, reg.RDX, reg.R10, reg.R11, reg.R12, reg.R13, reg.R15
	width := 4 * s.lanes
	Load(Param("a"), args)
	second := s.vec[len(s.vec)-2]
	s.loadMask(args, count, argMask, argMV)
	if s.wide {
		MOVQ(Mem{Base: args, Disp: argMask2}, count)
		KMOVW(count.As32(), reg.K2)
	} else {
		MOVQ(Mem{Base: args, Disp: argMV2}, count)
		VMOVUPS(Mem{Base: count}, second)
	}
	MOVQ(Mem{Base: args, Disp: argA}, src)
	MOVQ(Mem{Base: args, Disp: argC}, dst)
	MOVQ(Mem{Base: args, Disp: argAStride}, stride)
	MOVQ(Mem{Base: args, Disp: argCStride}, apart)
	MOVQ(Mem{Base: args, Disp: argBStride}, row)
	MOVQ(Mem{Base: args, Disp: argK}, rows)
	align()
	Label("row")
	MOVQ(src, from)
	MOVQ(dst, to)
	LEAQ(Mem{Base: src, Index: stride, Scale: 8}, ahead)
	LEAQ(Mem{Base: dst, Index: row, Scale: 8}, place)
	MOVQ(Mem{Base: args, Disp: argTaps}, count)
	Label("panel")
	s.load(Mem{Base: from}, s.vector(0), true)
	if s.wide {
		VMOVUPS_Z(Mem{Base: from, Disp: width}, reg.K2, s.vector(1))
	} else {
		VMASKMOVPS(Mem{Base: from, Disp: width}, second, s.vector(1))
	}
	for at := 0; at < 2*width; at += 64 {
		PREFETCHT0(Mem{Base: ahead, Disp: at})
		PREFETCHT0(Mem{Base: place, Disp: at})
	}
	VMOVUPS(s.vector(0), Mem{Base: to})
	VMOVUPS(s.vector(1), Mem{Base: to, Disp: width})
	ADDQ(Imm(uint64(2*width)), from)
	ADDQ(Imm(uint64(2*width)), ahead)
	ADDQ(apart, to)
	ADDQ(apart, place)
	DECQ(count)
	JNZ(LabelRef("panel"))
	ADDQ(stride, src)
	ADDQ(row, dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// transpose writes the kernel that turns as many rows of a as a vector has lanes into one vector column of a panel. It takes a
// square of a at a time and reads each vector of it once, since rows may be a power of two apart.
func (s isa) transpose() {
	TEXT(s.name+"Transpose", NOSPLIT, "func(a *byte)")
	Doc("Turns k columns of a, of a vector of rows, into vectors at c, two vectors apart. The last k mod lanes are masked.")
	Pragma("noescape")
	args, src, dst, k := reg.RAX, reg.RSI, reg.RDI, reg.RCX
	width := 4 * s.lanes
	Load(Param("a"), args)
	s.loadMask(args, k, argMask, argMV)
	MOVQ(Mem{Base: args, Disp: argA}, src)
	MOVQ(Mem{Base: args, Disp: argC}, dst)
	MOVQ(Mem{Base: args, Disp: argAStride}, reg.R8)
	MOVQ(Mem{Base: args, Disp: argK}, k)
	rows := newRowTable(s.lanes, src, reg.R8, []reg.GPPhysical{reg.R9, reg.R10, reg.R11, reg.R12, reg.R13, reg.R14, reg.R15})
	square := func(masked bool) (columns []reg.VecPhysical) {
		v := make([]reg.VecPhysical, s.lanes)
		for r := range v {
			v[r] = s.vector(r)
			s.load(rows.at(r, 0), v[r], masked)
			PREFETCHT1(rows.at(r, 256))
		}
		return s.transposed(v, s.vector(s.lanes))
	}
	SUBQ(Imm(uint64(s.lanes)), k)
	JLT(LabelRef("tail"))
	align()
	Label("loop")
	for i, v := range square(false) {
		VMOVUPS(v, Mem{Base: dst, Disp: 2 * width * i})
	}
	ADDQ(Imm(uint64(width)), src)
	ADDQ(U32(2*width*s.lanes), dst)
	SUBQ(Imm(uint64(s.lanes)), k)
	JGE(LabelRef("loop"))
	Label("tail")
	ADDQ(Imm(uint64(s.lanes)), k)
	JZ(LabelRef("done"))
	for i, v := range square(true)[:s.lanes-1] {
		VMOVUPS(v, Mem{Base: dst, Disp: 2 * width * i})
		DECQ(k)
		JZ(LabelRef("done"))
	}
	Label("done")
	VZEROUPPER()
	RET()
}

// transposed turns the rows in v into columns and returns where these are. Besides v it uses spare.
func (s isa) transposed(v []reg.VecPhysical, spare reg.VecPhysical) []reg.VecPhysical {
	v = append([]reg.VecPhysical{}, v...)
	// Of two registers it makes two others: the first goes to spare, the second stays, and the place of a becomes spare.
	pair := func(a, b int, first, second func(b, a, to reg.VecPhysical)) {
		first(v[b], v[a], spare)
		second(v[b], v[a], v[b])
		v[a], spare = spare, v[a]
	}
	ps := func(b, a, to reg.VecPhysical) { VUNPCKLPS(b, a, to) }
	psHigh := func(b, a, to reg.VecPhysical) { VUNPCKHPS(b, a, to) }
	pd := func(b, a, to reg.VecPhysical) { VUNPCKLPD(b, a, to) }
	pdHigh := func(b, a, to reg.VecPhysical) { VUNPCKHPD(b, a, to) }
	for g := 0; g < s.lanes; g += 4 {
		pair(g, g+1, ps, psHigh)
		pair(g+2, g+3, ps, psHigh)
		pair(g, g+2, pd, pdHigh)
		pair(g+1, g+3, pd, pdHigh)
	}
	// Of rows g to g+3, column 4l+j of the square now is lane l of the register at g + order[j].
	order := []int{0, 2, 1, 3}
	out := make([]reg.VecPhysical, s.lanes)
	if !s.wide {
		low := func(b, a, to reg.VecPhysical) { VPERM2F128(Imm(0x20), b, a, to) }
		high := func(b, a, to reg.VecPhysical) { VPERM2F128(Imm(0x31), b, a, to) }
		for j, at := range order {
			pair(at, 4+at, low, high)
			out[j], out[4+j] = v[at], v[4+at]
		}
		return out
	}
	even := func(b, a, to reg.VecPhysical) { VSHUFF32X4(Imm(0x88), b, a, to) }
	odd := func(b, a, to reg.VecPhysical) { VSHUFF32X4(Imm(0xdd), b, a, to) }
	for j, at := range order {
		pair(at, 4+at, even, odd)
		pair(8+at, 12+at, even, odd)
		pair(at, 8+at, even, odd)
		pair(4+at, 12+at, even, odd)
		for l, r := range []int{at, 4 + at, 8 + at, 12 + at} {
			out[4*l+j] = v[r]
		}
	}
	return out
}
