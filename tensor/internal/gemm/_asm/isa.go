package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa hides what differs between the two vector instruction sets: the width, the number of registers, and how the
// last vector of a row, of which only some lanes exist, is loaded and stored.
type isa struct {
	name  string
	lanes int
	vec   []reg.VecPhysical
	tiles []int // rows of the tile kernels
	dots  []int // rows of the dot kernels with 1, 2, 3 and 4 columns
	wide  bool  // 512 bits: masks live in K1 instead of the last vector register
	pairs bool  // an element is two bfloat16 numbers, whose products are both added
}

var avx512 = isa{
	name: "avx512", lanes: 16, wide: true,
	vec: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12,
		reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24,
		reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	},
	tiles: []int{14, 12, 8, 6, 4, 3, 2, 1},
	dots:  []int{8, 8, 8, 6},
}

var avx2 = isa{
	name: "avx2", lanes: 8,
	vec: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12,
		reg.Y13, reg.Y14, reg.Y15,
	},
	tiles: []int{6, 4, 3, 2, 1},
	dots:  []int{8, 4, 3, 2},
}

// Offsets of the fields of gemm.args.
const (
	argA, argB, argC, argOffs               = 0, 8, 16, 24
	argAStride, argBStride, argCStride      = 32, 40, 48
	argK, argTaps, argAccum, argMask, argMV = 56, 64, 72, 80, 88
	argNext, argEnd, argMask2, argMV2       = 96, 104, 112, 120
	argFrom, argFromStride                  = 128, 136
)

func (s isa) kernels() {
	for _, nz := range []int{2, 1} {
		for _, mr := range s.tiles {
			s.rows(mr, nz)
			s.cols(mr, nz)
		}
	}
	s.packing()
	for i, mr := range s.dots {
		s.dot(mr, i+1)
		s.dot(1, i+1)
	}
	s.panels()
	s.transpose()
}

func (s isa) begin(kind string, mr, n int, doc string) {
	TEXT(fmt.Sprintf("%s%s%dx%d", s.name, kind, mr, n), NOSPLIT, "func(a *byte)")
	Doc(doc)
	Pragma("noescape")
}

// vector returns the i-th vector register.
func (s isa) vector(i int) reg.VecPhysical { return s.vec[i] }

// maskReg is the vector that masks the last vector of a row. The 512-bit kernels keep it in K1.
func (s isa) maskReg() reg.VecPhysical { return s.vec[len(s.vec)-1] }

// free is the number of vector registers besides the mask.
func (s isa) free() int {
	if s.wide {
		return len(s.vec)
	}
	return len(s.vec) - 1
}

// loadMask takes the mask from the arguments, to which args points: from the field at bits or from where vector points.
func (s isa) loadMask(args, tmp reg.GPPhysical, bits, vector int) {
	if s.wide {
		MOVQ(Mem{Base: args, Disp: bits}, tmp)
		KMOVW(tmp.As32(), reg.K1)
		return
	}
	MOVQ(Mem{Base: args, Disp: vector}, tmp)
	VMOVUPS(Mem{Base: tmp}, s.maskReg())
}

// load reads a vector, or the lanes of it that the mask selects and zeros elsewhere.
func (s isa) load(m Mem, v reg.VecPhysical, masked bool) {
	switch {
	case !masked:
		VMOVUPS(m, v)
	case s.wide:
		VMOVUPS_Z(m, reg.K1, v)
	default:
		VMASKMOVPS(m, s.maskReg(), v)
	}
}

func (s isa) store(v reg.VecPhysical, m Mem, masked bool) {
	switch {
	case !masked:
		VMOVUPS(v, m)
	case s.wide:
		VMOVUPS(v, reg.K1, m)
	default:
		VMASKMOVPS(v, s.maskReg(), m)
	}
}

func (s isa) zero(n int) {
	for i := range n {
		v := s.vector(i)
		if s.wide {
			VPXORD(v, v, v)
		} else {
			VXORPS(v, v, v)
		}
	}
}

// align starts the next instruction at a multiple of 32 bytes.
func align() {
	Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{Imm(32)}})
}

// A rowTable addresses up to 15 rows at equal distances from one base register: base + m·(odd·2^e), where the index
// register holds m·odd and the scale is 2^e. Advancing the base then advances all rows.
type rowTable struct {
	base reg.GPPhysical
	odd  map[int]reg.GPPhysical
}

// newRowTable fills the index registers with multiples of the distance in stride, which becomes the first of them.
func newRowTable(rows int, base, stride reg.GPPhysical, spare []reg.GPPhysical) rowTable {
	t := rowTable{base: base, odd: map[int]reg.GPPhysical{1: stride}}
	for o := 3; o < rows; o += 2 {
		r := spare[0]
		spare = spare[1:]
		LEAQ(Mem{Base: t.odd[o-2], Index: stride, Scale: 2}, r)
		t.odd[o] = r
	}
	return t
}

func (t rowTable) at(row, disp int) Mem {
	if row == 0 {
		return Mem{Base: t.base, Disp: disp}
	}
	scale := 1
	for row%2 == 0 {
		row /= 2
		scale *= 2
	}
	return Mem{Base: t.base, Index: t.odd[row], Scale: uint8(scale), Disp: disp}
}
