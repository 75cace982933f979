package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of conv.transformArgs.
const (
	tfSrc, tfSrcStride, tfDst, tfDstStride, tfTmp = 0, 8, 16, 24, 32
	tfCount, tfSrcStep, tfDstStep, tfMask, tfMV   = 40, 48, 56, 64, 72
	tfStart                                       = 80
)

// A transform is a separable linear map of in×in values to out×out values, computed for all lanes of a vector: the
// one-dimensional map first down the columns, then along the rows.
type transform struct {
	name               string
	in, out            int
	srcTable, dstTable bool // the place of each value is in a table of pointers; else they are at equal distances
	maskSrc            bool // lanes are masked when loading, else when storing
	consts             []float32
	line               func(s isa, v, c []reg.VecPhysical) []reg.VecPhysical
	doc                string
}

// The interpolation points are 0, ±pa, ±pb and ∞. All products of these four constants are exact in float32. The usual
// points 0, ±1, ±2 give errors that are twice as large on average and five times at worst.
const (
	pa, pb = 5. / 8, 3. / 2
	qa, qb = pa * pa, pb * pb
	na, nb = 2 * qa * (qa - qb), 2 * qb * (qb - qa)
)

// The one-dimensional maps of F(4,3). v holds the input in its first registers and has room for some values more, c the
// constants.
var transforms = []transform{
	{name: "Input", in: 6, out: 6, srcTable: true, maskSrc: true, consts: []float32{pa, pb, qa, qb}, line: lineInput,
		doc: "The input transform of 6×6 pixels."},
	{name: "Output", in: 6, out: 4, dstTable: true, consts: []float32{pa, pb, qa, qb}, line: lineOutput,
		doc: "The output transform to 4×4 pixels."},
	{name: "Gradient", in: 4, out: 6, srcTable: true, maskSrc: true, consts: []float32{pa, pb, qa, qb}, line: lineGradient,
		doc: "The adjoint of the output transform."},
	{name: "Weight", in: 3, out: 6, maskSrc: true, consts: weightConsts, line: lineWeight,
		doc: "The transform of a 3×3 kernel."},
	{name: "WeightGradient", in: 6, out: 3, consts: weightConsts, line: lineWeightGradient,
		doc: "The adjoint of the transform of a 3×3 kernel."},
}

var weightConsts = []float32{1 / (qa * qb), 1 / na, pa / na, qa / na, 1 / nb, pb / nb}

type vecs = []reg.VecPhysical

func lineInput(s isa, v, c vecs) vecs {
	d, a, b, aa, bb := v, c[0], c[1], c[2], c[3]
	VMOVAPS(d[4], v[6])
	VFNMADD231PS(bb, d[2], v[6]) // q = d4 - b²d2
	VMOVAPS(d[3], v[7])
	VFNMADD231PS(bb, d[1], v[7]) // t = d3 - b²d1
	VFNMADD231PS(bb, d[3], d[5])
	VFNMADD231PS(aa, v[7], d[5]) // d5 - b²d3 - a²t
	VFNMADD231PS(aa, d[2], d[4]) // d4 - a²d2
	VFNMADD231PS(aa, d[1], d[3]) // d3 - a²d1
	VFNMADD231PS(bb, d[0], d[2])
	VMOVAPS(v[6], v[8])
	VFNMADD231PS(aa, d[2], v[8]) // q - a²(d2 - b²d0)
	VMOVAPS(v[6], v[9])
	VFMADD231PS(a, v[7], v[6])
	VFNMADD231PS(a, v[7], v[9]) // q ± a·t
	VMOVAPS(d[4], v[7])
	VFMADD231PS(b, d[3], d[4])
	VFNMADD231PS(b, d[3], v[7]) // (d4 - a²d2) ± b(d3 - a²d1)
	return vecs{v[8], v[6], v[9], d[4], v[7], d[5]}
}

func lineOutput(s isa, v, c vecs) vecs {
	m, a, b, aa, bb := v, c[0], c[1], c[2], c[3]
	VADDPS(m[2], m[1], v[6]) // p = m1 + m2
	VSUBPS(m[2], m[1], m[1])
	VADDPS(m[4], m[3], v[7]) // r = m3 + m4
	VSUBPS(m[4], m[3], m[3])
	VADDPS(v[6], m[0], m[0])
	VADDPS(v[7], m[0], m[0]) // m0 + p + r
	VMULPS(aa, v[6], v[6])
	VFMADD231PS(bb, v[7], v[6]) // a²p + b²r
	VMULPS(a, m[1], m[1])       // e = a(m1 - m2)
	VMULPS(b, m[3], m[3])       // f = b(m3 - m4)
	VFMADD231PS(aa, m[1], m[5])
	VFMADD231PS(bb, m[3], m[5]) // a²e + b²f + m5
	VADDPS(m[3], m[1], m[1])    // e + f
	return vecs{m[0], m[1], v[6], m[5]}
}

func lineGradient(s isa, v, c vecs) vecs {
	e, a, b, aa, bb := v, c[0], c[1], c[2], c[3]
	VMOVAPS(e[0], v[4])
	VFMADD231PS(aa, e[2], v[4]) // e0 + a²e2
	VMOVAPS(e[1], v[5])
	VFMADD231PS(aa, e[3], v[5]) // e1 + a²e3
	VMOVAPS(v[4], v[6])
	VFMADD231PS(a, v[5], v[4])
	VFNMADD231PS(a, v[5], v[6])
	VMOVAPS(e[0], v[7])
	VFMADD231PS(bb, e[2], v[7]) // e0 + b²e2
	VFMADD231PS(bb, e[3], e[1]) // e1 + b²e3
	VMOVAPS(v[7], v[8])
	VFMADD231PS(b, e[1], v[7])
	VFNMADD231PS(b, e[1], v[8])
	return vecs{e[0], v[4], v[6], v[7], v[8], e[3]}
}

func lineWeight(s isa, v, c vecs) vecs {
	g, one, a0, a1, a2, b0, b1 := v, c[0], c[1], c[2], c[3], c[4], c[5]
	VMULPS(a0, g[0], v[3])
	VFMADD231PS(a2, g[2], v[3]) // (g0 + a²g2)/na
	VMOVAPS(v[3], v[4])
	VFMADD231PS(a1, g[1], v[3])
	VFNMADD231PS(a1, g[1], v[4])
	VMULPS(b0, g[0], v[5])
	VFNMADD231PS(a2, g[2], v[5]) // (g0 + b²g2)/nb, where b²/nb = -a²/na
	VMOVAPS(v[5], v[6])
	VFMADD231PS(b1, g[1], v[5])
	VFNMADD231PS(b1, g[1], v[6])
	VMULPS(one, g[0], g[0])
	return vecs{g[0], v[3], v[4], v[5], v[6], g[2]}
}

func lineWeightGradient(s isa, v, c vecs) vecs {
	m, one, a0, a1, a2, b0, b1 := v, c[0], c[1], c[2], c[3], c[4], c[5]
	VADDPS(m[2], m[1], v[6]) // p = m1 + m2
	VSUBPS(m[2], m[1], m[1])
	VADDPS(m[4], m[3], v[7]) // r = m3 + m4
	VSUBPS(m[4], m[3], m[3])
	VMULPS(one, m[0], m[0])
	VFMADD231PS(a0, v[6], m[0])
	VFMADD231PS(b0, v[7], m[0]) // m0/a²b² + p/na + r/nb
	VMULPS(a1, m[1], m[1])
	VFMADD231PS(b1, m[3], m[1]) // a(m1 - m2)/na + b(m3 - m4)/nb
	VFMADD231PS(a2, v[6], m[5])
	VFNMADD231PS(a2, v[7], m[5]) // a²p/na + b²r/nb + m5
	return vecs{m[0], m[1], m[5]}
}

// winograd writes all transforms.
func (s isa) winograd() {
	for _, t := range transforms {
		s.transform(t)
	}
}

func (s isa) transform(t transform) {
	TEXT(s.name+t.name, NOSPLIT, "func(a *byte)")
	Doc(t.doc)
	Pragma("noescape")
	args, src, dst, tmp := reg.RAX, reg.RSI, reg.RDI, reg.RBX
	srcOff, dstOff, count := reg.R8, reg.R9, reg.RCX
	at, step, srcStride, dstStride := reg.R10, reg.R11, reg.R12, reg.R13
	Load(Param("a"), args)
	s.loadMask(args, at, tfMask, tfMV)
	MOVQ(Mem{Base: args, Disp: tfSrc}, src)
	MOVQ(Mem{Base: args, Disp: tfSrcStride}, srcStride)
	MOVQ(Mem{Base: args, Disp: tfDst}, dst)
	MOVQ(Mem{Base: args, Disp: tfDstStride}, dstStride)
	MOVQ(Mem{Base: args, Disp: tfTmp}, tmp)
	MOVQ(Mem{Base: args, Disp: tfCount}, count)
	MOVQ(Mem{Base: args, Disp: tfStart}, srcOff)
	MOVQ(srcOff, dstOff)
	top := s.free()
	var consts vecs
	for i, x := range t.consts {
		v := s.vector(top - 1 - i)
		MOVL(U32(math.Float32bits(x)), at.As32())
		VMOVD(at.As32(), v.AsX())
		VBROADCASTSS(v.AsX(), v)
		consts = append(consts, v)
	}
	IMUL3Q(Imm(uint64(t.in)), srcStride, step)
	v := s.vec[:s.free()-len(consts)]
	size := 4 * s.lanes
	body := func(masked bool) {
		for j := range t.in {
			if !t.srcTable {
				if j == 0 {
					LEAQ(Mem{Base: src, Index: srcOff, Scale: 1}, reg.RDX)
				} else {
					ADDQ(srcStride, reg.RDX)
				}
				MOVQ(reg.RDX, at)
			}
			for i := range t.in {
				if t.srcTable {
					MOVQ(Mem{Base: src, Disp: 8 * (i*t.in + j)}, at)
					s.load(Mem{Base: at, Index: srcOff, Scale: 1}, v[i], masked && t.maskSrc)
					continue
				}
				s.load(Mem{Base: at}, v[i], masked && t.maskSrc)
				if i < t.in-1 {
					ADDQ(step, at)
				}
			}
			for i, r := range t.line(s, v, consts) {
				VMOVUPS(r, Mem{Base: tmp, Disp: size * (i*t.in + j)})
			}
		}
		if !t.dstTable {
			LEAQ(Mem{Base: dst, Index: dstOff, Scale: 1}, at)
		}
		for i := range t.out {
			for j := range t.in {
				VMOVUPS(Mem{Base: tmp, Disp: size * (i*t.in + j)}, v[j])
			}
			for j, r := range t.line(s, v, consts) {
				if t.dstTable {
					MOVQ(Mem{Base: dst, Disp: 8 * (i*t.out + j)}, at)
					s.store(r, Mem{Base: at, Index: dstOff, Scale: 1}, masked && !t.maskSrc)
					continue
				}
				s.store(r, Mem{Base: at}, masked && !t.maskSrc)
				if i*t.out+j < t.out*t.out-1 {
					ADDQ(dstStride, at)
				}
			}
		}
		Load(Param("a"), args)
		ADDQ(Mem{Base: args, Disp: tfSrcStep}, srcOff)
		ADDQ(Mem{Base: args, Disp: tfDstStep}, dstOff)
		DECQ(count)
	}
	CMPQ(Mem{Base: args, Disp: tfMask}, U32(1<<s.lanes-1))
	JNE(LabelRef("masked"))
	align()
	Label("loop")
	body(false)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
	align()
	Label("masked")
	body(true)
	JNZ(LabelRef("masked"))
	VZEROUPPER()
	RET()
}
