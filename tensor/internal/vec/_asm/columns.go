package main

import (
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A statistic folds rows of float32 into float64 sums, one or two for each column.
type statistic struct {
	name, doc string
	in        []string // matrices, of which every turn of the loop takes a row
	fixed     []string // rows for all turns
	widened   bool     // they are used as float64
	sums      int
	body      func(s *isa, g *group, sums []reg.VecVirtual)
}

// A group is the columns that fit a vector of float64.
type group struct {
	at   map[string]Mem
	held map[string]Op // what is in a register already
	wide map[string]Op // the same as float64
	mask Op            // nil for all
}

// floats returns a register for as many float32 as a group has columns.
func (s *isa) floats() reg.VecVirtual {
	if s.wide {
		return YMM()
	}
	return XMM()
}

func (s *isa) read(g *group, name string) Op {
	if v, ok := g.held[name]; ok {
		return v
	}
	v := s.floats()
	if g.mask == nil {
		VMOVUPS(g.at[name], v)
		return v
	}
	if s.wide {
		VMOVUPS_Z(g.at[name], g.mask, v)
	} else {
		VMASKMOVPS(g.at[name], g.mask, v)
	}
	return v
}

// readWide is read and widen.
func (s *isa) readWide(g *group, name string) Op {
	if v, ok := g.wide[name]; ok {
		return v
	}
	if _, ok := g.held[name]; !ok && g.mask == nil {
		return s.widen(g.at[name])
	}
	return s.widen(s.read(g, name))
}

// widen converts float32 to float64.
func (s *isa) widen(x Op) Op {
	v := s.vec()
	VCVTPS2PD(x, v)
	return v
}

func statistics() []statistic {
	add := func(sum reg.VecVirtual, v Op) { VADDPD(v, sum, sum) }
	// The product of two float32 is exact in float64, so that this rounds as a product and a sum do.
	addProduct := func(sum reg.VecVirtual, a, b Op) { VFMADD231PD(a, b, sum) }
	return []statistic{
		{
			name: "Sums", doc: "sum0[c] += x[c], row by row", in: []string{"x"}, sums: 1,
			body: func(s *isa, g *group, sums []reg.VecVirtual) { add(sums[0], s.readWide(g, "x")) },
		}, {
			name: "Dots", doc: "sum0[c] += x[c]*grad[c], row by row", in: []string{"x", "grad"}, sums: 1,
			body: func(s *isa, g *group, sums []reg.VecVirtual) {
				addProduct(sums[0], s.readWide(g, "x"), s.readWide(g, "grad"))
			},
		}, {
			name: "DotsWhereNegative", doc: "sum0[c] += x[c] > 0 ? 0 : x[c]*grad[c], row by row", in: []string{"x", "grad"}, sums: 1,
			body: func(s *isa, g *group, sums []reg.VecVirtual) {
				// Both factors are cleared where x is positive: one of them alone may be infinite.
				x, grad := s.whereNotPositive(s.read(g, "x"), s.read(g, "grad"))
				addProduct(sums[0], s.widen(x), s.widen(grad))
			},
		}, {
			name: "Moments", doc: "d = x[c] - first[c]; sum0[c] += d; sum1[c] += d*d, row by row",
			in: []string{"x"}, fixed: []string{"first"}, widened: true, sums: 2,
			body: func(s *isa, g *group, sums []reg.VecVirtual) {
				d, square := s.vec(), s.vec()
				VSUBPD(s.readWide(g, "first"), s.readWide(g, "x"), d)
				VMULPD(d, d, square)
				add(sums[0], d)
				add(sums[1], square)
			},
		}, {
			name: "CentredDots", doc: "sum0[c] += grad[c]; sum1[c] += grad[c]*(x[c]-mean[c]), row by row",
			in: []string{"x", "grad"}, fixed: []string{"mean"}, sums: 2,
			body: func(s *isa, g *group, sums []reg.VecVirtual) {
				d := s.floats()
				VSUBPS(s.read(g, "mean"), s.read(g, "x"), d)
				grad := s.readWide(g, "grad")
				add(sums[0], grad)
				addProduct(sums[1], grad, s.widen(d))
			},
		},
	}
}

// whereNotPositive returns x and v, with 0 where x > 0.
func (s *isa) whereNotPositive(x, v Op) (Op, Op) {
	zero, keptX, keptV := s.floats(), s.floats(), s.floats()
	VXORPS(zero, zero, zero)
	if s.wide {
		k := K()
		VCMPPS(Imm(notGreater), zero, x, k)
		VMOVAPS_Z(x, k, keptX)
		VMOVAPS_Z(v, k, keptV)
		return keptX, keptV
	}
	mask := s.floats()
	VCMPPS(Imm(notGreater), zero, x, mask)
	VANDPS(x, mask, keptX)
	VANDPS(v, mask, keptV)
	return keptX, keptV
}

// groups is the number of groups that a statistic takes at a time.
const groups = 4

// statistic writes the kernel of up to 2·lanes columns; there is room for the sums of all of them. stride is the
// distance of rows in elements.
func (s *isa) statistic(st statistic) {
	sumNames := []string{"sum0", "sum1"}[:st.sums]
	all := slices.Concat(st.in, st.fixed)
	s.begin(st.name, strings.Join(sumNames, ", ")+" *float64, "+strings.Join(all, ", ")+
		" *float32, rows, stride, columns int", st.doc)
	base := map[string]reg.GPVirtual{}
	for _, name := range all {
		base[name] = GP64()
		Load(Param(name), base[name])
	}
	rows, stride, columns := GP64(), GP64(), GP64()
	Load(Param("rows"), rows)
	Load(Param("stride"), stride)
	Load(Param("columns"), columns)
	SHLQ(Imm(2), stride)
	per := s.lanes / 2
	masks := s.groupMasks(columns, per)
	sums := make([][]reg.VecVirtual, groups)
	eachSum := func(f func(i, j int, m Mem)) {
		for j, name := range sumNames {
			at := GP64()
			Load(Param(name), at)
			for i := range groups {
				f(i, j, Mem{Base: at, Disp: 8 * per * i})
			}
		}
	}
	eachSum(func(i, _ int, m Mem) {
		v := s.vec()
		VMOVUPD(m, v)
		sums[i] = append(sums[i], v)
	})
	gs := make([]*group, groups)
	for i := range gs {
		gs[i] = s.group(st, base, i, masks[i])
	}
	s.eachRow(st, base, rows, stride, groups, func() {
		for i, g := range gs {
			st.body(s, g, sums[i])
		}
	})
	eachSum(func(i, j int, m Mem) { VMOVUPD(sums[i][j], m) })
	VZEROUPPER()
	RET()
}

// group returns the columns of a vector of float64, the i-th of those that are taken together.
func (s *isa) group(st statistic, base map[string]reg.GPVirtual, i int, mask Op) *group {
	g := &group{at: map[string]Mem{}, held: map[string]Op{}, wide: map[string]Op{}, mask: mask}
	for _, name := range slices.Concat(st.in, st.fixed) {
		g.at[name] = Mem{Base: base[name], Disp: 4 * s.lanes / 2 * i}
	}
	if s.wide { // elsewhere registers are few
		for _, name := range st.fixed {
			if st.widened {
				g.wide[name] = s.readWide(g, name)
			} else {
				g.held[name] = s.read(g, name)
			}
		}
	}
	return g
}

// eachRow writes the loop over the rows.
func (s *isa) eachRow(st statistic, base map[string]reg.GPVirtual, rows, stride reg.GPVirtual, groups int, body func()) {
	ahead := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, ahead)
	TESTQ(rows, rows)
	JZ(LabelRef("done"))
	align()
	Label("row")
	// Rows of which only some columns are read escape the processor's own prefetching.
	for _, name := range st.in {
		for line := 0; line < 2*s.lanes*groups; line += 64 {
			PREFETCHT0(Mem{Base: base[name], Index: ahead, Scale: 8, Disp: line})
		}
	}
	body()
	for _, name := range st.in {
		ADDQ(stride, base[name])
	}
	DECQ(rows)
	JNZ(LabelRef("row"))
	Label("done")
}

// wideGroups is the number of groups for which 512-bit kernels have the registers.
const wideGroups = 8

// wideStatistic writes the kernel of exactly 64 columns.
func (s *isa) wideStatistic(st statistic) {
	sumNames := []string{"sum0", "sum1"}[:st.sums]
	all := slices.Concat(st.in, st.fixed)
	s.begin(st.name+"64", strings.Join(sumNames, ", ")+" *float64, "+strings.Join(all, ", ")+" *float32, rows, stride int",
		st.doc+", of 64 columns")
	base := map[string]reg.GPVirtual{}
	for _, name := range all {
		base[name] = GP64()
		Load(Param(name), base[name])
	}
	rows, stride := GP64(), GP64()
	Load(Param("rows"), rows)
	Load(Param("stride"), stride)
	SHLQ(Imm(2), stride)
	at := make([]reg.GPVirtual, st.sums)
	sums := make([][]reg.VecVirtual, wideGroups)
	for j, name := range sumNames {
		at[j] = GP64()
		Load(Param(name), at[j])
		for i := range sums {
			v := s.vec()
			VMOVUPD(Mem{Base: at[j], Disp: 64 * i}, v)
			sums[i] = append(sums[i], v)
		}
	}
	gs := make([]*group, wideGroups)
	for i := range gs {
		gs[i] = s.group(st, base, i, nil)
	}
	s.eachRow(st, base, rows, stride, wideGroups, func() {
		for i, g := range gs {
			st.body(s, g, sums[i])
		}
	})
	for j := range at {
		for i := range sums {
			VMOVUPD(sums[i][j], Mem{Base: at[j], Disp: 64 * i})
		}
	}
	VZEROUPPER()
	RET()
}

// preluGrads writes the kernel of both gradients of a PReLU, of 64 columns.
func (s *isa) preluGrads(stream bool) {
	name, doc := "PReLUGrads64", "dst[c] = x[c] <= 0 ? slope[c]*grad[c] : grad[c]; sum[c] += x[c] > 0 ? 0 : x[c]*grad[c], row by row, of 64 columns"
	if stream {
		name, doc = name+"Stream", doc+", dst past the caches"
	}
	s.begin(name, "dst *float32, sum *float64, x, grad, slope *float32, rows, stride int", doc)
	base := map[string]reg.GPVirtual{}
	for _, name := range []string{"dst", "sum", "x", "grad", "slope"} {
		base[name] = GP64()
		Load(Param(name), base[name])
	}
	rows, stride := GP64(), GP64()
	Load(Param("rows"), rows)
	Load(Param("stride"), stride)
	SHLQ(Imm(2), stride)
	zero := s.vec()
	VXORPS(zero, zero, zero)
	sums, slopes := make([]reg.VecVirtual, 8), make([]reg.VecVirtual, 4)
	for i := range sums {
		sums[i] = s.vec()
		VMOVUPD(Mem{Base: base["sum"], Disp: 64 * i}, sums[i])
	}
	for i := range slopes {
		slopes[i] = s.vec()
		VMOVUPS(Mem{Base: base["slope"], Disp: 64 * i}, slopes[i])
	}
	s.eachRow(statistic{in: []string{"x", "grad"}}, base, rows, stride, wideGroups, func() {
		for i := range slopes {
			at := func(name string, disp int) Mem { return Mem{Base: base[name], Disp: 64*i + disp} }
			x, grad, down := s.load(at("x", 0), nil), s.load(at("grad", 0), nil), s.vec()
			low := s.cmp(lessEqual, x, zero)
			VMULPS(slopes[i], grad, down)
			// Both factors are cleared where x is positive: one of them alone may be infinite.
			mask := s.cmp(notGreater, x, zero)
			for half := range 2 {
				if half == 1 {
					upper := K()
					KSHIFTRW(Imm(8), mask, upper)
					mask = upper
				}
				a, b := s.vec(), s.vec()
				VCVTPS2PD_Z(at("x", 32*half), mask, a)
				VCVTPS2PD_Z(at("grad", 32*half), mask, b)
				VFMADD231PD(a, b, sums[2*i+half])
			}
			y := s.pick(low, down, grad)
			if stream {
				VMOVNTPS(y, at("dst", 0))
			} else {
				VMOVUPS(y, at("dst", 0))
			}
		}
		ADDQ(stride, base["dst"])
	})
	for i := range sums {
		VMOVUPD(sums[i], Mem{Base: base["sum"], Disp: 64 * i})
	}
	if stream {
		SFENCE()
	}
	VZEROUPPER()
	RET()
}

// groupMasks returns which columns each group has.
func (s *isa) groupMasks(columns reg.GPVirtual, per int) []Op {
	masks := make([]Op, groups)
	if s.wide {
		bits := GP64()
		MOVQ(I32(-1), bits)
		BZHIQ(columns, bits, bits)
		for i := range masks {
			k := K()
			KMOVW(bits.As32(), k)
			masks[i] = k
			SHRQ(Imm(uint64(per)), bits)
		}
		return masks
	}
	for i := range masks {
		// min(max(columns − per·i, 0), per)
		n, bound, m := GP64(), GP64(), XMM()
		LEAQ(Mem{Base: columns, Disp: -per * i}, n)
		XORQ(bound, bound)
		CMPQ(n, bound)
		CMOVQLT(bound, n)
		MOVQ(U32(per), bound)
		CMPQ(n, bound)
		CMOVQGT(bound, n)
		VMOVUPS(s.window(n), m)
		masks[i] = m
	}
	return masks
}
