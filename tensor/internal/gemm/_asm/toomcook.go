package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of conv.lineArgs.
const (
	lnSrc, lnSrcStride, lnDst, lnDstStride = 0, 8, 16, 24
	lnTiles, lnCount, lnSrcNext, lnDstNext = 32, 40, 48, 56
	lnAhead                                = 64
)

// A lineTransform is a map of in values to out values at equal distances, computed for all lanes of count vectors of each of
// several tiles. Its body stores each result as soon as it is known.
type lineTransform struct {
	name    string
	in, out int
	consts  []float32
	body    func(d, t, c vecs, store func(v reg.VecPhysical, at int))
	doc     string
}

// The maps of F(4,5) with the interpolation points 0, ±1, ±2, ±1/2 and ∞.
var lineTransforms = []lineTransform{
	{"LineInput", 8, 8, []float32{21. / 4, 17. / 4, 4, 5, 2}, toomInput, "The input transform of eight pixels of a line."},
	{"LineOutput", 8, 4, []float32{2, 4, 8}, toomOutput, "The output transform to four pixels of a line."},
	{"LineGradient", 4, 8, []float32{2, 4, 8}, toomGradient, "The adjoint of the output transform."},
	{"LineWeight", 5, 8, weightLine, toomWeight, "The transform of five kernel positions."},
	{"LineWeightGradient", 8, 5, weightLine, toomWeightGradient, "The adjoint of the transform of five kernel positions."},
}

var weightLine = []float32{-2. / 9, 1. / 360, 1. / 180, 4, 16}

func toomInput(d, t, c vecs, store func(v reg.VecPhysical, at int)) {
	c21, c17, four, five, two := c[0], c[1], c[2], c[3], c[4]
	VSUBPS(d[2], d[4], t[0])
	VSUBPS(d[6], d[0], d[0])
	VFMADD231PS(c21, t[0], d[0])
	store(d[0], 0) // d0 - d6 + 21/4 (d4 - d2)
	VSUBPS(d[5], d[3], t[1])
	VSUBPS(d[1], d[7], d[7])
	VFMADD231PS(c21, t[1], d[7])
	store(d[7], 7) // d7 - d1 + 21/4 (d3 - d5)
	VADDPS(d[2], d[6], t[0])
	VFNMADD231PS(c17, d[4], t[0])
	VADDPS(d[1], d[5], t[1])
	VFNMADD231PS(c17, d[3], t[1])
	VADDPS(t[1], t[0], d[0])
	store(d[0], 1) // (d2 + d6 - 17/4 d4) ± (d1 + d5 - 17/4 d3)
	VSUBPS(t[1], t[0], d[7])
	store(d[7], 2)
	VMOVAPS(d[2], t[0])
	VFMADD231PS(four, d[6], t[0])
	VFNMADD231PS(five, d[4], t[0])
	VMOVAPS(d[1], t[1])
	VFMADD231PS(four, d[5], t[1])
	VFNMADD231PS(five, d[3], t[1])
	VMOVAPS(t[0], d[0])
	VFMADD231PS(two, t[1], d[0])
	store(d[0], 3) // (d2 + 4 d6 - 5 d4) ± 2 (d1 + 4 d5 - 5 d3)
	VFNMADD231PS(two, t[1], t[0])
	store(t[0], 4)
	VFMADD231PS(four, d[2], d[6])
	VFNMADD231PS(five, d[4], d[6])
	VFMADD231PS(four, d[1], d[5])
	VFNMADD231PS(five, d[3], d[5])
	VADDPS(d[6], d[6], d[6])
	VADDPS(d[5], d[6], d[0])
	store(d[0], 5) // 2 (d6 + 4 d2 - 5 d4) ± (d5 + 4 d1 - 5 d3)
	VSUBPS(d[5], d[6], d[7])
	store(d[7], 6)
}

func toomOutput(m, t, c vecs, store func(v reg.VecPhysical, at int)) {
	two, four, eight := c[0], c[1], c[2]
	VADDPS(m[2], m[1], t[0]) // sums and differences of the values at ±1, ±2 and ±1/2
	VSUBPS(m[2], m[1], m[1])
	VADDPS(m[4], m[3], t[1])
	VSUBPS(m[4], m[3], m[3])
	VADDPS(m[6], m[5], m[2])
	VSUBPS(m[6], m[5], m[5])
	VADDPS(t[0], m[0], m[0])
	VADDPS(t[1], m[0], m[0])
	VFMADD231PS(eight, m[2], m[0])
	store(m[0], 0)
	VFMADD231PS(four, t[1], t[0])
	VFMADD231PS(two, m[2], t[0])
	store(t[0], 2)
	VADDPS(m[1], m[7], m[7])
	VFMADD231PS(eight, m[3], m[7])
	VADDPS(m[5], m[7], m[7])
	store(m[7], 3)
	VFMADD231PS(two, m[3], m[1])
	VFMADD231PS(four, m[5], m[1])
	store(m[1], 1)
}

func toomGradient(e, t, c vecs, store func(v reg.VecPhysical, at int)) {
	two, four, eight := c[0], c[1], c[2]
	store(e[0], 0)
	store(e[3], 7)
	VADDPS(e[2], e[0], t[0])
	VADDPS(e[3], e[1], t[1])
	VADDPS(t[1], t[0], e[4])
	store(e[4], 1)
	VSUBPS(t[1], t[0], e[5])
	store(e[5], 2)
	VMOVAPS(e[0], t[0])
	VFMADD231PS(four, e[2], t[0])
	VMOVAPS(e[1], t[1])
	VFMADD231PS(four, e[3], t[1])
	VMOVAPS(t[0], e[4])
	VFMADD231PS(two, t[1], e[4])
	store(e[4], 3)
	VFNMADD231PS(two, t[1], t[0])
	store(t[0], 4)
	VADDPS(e[2], e[2], e[2])
	VFMADD231PS(eight, e[0], e[2])
	VFMADD231PS(four, e[1], e[3])
	VADDPS(e[3], e[2], e[4])
	store(e[4], 5)
	VSUBPS(e[3], e[2], e[5])
	store(e[5], 6)
}

func toomWeight(g, t, c vecs, store func(v reg.VecPhysical, at int)) {
	n, even, odd, four, sixteen := c[0], c[1], c[2], c[3], c[4]
	pair := func(at int) {
		VADDPS(t[1], t[0], g[5])
		store(g[5], at)
		VSUBPS(t[1], t[0], g[6])
		store(g[6], at+1)
	}
	store(g[0], 0)
	store(g[4], 7)
	VADDPS(g[2], g[0], t[0])
	VADDPS(g[4], t[0], t[0])
	VMULPS(n, t[0], t[0])
	VADDPS(g[3], g[1], t[1])
	VMULPS(n, t[1], t[1])
	pair(1) // -2/9 (g0 + g2 + g4 ± (g1 + g3))
	VMOVAPS(g[0], t[0])
	VFMADD231PS(four, g[2], t[0])
	VFMADD231PS(sixteen, g[4], t[0])
	VMULPS(even, t[0], t[0])
	VMOVAPS(g[1], t[1])
	VFMADD231PS(four, g[3], t[1])
	VMULPS(odd, t[1], t[1])
	pair(3) // (g0 + 4 g2 + 16 g4 ± 2 (g1 + 4 g3)) / 360
	VFMADD231PS(four, g[2], g[4])
	VFMADD231PS(sixteen, g[0], g[4])
	VMULPS(even, g[4], t[0])
	VFMADD231PS(four, g[1], g[3])
	VMULPS(odd, g[3], t[1])
	pair(5) // (16 g0 + 4 g2 + g4 ± 2 (4 g1 + g3)) / 360
}

func toomWeightGradient(m, t, c vecs, store func(v reg.VecPhysical, at int)) {
	n, even, odd, four, sixteen := c[0], c[1], c[2], c[3], c[4]
	VADDPS(m[2], m[1], t[0]) // sums and differences of the values at ±1, ±2 and ±1/2
	VMULPS(n, t[0], t[0])
	VSUBPS(m[2], m[1], t[1])
	VMULPS(n, t[1], t[1])
	VADDPS(m[4], m[3], m[1])
	VMULPS(even, m[1], m[1])
	VSUBPS(m[4], m[3], m[2])
	VMULPS(odd, m[2], m[2])
	VADDPS(m[6], m[5], m[3])
	VMULPS(even, m[3], m[3])
	VSUBPS(m[6], m[5], m[4])
	VMULPS(odd, m[4], m[4])
	VADDPS(t[0], m[0], m[0])
	VADDPS(m[1], m[0], m[0])
	VFMADD231PS(sixteen, m[3], m[0])
	store(m[0], 0)
	VADDPS(t[0], m[7], m[7])
	VFMADD231PS(sixteen, m[1], m[7])
	VADDPS(m[3], m[7], m[7])
	store(m[7], 4)
	VADDPS(m[2], t[1], m[5])
	VFMADD231PS(four, m[4], m[5])
	store(m[5], 1)
	VFMADD231PS(four, m[2], t[1])
	VADDPS(m[4], t[1], t[1])
	store(t[1], 3)
	VADDPS(m[3], m[1], m[1])
	VFMADD231PS(four, m[1], t[0])
	store(t[0], 2)
}

// toomCook writes the transforms of lines.
func (s isa) toomCook() {
	for _, t := range lineTransforms {
		s.lineTransform(t)
	}
}

func (s isa) lineTransform(t lineTransform) {
	TEXT(s.name+t.name, NOSPLIT, "func(a *byte)")
	Doc(t.doc)
	Pragma("noescape")
	args, src, dst, count, tiles := reg.RAX, reg.RSI, reg.RDI, reg.RCX, reg.RDX
	Load(Param("a"), args)
	MOVQ(Mem{Base: args, Disp: lnSrc}, src)
	MOVQ(Mem{Base: args, Disp: lnSrcStride}, reg.R8)
	MOVQ(Mem{Base: args, Disp: lnDst}, dst)
	MOVQ(Mem{Base: args, Disp: lnDstStride}, reg.R12)
	MOVQ(Mem{Base: args, Disp: lnTiles}, tiles)
	in := newRowTable(t.in, src, reg.R8, []reg.GPPhysical{reg.R9, reg.R10, reg.R11})
	out := newRowTable(t.out, dst, reg.R12, []reg.GPPhysical{reg.R13, reg.R14, reg.R15})
	var consts vecs
	for i, x := range t.consts {
		v := s.vector(10 + i)
		MOVL(U32(math.Float32bits(x)), reg.RBX.As32())
		VMOVD(reg.RBX.As32(), v.AsX())
		VBROADCASTSS(v.AsX(), v)
		consts = append(consts, v)
	}
	fetch := newRowTable(4, reg.RBX, reg.R8, []reg.GPPhysical{reg.R9}) // what the tile reads first of the line to come
	MOVQ(Mem{Base: args, Disp: lnAhead}, reg.RBX)
	ADDQ(src, reg.RBX)
	Label("tile")
	MOVQ(Mem{Base: args, Disp: lnCount}, count)
	align()
	Label("loop")
	for i := range t.in {
		VMOVUPS(in.at(i, 0), s.vector(i))
	}
	for i := range 4 * (t.in / 8) {
		PREFETCHT1(fetch.at(i, 0))
	}
	t.body(s.vec[:8], s.vec[8:10], consts, func(v reg.VecPhysical, at int) { VMOVUPS(v, out.at(at, 0)) })
	ADDQ(Imm(uint64(4*s.lanes)), src)
	ADDQ(Imm(uint64(4*s.lanes)), reg.RBX)
	ADDQ(Imm(uint64(4*s.lanes)), dst)
	DECQ(count)
	JNZ(LabelRef("loop"))
	ADDQ(Mem{Base: args, Disp: lnSrcNext}, src)
	ADDQ(Mem{Base: args, Disp: lnSrcNext}, reg.RBX)
	ADDQ(Mem{Base: args, Disp: lnDstNext}, dst)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}
