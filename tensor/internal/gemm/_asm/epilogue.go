package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of conv.epilogueArgs.
const (
	epY, epYRow, epResidual, epResidualRow   = 0, 8, 16, 24
	epBias, epSlopes, epRows, epCount, epAct = 32, 40, 48, 56, 64
	epMask, epMV                             = 72, 80
)

// epilogue writes the kernel that finishes rows of a convolution: y = act(y + bias + residual).
func (s isa) epilogue() {
	TEXT(s.name+"Epilogue", NOSPLIT, "func(a *byte)")
	Doc("Adds bias and residual to count vectors of each row and applies the activation; the last vector is masked.")
	Pragma("noescape")
	args, y, res, bias, slopes, rows := reg.RAX, reg.RDI, reg.RSI, reg.R8, reg.R9, reg.R10
	off, count, yRow, resRow, act, tmp := reg.RBX, reg.RCX, reg.R11, reg.R12, reg.R13, reg.RDX
	Load(Param("a"), args)
	s.loadMask(args, tmp, epMask, epMV)
	for _, f := range []struct {
		at int
		r  reg.GPPhysical
	}{
		{epY, y}, {epYRow, yRow}, {epResidual, res}, {epResidualRow, resRow}, {epBias, bias}, {epSlopes, slopes},
		{epRows, rows}, {epAct, act},
	} {
		MOVQ(Mem{Base: args, Disp: f.at}, f.r)
	}
	zero, v, w := s.vector(0), s.vector(1), s.vector(2)
	VXORPS(zero.AsX(), zero.AsX(), zero.AsX()) // clears the whole register
	body := func(name string, masked bool) {
		s.load(Mem{Base: y, Index: off, Scale: 1}, v, masked)
		s.load(Mem{Base: bias, Index: off, Scale: 1}, w, masked)
		VADDPS(w, v, v)
		TESTQ(res, res)
		JZ(LabelRef(name + "Activate"))
		s.load(Mem{Base: res, Index: off, Scale: 1}, w, masked)
		VADDPS(w, v, v)
		Label(name + "Activate")
		CMPQ(act, Imm(1))
		JB(LabelRef(name + "Store"))
		JA(LabelRef(name + "Slope"))
		VMAXPS(v, zero, v) // of a NaN and 0 this is the NaN
		JMP(LabelRef(name + "Store"))
		Label(name + "Slope")
		s.load(Mem{Base: slopes, Index: off, Scale: 1}, w, masked)
		VMULPS(v, w, w)
		if s.wide {
			VCMPPS(Imm(1), zero, v, reg.K2) // v < 0
			VMOVAPS(w, reg.K2, v)
		} else {
			below := s.vector(3)
			VCMPPS(Imm(1), zero, v, below)
			VBLENDVPS(below, w, v, v)
		}
		Label(name + "Store")
		s.store(v, Mem{Base: y, Index: off, Scale: 1}, masked)
	}
	Label("row")
	XORQ(off, off)
	MOVQ(Mem{Base: args, Disp: epCount}, count)
	DECQ(count)
	JZ(LabelRef("last"))
	Label("loop")
	body("whole", false)
	ADDQ(Imm(uint64(4*s.lanes)), off)
	DECQ(count)
	JNZ(LabelRef("loop"))
	Label("last")
	CMPQ(Mem{Base: args, Disp: epMask}, U32(1<<s.lanes-1))
	JNE(LabelRef("part"))
	body("full", false)
	JMP(LabelRef("next"))
	Label("part")
	body("masked", true)
	Label("next")
	ADDQ(yRow, y)
	ADDQ(resRow, res)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}
