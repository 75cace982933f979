package main

import (
	"fmt"
	"math"
	"slices"

	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa hides what differs between the vector instruction sets. Kernels are written with its methods: each takes vectors
// and gives a new one.
type isa struct {
	name   string
	lanes  int
	wide   bool // 512 bits: comparisons give mask registers, constants are broadcast by the instruction
	consts Mem
	known  []uint32      // the constants in use, in the order of their first use
	held   map[uint32]Op // constants that the kernel has in registers
	masks  Mem           // a window of 8 over it masks the last vector of a slice (256 bits)
	arm    *armBody      // writes the operations for arm64; nil for amd64
}

// bcst is a constant in memory that the instruction broadcasts.
type bcst struct{ Mem }

func newISA(name string) *isa {
	s := &isa{name: name, lanes: 8}
	if name == "avx512" {
		s.lanes, s.wide = 16, true
	}
	s.consts = NewDataAddr(NewStaticSymbol(name+"Consts"), 0)
	s.masks = NewDataAddr(NewStaticSymbol(name+"Masks"), 0)
	return s
}

// data writes the constants that the kernels have asked for.
func (s *isa) data() {
	copies := 1
	if !s.wide {
		copies = s.lanes
		GLOBL(s.name+"Masks", attr.RODATA|attr.NOPTR)
		for i := range 2 * s.lanes {
			v := uint32(0)
			if i < s.lanes {
				v = 0xffffffff
			}
			DATA(4*i, U32(v))
		}
	}
	GLOBL(s.name+"Consts", attr.RODATA|attr.NOPTR)
	for i, bits := range s.known {
		for c := range copies {
			DATA(4*(i*copies+c), U32(bits))
		}
	}
}

// bits returns a constant with the given bits in every lane, as the second operand of an operation.
func (s *isa) bits(b uint32) Op {
	if s.arm != nil {
		return s.arm.constant(b)
	}
	if v, ok := s.held[b]; ok {
		return v
	}
	i := slices.Index(s.known, b)
	if i < 0 {
		i = len(s.known)
		s.known = append(s.known, b)
	}
	if s.wide {
		return bcst{s.consts.Offset(4 * i)}
	}
	return s.consts.Offset(4 * i * s.lanes)
}

// f returns the constant v.
func (s *isa) f(v float32) Op { return s.bits(math.Float32bits(v)) }

// vec returns a fresh register.
func (s *isa) vec() reg.VecVirtual {
	if s.wide {
		return ZMM()
	}
	return YMM()
}

// fill returns a register with the constant c in every lane.
func (s *isa) fill(c Op) Op {
	if s.arm != nil {
		return c
	}
	v := s.vec()
	switch c := c.(type) {
	case bcst:
		VBROADCASTSS(c.Mem, v)
	case Mem:
		VMOVUPS(c, v)
	default:
		return c // a register already
	}
	return v
}

// param returns a register with a float32 argument of the function in every lane.
func (s *isa) param(name string) Op {
	v := s.vec()
	at, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(at.Addr, v)
	return v
}

// op emits plain(b, a, dst), or bc if b is broadcast.
func (s *isa) op(plain, bc func(...Op), a, b Op) Op {
	dst := s.vec()
	if c, ok := b.(bcst); ok {
		bc(c.Mem, a, dst)
	} else {
		plain(b, a, dst)
	}
	return dst
}

// any emits op, or for arm64 arm.
func (s *isa) any(plain, bc func(...Op), arm neon.Binary, a, b Op) Op {
	if s.arm != nil {
		return s.arm.binary(arm, a, b)
	}
	return s.op(plain, bc, a, b)
}

func (s *isa) add(a, b Op) Op { return s.any(VADDPS, VADDPS_BCST, neon.FADD, a, b) }
func (s *isa) sub(a, b Op) Op { return s.any(VSUBPS, VSUBPS_BCST, neon.FSUB, a, b) }
func (s *isa) mul(a, b Op) Op { return s.any(VMULPS, VMULPS_BCST, neon.FMUL, a, b) }
func (s *isa) div(a, b Op) Op { return s.any(VDIVPS, VDIVPS_BCST, neon.FDIV, a, b) }
func (s *isa) and(a, b Op) Op { return s.any(VANDPS, VANDPS_BCST, neon.AND, a, b) }
func (s *isa) or(a, b Op) Op  { return s.any(VORPS, VORPS_BCST, neon.ORR, a, b) }
func (s *isa) xor(a, b Op) Op { return s.any(VXORPS, VXORPS_BCST, neon.EOR, a, b) }

// max is a > b ? a : b, and so b where either is NaN or both are zero.
func (s *isa) max(a, b Op) Op {
	if s.arm != nil { // its own instruction treats NaN and zeros in another way
		return s.pick(s.cmp(greater, a, b), a, b)
	}
	return s.op(VMAXPS, VMAXPS_BCST, a, b)
}

// min is a < b ? a : b, and so b where either is NaN or both are zero.
func (s *isa) min(a, b Op) Op {
	if s.arm != nil { // its own instruction treats NaN and zeros in another way
		return s.pick(s.cmp(less, a, b), a, b)
	}
	return s.op(VMINPS, VMINPS_BCST, a, b)
}

func (s *isa) sqrt(a Op) Op {
	if s.arm != nil {
		return s.arm.unary(neon.FSQRT.Of, a)
	}
	dst := s.vec()
	VSQRTPS(a, dst)
	return dst
}

// addInt and subInt work on the bits of the lanes.
func (s *isa) addInt(a, b Op) Op { return s.any(VPADDD, VPADDD_BCST, neon.ADD, a, b) }
func (s *isa) subInt(a, b Op) Op { return s.any(VPSUBD, VPSUBD_BCST, neon.SUB, a, b) }

func (s *isa) shiftLeft(a Op, n uint64) Op {
	if s.arm != nil {
		return s.arm.unary(func(dst, a neon.V) neon.Instruction { return neon.ShiftLeft(dst, a, uint(n)) }, a)
	}
	dst := s.vec()
	VPSLLD(Imm(n), a, dst)
	return dst
}

func (s *isa) shiftRight(a Op, n uint64) Op {
	if s.arm != nil {
		return s.arm.unary(func(dst, a neon.V) neon.Instruction { return neon.ShiftRight(dst, a, uint(n)) }, a)
	}
	dst := s.vec()
	VPSRAD(Imm(n), a, dst)
	return dst
}

func (s *isa) toFloat(a Op) Op {
	if s.arm != nil {
		return s.arm.unary(neon.SCVTF.Of, a)
	}
	dst := s.vec()
	VCVTDQ2PS(a, dst)
	return dst
}

// Predicates of comparisons. Those that begin with not are true of NaN.
const (
	equal        = 0x00
	unordered    = 0x03
	less         = 0x11
	lessEqual    = 0x12
	notLess      = 0x15
	notLessEqual = 0x16
	notGreater   = 0x1a
	greaterEqual = 0x1d
	greater      = 0x1e
)

// cmp returns the mask of lanes where a and b are in the given relation.
func (s *isa) cmp(relation uint64, a, b Op) Op {
	if s.arm != nil {
		return s.arm.compare(relation, a, b)
	}
	if !s.wide {
		dst := s.vec()
		VCMPPS(Imm(relation), b, a, dst)
		return dst
	}
	k := K()
	if c, ok := b.(bcst); ok {
		VCMPPS_BCST(Imm(relation), c.Mem, a, k)
	} else {
		VCMPPS(Imm(relation), b, a, k)
	}
	return k
}

// pick returns yes in the lanes of the mask and no elsewhere.
func (s *isa) pick(mask, yes, no Op) Op {
	if s.arm != nil {
		return s.arm.pick(mask, yes, no)
	}
	dst := s.vec()
	if s.wide {
		VBLENDMPS(yes, no, mask, dst)
	} else {
		VBLENDVPS(mask, yes, no, dst)
	}
	return dst
}

// keep returns v in the lanes of the mask and 0 elsewhere.
func (s *isa) keep(mask, v Op) Op {
	if s.arm != nil {
		return s.arm.keep(mask, v)
	}
	dst := s.vec()
	switch c, broadcast := v.(bcst); {
	case !s.wide:
		VANDPS(v, mask, dst)
	case broadcast:
		VBROADCASTSS_Z(c.Mem, mask, dst)
	default:
		VMOVAPS_Z(v, mask, dst)
	}
	return dst
}

// tailMask returns the mask of the first n lanes.
func (s *isa) tailMask(n reg.GPVirtual) Op {
	if s.wide {
		bits, k := GP32(), K()
		MOVL(I32(-1), bits)
		BZHIL(n.As32(), bits, bits)
		KMOVW(bits, k)
		return k
	}
	v := YMM()
	VMOVUPS(s.window(n), v)
	return v
}

// window returns where a mask of n lanes begins.
func (s *isa) window(n reg.GPVirtual) Mem {
	at, back := GP64(), GP64()
	LEAQ(s.masks.Offset(4*s.lanes), at)
	MOVQ(n, back)
	NEGQ(back)
	return Mem{Base: at, Index: back, Scale: 4}
}

// load reads a vector, or the lanes of it that mask selects and zeros elsewhere; mask is nil for all.
func (s *isa) load(m Mem, mask Op) Op {
	v := s.vec()
	switch {
	case mask == nil:
		VMOVUPS(m, v)
	case s.wide:
		VMOVUPS_Z(m, mask, v)
	default:
		VMASKMOVPS(m, mask, v)
	}
	return v
}

func (s *isa) store(v Op, m Mem, mask Op) {
	switch {
	case mask == nil:
		VMOVUPS(v, m)
	case s.wide:
		VMOVUPS(v, mask, m)
	default:
		VMASKMOVPS(v, mask, m)
	}
}

// align starts the next instruction at a multiple of 32 bytes.
func align() {
	Instruction(&ir.Instruction{Opcode: "PCALIGN", Operands: []Op{Imm(32)}})
}

// begin starts a function. The comment is the loop it replaces.
func (s *isa) begin(name, signature, doc string) {
	TEXT(s.name+name, attr.NOSPLIT, fmt.Sprintf("func(%s)", signature))
	Doc(doc)
	Pragma("noescape")
}
