package main

import (
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The interpolation points of F(4,2) are ±ha, ±hb and ∞. Leaving 0 out halves the rounding errors of 0, ±1, 2 and ∞.
const (
	ha, hb   = 1. / 2, 5. / 4
	haa, hbb = ha * ha, hb * hb
	hn       = 1 / (2 * (haa - hbb))
)

// The one-dimensional maps of F(4,2), in the form of [transforms].
var phases = []transform{
	{name: "PhaseInput", in: 5, out: 5, srcTable: true, maskSrc: true, consts: []float32{ha, hb, haa, hbb}, line: linePhaseInput,
		doc: "The input transform of 5×5 pixels."},
	{name: "PhaseOutput", in: 5, out: 4, dstTable: true, consts: []float32{ha, hb, haa, hbb, ha * haa, hb * hbb}, line: linePhaseOutput,
		doc: "The output transform from 5×5 values to 4×4 pixels."},
	{name: "PhaseGradient", in: 4, out: 5, srcTable: true, maskSrc: true, consts: []float32{ha, hb, haa, hbb}, line: linePhaseGradient,
		doc: "The adjoint of the output transform to 4×4 pixels."},
	{name: "PhaseWeight", in: 2, out: 5, srcTable: true, maskSrc: true, consts: []float32{hn, -hn, hn / ha, hn / hb}, line: linePhaseWeight,
		doc: "The transform of a 2×2 kernel."},
	{name: "PhaseWeightGradient", in: 5, out: 2, dstTable: true, consts: []float32{hn, hn / ha, hn / hb}, line: linePhaseWeightGradient,
		doc: "The adjoint of the transform of a 2×2 kernel."},
}

func linePhaseInput(s isa, v, c vecs) vecs {
	d, a, b, aa, bb, t, w := v, c[0], c[1], c[2], c[3], v[5], v[6]
	VMOVAPS(d[2], t)
	VFNMADD231PS(bb, d[0], t)    // t = d2 - b²d0
	VFNMADD213PS(d[2], aa, d[0]) // s = d2 - a²d0
	VFNMADD231PS(bb, d[2], d[4])
	VFNMADD231PS(aa, t, d[4]) // d4 - b²d2 - a²t
	VMOVAPS(d[3], d[2])
	VFNMADD231PS(bb, d[1], d[2]) // u = d3 - b²d1
	VFNMADD231PS(aa, d[1], d[3]) // r = d3 - a²d1
	VMOVAPS(d[2], d[1])
	VFMADD231PS(a, t, d[1])
	VFNMADD231PS(a, t, d[2]) // u ± a·t
	VMOVAPS(d[3], w)
	VFMADD231PS(b, d[0], w)
	VFNMADD231PS(b, d[0], d[3]) // r ± b·s
	return vecs{d[1], d[2], w, d[3], d[4]}
}

func linePhaseOutput(s isa, v, c vecs) vecs {
	m, a, b, aa, bb, aaa, bbb := v, c[0], c[1], c[2], c[3], c[4], c[5]
	VADDPS(m[1], m[0], v[5]) // p = m0 + m1
	VSUBPS(m[1], m[0], m[0]) // e = m0 - m1
	VADDPS(m[3], m[2], v[6]) // r = m2 + m3
	VSUBPS(m[3], m[2], m[2]) // f = m2 - m3
	VADDPS(v[6], v[5], m[1])
	VMULPS(a, m[0], m[3])
	VFMADD231PS(b, m[2], m[3]) // a·e + b·f
	VMULPS(aa, v[5], v[5])
	VFMADD231PS(bb, v[6], v[5]) // a²p + b²r
	VFMADD231PS(aaa, m[0], m[4])
	VFMADD231PS(bbb, m[2], m[4]) // m4 + a³e + b³f
	return vecs{m[1], m[3], v[5], m[4]}
}

func linePhaseGradient(s isa, v, c vecs) vecs {
	e, a, b, aa, bb := v, c[0], c[1], c[2], c[3]
	VMOVAPS(e[0], v[4])
	VFMADD231PS(aa, e[2], v[4]) // e0 + a²e2
	VMOVAPS(e[1], v[5])
	VFMADD231PS(aa, e[3], v[5]) // e1 + a²e3
	VMOVAPS(v[4], v[6])
	VFMADD231PS(a, v[5], v[4])
	VFNMADD231PS(a, v[5], v[6])
	VFMADD231PS(bb, e[2], e[0]) // e0 + b²e2
	VFMADD231PS(bb, e[3], e[1]) // e1 + b²e3
	VMOVAPS(e[0], v[7])
	VFMADD231PS(b, e[1], e[0])
	VFNMADD231PS(b, e[1], v[7])
	return vecs{v[4], v[6], e[0], v[7], e[3]}
}

func linePhaseWeight(s isa, v, c vecs) vecs {
	g, n, minus, na, nb := v, c[0], c[1], c[2], c[3]
	VMULPS(n, g[1], v[2])
	VMOVAPS(v[2], v[3])
	VFMADD231PS(na, g[0], v[2])
	VFNMADD231PS(na, g[0], v[3]) // n·(g1 ± g0/a)
	VMULPS(minus, g[1], v[4])
	VMOVAPS(v[4], v[5])
	VFNMADD231PS(nb, g[0], v[4])
	VFMADD231PS(nb, g[0], v[5]) // -n·(g1 ± g0/b)
	return vecs{v[2], v[3], v[4], v[5], g[1]}
}

func linePhaseWeightGradient(s isa, v, c vecs) vecs {
	m, n, na, nb := v, c[0], c[1], c[2]
	VADDPS(m[1], m[0], v[5])
	VADDPS(m[3], m[2], v[6])
	VSUBPS(v[6], v[5], v[5])
	VFMADD231PS(n, v[5], m[4]) // m4 + n·(m0 + m1 - m2 - m3)
	VSUBPS(m[1], m[0], m[0])
	VSUBPS(m[3], m[2], m[2])
	VMULPS(na, m[0], m[0])
	VFNMADD231PS(nb, m[2], m[0]) // n·((m0 - m1)/a - (m2 - m3)/b)
	return vecs{m[0], m[4]}
}

// polyphase writes all transforms.
func (s isa) polyphase() {
	for _, t := range phases {
		t.whole = true
		(&writer{isa: s, t: t}).transform()
	}
}

// wholeInRegisters computes one vector with all values between the two maps in registers.
func (w *writer) wholeInRegisters(masked bool) {
	t := w.t
	free := slices.Clone(w.vec[:w.free()-len(w.consts)])
	// line transforms the values in v and exchanges their registers for those of the results.
	line := func(v vecs) vecs {
		free = append(slices.Clone(v), free...)
		out := t.line(w.isa, free, w.consts)
		free = slices.DeleteFunc(free, func(r reg.VecPhysical) bool { return slices.Contains(out, r) })
		return out
	}
	rows := make([]vecs, t.out)
	for j := range t.in {
		v := slices.Clone(free[:t.in])
		free = free[t.in:]
		w.column(j, 0, t.in, v, masked)
		for i, r := range line(v) {
			rows[i] = append(rows[i], r)
		}
	}
	if t.in == 2 { // weights come from afar
		step, ahead := tfSrcStrideReg, tfRowStep
		MOVQ(w.field(tfSrcStep), step)
		LEAQ(Mem{Base: tfSrcReg, Index: step, Scale: 8}, ahead)
		for i := range t.in * t.in {
			MOVQ(Mem{Base: tfTab, Disp: 8 * i}, tfAt)
			PREFETCHT0(Mem{Base: tfAt, Index: ahead, Scale: 1})
		}
	}
	w.startStores()
	for i, v := range rows {
		out := line(v)
		w.row(i, out, free, masked)
		free = append(free, out...)
	}
}
