package main

import (
	"fmt"
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of conv.transformArgs.
const (
	tfSrc, tfSrcStride, tfDst, tfDstStride, tfTmp = 0, 8, 16, 24, 32
	tfCount, tfSrcStep, tfDstStep, tfMask, tfMV   = 40, 48, 56, 64, 72
	tfTable, tfTiles, tfSrcTile, tfDstTile        = 80, 88, 96, 104
	tfBias, tfSlopes, tfResidual, tfAct           = 112, 120, 128, 136
	tfSrcAt, tfDstAt, tfTilesLeft                 = 144, 152, 160
	tfTableResidual                               = 16 * 8 // in the table
)

// A transform is a separable linear map of in×in values to out×out values, computed for all lanes of a vector: the
// one-dimensional map first down the columns, then along the rows.
type transform struct {
	name               string
	in, out            int
	srcTable, dstTable bool // the places of the values are in a table of offsets; else they are at equal distances
	maskSrc            bool // lanes are masked when loading, else when storing
	fused              bool // bias, residual and activation before the result is stored
	stream             bool // the result is written past the caches, in whole vectors
	consts             []float32
	line               func(s isa, v, c []reg.VecPhysical) []reg.VecPhysical
	halves             []half
	whole              bool // where there are 32 registers, all values between the two maps stay in them
	doc                string
}

// A half is one part of the first map of a transform, with which the values between the two maps stay in registers: the
// rows of the result from row on, which need the rows from of the source.
type half struct {
	row, rows int
	from, to  int
	line      func(v, c, out []reg.VecPhysical)
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
		halves: []half{{0, 3, 0, 5, upperInput}, {3, 3, 1, 6, lowerInput}},
		doc:    "The input transform of 6×6 pixels."},
	{name: "Output", in: 6, out: 4, dstTable: true, consts: []float32{pa, pb, qa, qb}, line: lineOutput,
		halves: []half{{0, 2, 0, 5, evenOutput}, {1, 2, 1, 6, oddOutput}},
		doc:    "The output transform to 4×4 pixels."},
	{name: "OutputFused", in: 6, out: 4, dstTable: true, fused: true, consts: []float32{pa, pb, qa, qb}, line: lineOutput,
		halves: []half{{0, 2, 0, 5, evenOutput}, {1, 2, 1, 6, oddOutput}},
		doc:    "The output transform to 4×4 pixels, with bias, residual and activation."},
	{name: "Gradient", in: 4, out: 6, srcTable: true, maskSrc: true, consts: []float32{pa, pb, qa, qb}, line: lineGradient,
		halves: []half{{0, 3, 0, 4, upperGradient}, {3, 3, 0, 4, lowerGradient}},
		doc:    "The adjoint of the output transform."},
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

// The halves do the same operations as the whole lines. v holds the rows that they need and has room for two values more.

func upperInput(v, c, out vecs) {
	d, q, a, aa, bb := v, v[5], c[0], c[2], c[3]
	VMOVAPS(d[4], q)
	VFNMADD231PS(bb, d[2], q)
	VFNMADD231PS(bb, d[1], d[3])
	VFNMADD231PS(bb, d[0], d[2])
	VMOVAPS(q, out[0])
	VFNMADD231PS(aa, d[2], out[0])
	VMOVAPS(q, out[1])
	VFMADD231PS(a, d[3], out[1])
	VMOVAPS(q, out[2])
	VFNMADD231PS(a, d[3], out[2])
}

func lowerInput(v, c, out vecs) {
	d1, d2, d3, d4, d5, t, b, aa, bb := v[0], v[1], v[2], v[3], v[4], v[5], c[1], c[2], c[3]
	VMOVAPS(d3, t)
	VFNMADD231PS(bb, d1, t)
	VMOVAPS(d5, out[2])
	VFNMADD231PS(bb, d3, out[2])
	VFNMADD231PS(aa, t, out[2])
	VFNMADD231PS(aa, d2, d4)
	VFNMADD231PS(aa, d1, d3)
	VMOVAPS(d4, out[0])
	VFMADD231PS(b, d3, out[0])
	VMOVAPS(d4, out[1])
	VFNMADD231PS(b, d3, out[1])
}

func evenOutput(v, c, out vecs) {
	m, p, r, aa, bb := v, v[5], v[6], c[2], c[3]
	VADDPS(m[2], m[1], p)
	VADDPS(m[4], m[3], r)
	VADDPS(p, m[0], out[0])
	VADDPS(r, out[0], out[0])
	VMULPS(aa, p, out[1])
	VFMADD231PS(bb, r, out[1])
}

func oddOutput(v, c, out vecs) {
	m1, m2, m3, m4, m5, a, b, aa, bb := v[0], v[1], v[2], v[3], v[4], c[0], c[1], c[2], c[3]
	VSUBPS(m2, m1, m1)
	VSUBPS(m4, m3, m3)
	VMULPS(a, m1, m1)
	VMULPS(b, m3, m3)
	VMOVAPS(m5, out[1])
	VFMADD231PS(aa, m1, out[1])
	VFMADD231PS(bb, m3, out[1])
	VADDPS(m3, m1, out[0])
}

func upperGradient(v, c, out vecs) {
	e, a, aa := v, c[0], c[2]
	VMOVAPS(e[0], out[0])
	VMOVAPS(e[0], out[1])
	VFMADD231PS(aa, e[2], out[1])
	VFMADD231PS(aa, e[3], e[1])
	VMOVAPS(out[1], out[2])
	VFMADD231PS(a, e[1], out[1])
	VFNMADD231PS(a, e[1], out[2])
}

func lowerGradient(v, c, out vecs) {
	e, b, bb := v, c[1], c[3]
	VFMADD231PS(bb, e[2], e[0])
	VFMADD231PS(bb, e[3], e[1])
	VMOVAPS(e[0], out[0])
	VFMADD231PS(b, e[1], out[0])
	VMOVAPS(e[0], out[1])
	VFNMADD231PS(b, e[1], out[1])
	VMOVAPS(e[3], out[2])
}

// winograd writes all transforms.
func (s isa) winograd() {
	for _, t := range transforms {
		(&writer{isa: s, t: t}).transform()
		if t.dstTable {
			t.name += "Stream"
			t.stream = true
			t.doc = strings.TrimSuffix(t.doc, ".") + ", past the caches."
			(&writer{isa: s, t: t}).transform()
		}
	}
}

// A writer writes one transform.
type writer struct {
	isa
	t      transform
	consts vecs
	labels int
}

// The registers of a transform. Those of what follows the output transform hold nothing else there.
var (
	tfArgs, tfTab, tfScratch, tfLeft   = reg.RAX, reg.RSI, reg.RBX, reg.RCX
	tfSrcReg, tfDstReg, tfAt, tfColumn = reg.R8, reg.R9, reg.R10, reg.RDX
	tfRowStep, tfSrcStrideReg          = reg.R11, reg.R12
	tfDstStrideReg                     = reg.R13
	tfBiasReg, tfSlopesReg, tfActReg   = reg.R15, reg.R13, reg.R14
	tfResidualReg                      = reg.RDI
)

func (w *writer) field(disp int) Mem { return Mem{Base: tfArgs, Disp: disp} }

func (w *writer) transform() {
	t := w.t
	TEXT(w.name+t.name, NOSPLIT, "func(a *byte)")
	Doc(t.doc)
	Pragma("noescape")
	Load(Param("a"), tfArgs)
	w.loadMask(tfArgs, tfAt, tfMask, tfMV)
	MOVQ(w.field(tfTable), tfTab)
	MOVQ(w.field(tfSrcStride), tfSrcStrideReg)
	if t.fused {
		MOVQ(w.field(tfSlopes), tfSlopesReg)
		SUBQ(w.field(tfBias), tfSlopesReg)
		MOVQ(w.field(tfAct), tfActReg)
		MOVQ(w.field(tfResidual), tfResidualReg)
	} else {
		MOVQ(w.field(tfDstStride), tfDstStrideReg)
	}
	MOVQ(w.field(tfTmp), tfScratch)
	for _, f := range [][2]int{{tfSrc, tfSrcAt}, {tfDst, tfDstAt}, {tfTiles, tfTilesLeft}} {
		MOVQ(w.field(f[0]), tfAt)
		MOVQ(tfAt, w.field(f[1]))
	}
	top := w.free()
	for i, x := range t.consts {
		v := w.vector(top - 1 - i)
		MOVL(U32(math.Float32bits(x)), tfAt.As32())
		VMOVD(tfAt.As32(), v.AsX())
		VBROADCASTSS(v.AsX(), v)
		w.consts = append(w.consts, v)
	}
	IMUL3Q(Imm(uint64(t.in)), tfSrcStrideReg, tfRowStep)
	if t.stream {
		w.loop("whole", false)
		return
	}
	CMPQ(w.field(tfMask), U32(1<<w.lanes-1))
	JNE(LabelRef("masked"))
	w.loop("whole", false)
	w.loop("masked", true)
}

// loop goes through the tiles and the vectors of each.
func (w *writer) loop(name string, masked bool) {
	Label(name)
	MOVQ(w.field(tfSrcAt), tfSrcReg)
	MOVQ(w.field(tfDstAt), tfDstReg)
	MOVQ(w.field(tfCount), tfLeft)
	if w.t.fused {
		MOVQ(w.field(tfBias), tfBiasReg)
	}
	align()
	Label(name + "Vector")
	switch {
	case w.wide && len(w.t.halves) > 0:
		w.inRegisters(masked)
	case w.wide && w.t.whole:
		w.wholeInRegisters(masked)
	default:
		w.inMemory(masked)
	}
	if w.t.fused {
		ADDQ(w.field(tfDstStep), tfBiasReg)
	}
	ADDQ(w.field(tfSrcStep), tfSrcReg)
	ADDQ(w.field(tfDstStep), tfDstReg)
	DECQ(tfLeft)
	JNZ(LabelRef(name + "Vector"))
	for _, f := range [][2]int{{tfSrcTile, tfSrcAt}, {tfDstTile, tfDstAt}} {
		MOVQ(w.field(f[0]), tfAt)
		ADDQ(tfAt, w.field(f[1]))
	}
	DECQ(w.field(tfTilesLeft))
	JNZ(LabelRef(name))
	if w.t.stream {
		SFENCE()
	}
	VZEROUPPER()
	RET()
}

// inMemory computes one vector with the values between the two maps in memory.
func (w *writer) inMemory(masked bool) {
	t := w.t
	v := w.vec[:w.free()-len(w.consts)]
	size := 4 * w.lanes
	for j := range t.in {
		w.column(j, 0, t.in, v, masked)
		for i, r := range t.line(w.isa, v, w.consts) {
			VMOVUPS(r, Mem{Base: tfScratch, Disp: size * (i*t.in + j)})
		}
	}
	w.startStores()
	for i := range t.out {
		for j := range t.in {
			VMOVUPS(Mem{Base: tfScratch, Disp: size * (i*t.in + j)}, v[j])
		}
		w.row(i, t.line(w.isa, v, w.consts), v[8:], masked)
	}
}

// inRegisters computes one vector half by half.
func (w *writer) inRegisters(masked bool) {
	t := w.t
	held := w.vec[10:]
	for k, h := range t.halves {
		for j := range t.in {
			w.column(j, h.from, h.to, w.vec, masked)
			out := make(vecs, h.rows)
			for i := range out {
				out[i] = held[i*t.in+j]
			}
			h.line(w.vec, w.consts, out)
		}
		if k == 0 {
			w.startStores()
		}
		for i := range h.rows {
			row := h.row + i
			if t.out == 4 {
				row = h.row + 2*i
			}
			v := append(append(vecs{}, held[i*t.in:(i+1)*t.in]...), w.vec[:5]...)
			w.row(row, t.line(w.isa, v, w.consts), w.vec[5:10], masked)
		}
	}
}

// column loads rows from to to of a column of the source.
func (w *writer) column(j, from, to int, v vecs, masked bool) {
	masked = masked && w.t.maskSrc
	if w.t.srcTable {
		for i := from; i < to; i++ {
			MOVQ(Mem{Base: tfTab, Disp: 8 * (i*w.t.in + j)}, tfAt)
			w.load(Mem{Base: tfAt, Index: tfSrcReg, Scale: 1}, v[i-from], masked)
		}
		return
	}
	if j == 0 {
		MOVQ(tfSrcReg, tfColumn)
	} else {
		ADDQ(tfSrcStrideReg, tfColumn)
	}
	LEAQ(Mem{Base: tfColumn, Index: tfRowStep, Scale: 1}, tfAt)
	for i := from; i < to; i++ { // the rows are 0 to 5 steps away
		m := Mem{Base: tfColumn}
		if i%2 == 1 {
			m.Base = tfAt
		}
		if i >= 2 {
			m.Index, m.Scale = tfRowStep, uint8(i/2*2)
		}
		w.load(m, v[i-from], masked)
	}
}

// startStores begins to go through a result at equal distances.
func (w *writer) startStores() {
	if !w.t.dstTable {
		MOVQ(tfDstReg, tfColumn)
	}
}

// row stores row i of the result.
func (w *writer) row(i int, values, spare vecs, masked bool) {
	t := w.t
	masked = masked && !t.maskSrc
	for j, r := range values {
		if t.fused {
			w.finishValue(i*t.out+j, r, spare, masked)
		}
		if t.dstTable {
			MOVQ(Mem{Base: tfTab, Disp: 8 * (i*t.out + j)}, tfAt)
			if t.stream {
				VMOVNTPS(r, Mem{Base: tfAt, Index: tfDstReg, Scale: 1})
				continue
			}
			w.store(r, Mem{Base: tfAt, Index: tfDstReg, Scale: 1}, masked)
			continue
		}
		w.store(r, Mem{Base: tfColumn}, masked)
		if i*t.out+j < t.out*t.out-1 {
			ADDQ(tfDstStrideReg, tfColumn)
		}
	}
}

// finishValue adds bias and residual to r, the n-th value of the result, and applies the activation.
func (w *writer) finishValue(n int, r reg.VecPhysical, spare vecs, masked bool) {
	w.labels++
	activate, slope, done := LabelRef(fmt.Sprint("activate", w.labels)), LabelRef(fmt.Sprint("slope", w.labels)), LabelRef(fmt.Sprint("done", w.labels))
	zero, x := spare[0], spare[1]
	VADDPS(Mem{Base: tfBiasReg}, r, r)
	TESTQ(tfResidualReg, tfResidualReg)
	JZ(activate)
	MOVQ(Mem{Base: tfTab, Disp: tfTableResidual + 8*n}, tfAt)
	w.load(Mem{Base: tfAt, Index: tfDstReg, Scale: 1}, x, masked)
	VADDPS(x, r, r)
	Label(string(activate))
	CMPQ(tfActReg, Imm(1))
	JB(done)
	VXORPS(zero.AsX(), zero.AsX(), zero.AsX())
	JA(slope)
	VMAXPS(r, zero, r) // of a NaN and 0 this is the NaN
	JMP(done)
	Label(string(slope))
	VMULPS(Mem{Base: tfBiasReg, Index: tfSlopesReg, Scale: 1}, r, x)
	if w.wide {
		VCMPPS(Imm(1), zero, r, reg.K2) // r < 0
		VMOVAPS(x, reg.K2, r)
	} else {
		VCMPPS(Imm(1), zero, r, zero)
		VBLENDVPS(zero, x, r, r)
	}
	Label(string(done))
}
