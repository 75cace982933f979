package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bf16 multiplies pairs of bfloat16 numbers: a pair takes the place of a float32 number in the layout of the operands, so
// that all kernels are those of avx512 with another multiplication.
var bf16 = isa{name: "avx512BF16", lanes: avx512.lanes, vec: avx512.vec, tiles: avx512.tiles, wide: true, pairs: true}

func (s isa) bf16() {
	for _, nz := range []int{2, 1} {
		for _, mr := range s.tiles {
			s.rows(mr, nz)
			s.cols(mr, nz)
		}
	}
	s.packing()
	s.pairUp("Along", "Rounds 32 numbers at a to 16 pairs at c, k times.", nil, func(a, b, c reg.GPPhysical) {
		VMOVUPS(Mem{Base: a}, reg.Z0)
		VMOVUPS(Mem{Base: a, Disp: 64}, reg.Z1)
		evex(narrow, reg.Z0, reg.Z1, reg.Z2)
		VMOVUPS(reg.Z2, Mem{Base: c})
		ADDQ(Imm(128), a)
	})
	s.pairUp("Across", "Rounds 16 numbers at a and as many at b to pairs at c, one of each, k times. maskVector is their order.",
		reg.Z3, func(a, b, c reg.GPPhysical) {
			VMOVUPS(Mem{Base: a}, reg.Z0)
			VMOVUPS(Mem{Base: b}, reg.Z1)
			evex(narrow, reg.Z0, reg.Z1, reg.Z2)
			VPERMW(reg.Z2, reg.Z3, reg.Z2)
			VMOVUPS(reg.Z2, Mem{Base: c})
			ADDQ(Imm(64), a)
			ADDQ(Imm(64), b)
		})
}

// pairUp writes a loop that writes a vector of pairs in each turn. A vector from the arguments goes to order, if there is one.
func (s isa) pairUp(name, doc string, order reg.VecPhysical, turn func(a, b, c reg.GPPhysical)) {
	TEXT(s.name+name, NOSPLIT, "func(a *byte)")
	Doc(doc)
	Pragma("noescape")
	args, a, b, c, k := reg.RAX, reg.RSI, reg.RBX, reg.RDI, reg.RCX
	Load(Param("a"), args)
	MOVQ(Mem{Base: args, Disp: argA}, a)
	MOVQ(Mem{Base: args, Disp: argB}, b)
	MOVQ(Mem{Base: args, Disp: argC}, c)
	MOVQ(Mem{Base: args, Disp: argK}, k)
	if order != nil {
		MOVQ(Mem{Base: args, Disp: argMV}, args)
		VMOVUPS(Mem{Base: args}, order)
	}
	align()
	Label("loop")
	turn(a, b, c)
	ADDQ(Imm(64), c)
	DECQ(k)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// multiply adds the products of x and y to sum.
func (s isa) multiply(x, y, sum reg.VecPhysical) {
	if s.pairs {
		evex(dot, x, y, sum)
	} else {
		VFMADD231PS(x, y, sum)
	}
}

// Instructions of AVX512_BF16, which Go's assembler does not know: the prefix (F3 is 2, F2 is 3) and the opcode in the map 0F38.
var (
	dot    = [2]uint32{2, 0x52} // VDPBF16PS
	narrow = [2]uint32{3, 0x72} // VCVTNE2PS2BF16: the first source gives the lower half
)

// evex encodes an instruction on three 512-bit registers, with the operands in the order of Go.
func evex(op [2]uint32, first, second, dst reg.VecPhysical) {
	index := func(v reg.VecPhysical) uint32 { return uint32(v.(reg.Physical).PhysicalIndex()) }
	x, y, d := index(first), index(second), index(dst)
	bit := func(v uint32, n int) uint32 { return ^v >> n & 1 } // inverted, as the prefix has them
	p0 := bit(d, 3)<<7 | bit(x, 4)<<6 | bit(x, 3)<<5 | bit(d, 4)<<4 | 2
	p1 := ^y&15<<3 | 4 | op[0]
	p2 := uint32(2)<<5 | bit(y, 4)<<3
	Instruction(&ir.Instruction{Opcode: "LONG", Operands: []Op{U32(0x62 | p0<<8 | p1<<16 | p2<<24)}})
	Instruction(&ir.Instruction{Opcode: "WORD", Operands: []Op{U16(op[1] | (0xc0|d&7<<3|x&7)<<8)}})
}
