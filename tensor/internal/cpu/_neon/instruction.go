// Package neon writes functions in Go's assembly language for arm64. Go's assembler lacks most vector instructions of
// floating point, so they are encoded here and appear as words, with their names beside them.
//
// It lives in a module of its own, as the generators do that use it.
package neon

import "fmt"

// An Instruction is an encoded instruction and its text in the syntax of the architecture's manual.
type Instruction struct {
	Word uint32
	Text string
}

// V is one of the 32 vector registers, X one of the general ones.
type (
	V int
	X int
)

// A Binary is an instruction of two vectors that gives a third. Those that say so read the result's register, too.
type Binary struct {
	name  string
	word  uint32
	shape string
	tied  bool
}

// The elementwise instructions. Those of four float32 or int32 and those of bits first, then of two float64.
var (
	FADD     = Binary{"fadd", 0x4e20d400, "4s", false}
	FSUB     = Binary{"fsub", 0x4ea0d400, "4s", false}
	FMUL     = Binary{"fmul", 0x6e20dc00, "4s", false}
	FDIV     = Binary{"fdiv", 0x6e20fc00, "4s", false}
	FMAX     = Binary{"fmax", 0x4e20f400, "4s", false}   // NaN if either is; 0 is larger than -0
	FMIN     = Binary{"fmin", 0x4ea0f400, "4s", false}   // NaN if either is; -0 is smaller than 0
	FMAXN    = Binary{"fmaxnm", 0x4e20c400, "4s", false} // the number, where one is NaN
	FADDP    = Binary{"faddp", 0x6e20d400, "4s", false}  // sums of neighbours, of the first vector and then of the second
	FMLA     = Binary{"fmla", 0x4e20cc00, "4s", true}    // dst += a·b, rounded once
	FMLS     = Binary{"fmls", 0x4ea0cc00, "4s", true}    // dst -= a·b, rounded once
	FCMEQ    = Binary{"fcmeq", 0x4e20e400, "4s", false}  // all bits set where a = b
	FCMGE    = Binary{"fcmge", 0x6e20e400, "4s", false}  // all bits set where a ≥ b
	FCMGT    = Binary{"fcmgt", 0x6ea0e400, "4s", false}  // all bits set where a > b
	ADD      = Binary{"add", 0x4ea08400, "4s", false}    // of integers
	SUB      = Binary{"sub", 0x6ea08400, "4s", false}    // of integers
	SMAX     = Binary{"smax", 0x4ea06400, "4s", false}   // of integers with signs
	AND      = Binary{"and", 0x4e201c00, "16b", false}   // of bits
	BIC      = Binary{"bic", 0x4e601c00, "16b", false}   // a and not b
	ORR      = Binary{"orr", 0x4ea01c00, "16b", false}   // of bits
	EOR      = Binary{"eor", 0x6e201c00, "16b", false}   // of bits
	BSL      = Binary{"bsl", 0x6e601c00, "16b", true}    // a where dst has bits, b elsewhere
	FADDD    = Binary{"fadd", 0x4e60d400, "2d", false}   // float64
	FSUBD    = Binary{"fsub", 0x4ee0d400, "2d", false}   // float64
	FMULD    = Binary{"fmul", 0x6e60dc00, "2d", false}   // float64
	FMLAD    = Binary{"fmla", 0x4e60cc00, "2d", true}    // float64: dst += a·b, rounded once
	binaries = []Binary{FADD, FSUB, FMUL, FDIV, FMAX, FMIN, FMAXN, FADDP, FMLA, FMLS, FCMEQ, FCMGE, FCMGT, ADD, SUB,
		SMAX, AND, BIC, ORR, EOR, BSL, FADDD, FSUBD, FMULD, FMLAD}
)

// Of returns dst = b(a, c).
func (b Binary) Of(dst, a, c V) Instruction {
	return Instruction{
		b.word | uint32(c)<<16 | uint32(a)<<5 | uint32(dst),
		fmt.Sprintf("%s v%d.%s, v%d.%s, v%d.%s", b.name, dst, b.shape, a, b.shape, c, b.shape),
	}
}

// A Unary is an instruction of one vector.
type Unary struct {
	name, to, from string
	word           uint32
}

// The instructions of one vector. Those that end in 2 read the upper half, or write it and keep the lower one.
var (
	FSQRT  = Unary{"fsqrt", "4s", "4s", 0x6ea1f800}
	SCVTF  = Unary{"scvtf", "4s", "4s", 0x4e21d800}  // int32 to float32
	UCVTF  = Unary{"ucvtf", "4s", "4s", 0x6e21d800}  // uint32 to float32
	FCVTNS = Unary{"fcvtns", "4s", "4s", 0x4e21a800} // float32 to int32, to the nearest, halves to even
	NOT    = Unary{"not", "16b", "16b", 0x6e205800}
	FCVTL  = Unary{"fcvtl", "2d", "2s", 0x0e617800} // float32 to float64
	FCVTL2 = Unary{"fcvtl2", "2d", "4s", 0x4e617800}
	UXTLB  = Unary{"uxtl", "8h", "8b", 0x2f08a400} // uint8 to uint16
	UXTLB2 = Unary{"uxtl2", "8h", "16b", 0x6f08a400}
	UXTLH  = Unary{"uxtl", "4s", "4h", 0x2f10a400} // uint16 to uint32
	UXTLH2 = Unary{"uxtl2", "4s", "8h", 0x6f10a400}
	XTNS   = Unary{"xtn", "4h", "4s", 0x0e612800} // the low half of each uint32
	XTNS2  = Unary{"xtn2", "8h", "4s", 0x4e612800}
	XTNH   = Unary{"xtn", "8b", "8h", 0x0e212800} // the low half of each uint16
	XTNH2  = Unary{"xtn2", "16b", "8h", 0x4e212800}
	FADDS  = Unary{"faddp", "", "2s", 0x7e30d800} // the sum of the two lowest lanes
	unary  = []Unary{FSQRT, SCVTF, UCVTF, FCVTNS, NOT, FCVTL, FCVTL2, UXTLB, UXTLB2, UXTLH, UXTLH2, XTNS, XTNS2, XTNH,
		XTNH2, FADDS}
)

// Of returns dst = u(a).
func (u Unary) Of(dst, a V) Instruction {
	to := fmt.Sprintf("v%d.%s", dst, u.to)
	if u.to == "" {
		to = fmt.Sprintf("s%d", dst)
	}
	return Instruction{u.word | uint32(a)<<5 | uint32(dst), fmt.Sprintf("%s %s, v%d.%s", u.name, to, a, u.from)}
}

// Zero returns dst = 0.
func Zero(dst V) Instruction {
	return Instruction{0x6f00e400 | uint32(dst), fmt.Sprintf("movi v%d.2d, #0000000000000000", dst)}
}

// Move returns dst = a.
func Move(dst, a V) Instruction { return ORR.Of(dst, a, a) }

// ShiftLeft and ShiftRight shift integers with signs by n bits.
func ShiftLeft(dst, a V, n uint) Instruction {
	return Instruction{
		0x4f005400 | (32+uint32(n))<<16 | uint32(a)<<5 | uint32(dst),
		fmt.Sprintf("shl v%d.4s, v%d.4s, #%d", dst, a, n),
	}
}

func ShiftRight(dst, a V, n uint) Instruction {
	return Instruction{
		0x4f000400 | (64-uint32(n))<<16 | uint32(a)<<5 | uint32(dst),
		fmt.Sprintf("sshr v%d.4s, v%d.4s, #%d", dst, a, n),
	}
}

// MulAddLane returns dst += a·(lane of b), rounded once.
func MulAddLane(dst, a, b V, lane int) Instruction {
	l := uint32(lane)
	return Instruction{
		0x4f801000 | l&1<<21 | l>>1<<11 | uint32(b)<<16 | uint32(a)<<5 | uint32(dst),
		fmt.Sprintf("fmla v%d.4s, v%d.4s, v%d.s[%d]", dst, a, b, lane),
	}
}

// Fill returns dst with the low 32 bits of x in every lane.
func Fill(dst V, x X) Instruction {
	return Instruction{0x4e040c00 | uint32(x)<<5 | uint32(dst), fmt.Sprintf("dup v%d.4s, w%d", dst, x)}
}

// Bytes of a vector register that Load and Store move. The rest of a register that is loaded becomes 0.
const (
	One  = 4  // one float32
	Two  = 8  // two
	Four = 16 // four
)

var letters = map[int]rune{One: 's', Two: 'd', Four: 'q'}

// Load returns dst = the bytes at base+offset, which is a multiple of their number.
func Load(dst V, base X, offset, bytes int) Instruction {
	return move(map[int]uint32{One: 0xbd400000, Two: 0xfd400000, Four: 0x3dc00000}, "ldr", dst, base, offset, bytes)
}

// Store is the opposite of Load.
func Store(src V, base X, offset, bytes int) Instruction {
	return move(map[int]uint32{One: 0xbd000000, Two: 0xfd000000, Four: 0x3d800000}, "str", src, base, offset, bytes)
}

func move(words map[int]uint32, name string, v V, base X, offset, bytes int) Instruction {
	if offset < 0 || offset%bytes != 0 || offset/bytes > 4095 {
		panic(fmt.Sprintf("neon: cannot address %d bytes at offset %d", bytes, offset))
	}
	at := fmt.Sprintf("[x%d]", base)
	if offset > 0 {
		at = fmt.Sprintf("[x%d, #%d]", base, offset)
	}
	return Instruction{
		words[bytes] | uint32(offset/bytes)<<10 | uint32(base)<<5 | uint32(v),
		fmt.Sprintf("%s %c%d, %s", name, letters[bytes], v, at),
	}
}

// LoadIndexed returns dst = the bytes at base+index, which is in bytes.
func LoadIndexed(dst V, base, index X, bytes int) Instruction {
	return Instruction{
		map[int]uint32{One: 0xbc606800, Two: 0xfc606800, Four: 0x3ce06800}[bytes] | uint32(index)<<16 | uint32(base)<<5 | uint32(dst),
		fmt.Sprintf("ldr %c%d, [x%d, x%d]", letters[bytes], dst, base, index),
	}
}

// StoreIndexed is the opposite of LoadIndexed.
func StoreIndexed(src V, base, index X, bytes int) Instruction {
	return Instruction{
		map[int]uint32{One: 0xbc206800, Two: 0xfc206800, Four: 0x3ca06800}[bytes] | uint32(index)<<16 | uint32(base)<<5 | uint32(src),
		fmt.Sprintf("str %c%d, [x%d, x%d]", letters[bytes], src, base, index),
	}
}

// LoadLane and StoreLane move one float32 at base and keep the other lanes.
func LoadLane(dst V, lane int, base X) Instruction {
	return Instruction{0x0d408000 | laneBits(lane) | uint32(base)<<5 | uint32(dst), fmt.Sprintf("ld1 {v%d.s}[%d], [x%d]", dst, lane, base)}
}

func StoreLane(src V, lane int, base X) Instruction {
	return Instruction{0x0d008000 | laneBits(lane) | uint32(base)<<5 | uint32(src), fmt.Sprintf("st1 {v%d.s}[%d], [x%d]", src, lane, base)}
}

func laneBits(lane int) uint32 { return uint32(lane)>>1<<30 | uint32(lane)&1<<12 }
