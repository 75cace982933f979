package main

import (
	"strings"

	"github.com/gander-ml/gander/tensor/internal/cpu/neon"
)

// Registers of the statistics: up to 16 hold the sums of 16 columns, two to a register, 8 what is fixed for all rows.
const (
	armFixed = 16
	armTemp  = 24
	armZero  = 31
)

// armStatistics are the bodies of the statistics for a vector of float32: x and grad are registers with them, which may be
// changed, fixed is one with the fixed row or two with that row as float64, and sums have the sums of both halves.
var armStatistics = map[string]struct {
	widened bool // the fixed row is float64
	body    func(do func(...neon.Instruction), x, grad neon.V, fixed []neon.V, sums [2][]neon.V)
}{
	"Sums": {body: func(do func(...neon.Instruction), x, _ neon.V, _ []neon.V, sums [2][]neon.V) {
		for h, sum := range sums {
			do(armWiden(h).Of(28, x), neon.FADDD.Of(sum[0], sum[0], 28))
		}
	}},
	"Dots": {body: armDots},
	"DotsWhereNegative": {body: func(do func(...neon.Instruction), x, grad neon.V, fixed []neon.V, sums [2][]neon.V) {
		// Both factors are cleared where x is positive: one of them alone may be infinite.
		do(neon.FCMGT.Of(28, x, armZero), neon.BIC.Of(x, x, 28), neon.BIC.Of(grad, grad, 28))
		armDots(do, x, grad, fixed, sums)
	}},
	"Moments": {widened: true, body: func(do func(...neon.Instruction), x, _ neon.V, fixed []neon.V, sums [2][]neon.V) {
		for h, sum := range sums {
			do(armWiden(h).Of(28, x), neon.FSUBD.Of(28, 28, fixed[h]), neon.FMULD.Of(29, 28, 28))
			do(neon.FADDD.Of(sum[0], sum[0], 28), neon.FADDD.Of(sum[1], sum[1], 29))
		}
	}},
	"CentredDots": {body: func(do func(...neon.Instruction), x, grad neon.V, fixed []neon.V, sums [2][]neon.V) {
		do(neon.FSUB.Of(x, x, fixed[0]))
		for h, sum := range sums {
			do(armWiden(h).Of(28, grad), armWiden(h).Of(29, x))
			do(neon.FADDD.Of(sum[0], sum[0], 28), neon.FMLAD.Of(sum[1], 28, 29))
		}
	}},
}

func armDots(do func(...neon.Instruction), x, grad neon.V, _ []neon.V, sums [2][]neon.V) {
	for h, sum := range sums {
		// A product of two float32 is exact in float64, so that this rounds as a product and a sum do.
		do(armWiden(h).Of(28, x), armWiden(h).Of(29, grad), neon.FMLAD.Of(sum[0], 28, 29))
	}
}

// armWiden converts the lower or the upper half of a vector to float64.
func armWiden(half int) neon.Unary {
	if half == 0 {
		return neon.FCVTL
	}
	return neon.FCVTL2
}

// armStatistic writes the kernel for 16, 4 or 1 columns.
func armStatistic(f *neon.File, st statistic) {
	const rows, stride, columns = neon.X(0), neon.X(1), neon.X(2)
	sumNames := []string{"sum0", "sum1"}[:st.sums]
	pointers := append(append([]string{}, st.in...), st.fixed...)
	g := f.Func("neon"+st.name, strings.Join(sumNames, ", ")+" *float64, "+strings.Join(pointers, ", ")+
		" *float32, rows, stride, columns int", st.doc+". columns is 16, 4 or 1")
	base := map[string]neon.X{}
	for i, name := range append(append([]string{}, sumNames...), pointers...) {
		base[name] = neon.X(3 + i)
		g.Param(name, base[name])
	}
	g.Param("rows", rows)
	g.Param("stride", stride)
	g.Param("columns", columns)
	g.Go("LSL $2, R%d", stride)
	g.Do(neon.Zero(armZero))
	g.Go("CBZ R%d, done", rows)
	g.Go("CMP $4, R%d", columns)
	g.Go("BLT one")
	g.Go("BEQ four")
	for _, w := range []struct {
		label                string
		groups, bytes, sum64 int
	}{{"sixteen", 4, neon.Four, neon.Four}, {"four", 1, neon.Four, neon.Four}, {"one", 1, neon.One, neon.Two}} {
		armColumns(g, st, base, sumNames, w.label, w.groups, w.bytes, w.sum64)
	}
	g.Label("done")
	g.Return()
}

func armColumns(g *neon.Func, st statistic, base map[string]neon.X, sumNames []string, label string, groups, bytes, bytesOfSum int) {
	const rows, stride = neon.X(0), neon.X(1)
	halves := min(2, bytes/neon.Two+1)
	register := func(j, group, half int) neon.V { return neon.V(8*j + 2*group + half) }
	eachSum := func(do func(v neon.V, at neon.X, offset, bytes int) neon.Instruction) {
		for j, name := range sumNames {
			for group := range groups {
				for half := range halves {
					g.Do(do(register(j, group, half), base[name], 16*(2*group+half), bytesOfSum))
				}
			}
		}
	}
	stat := armStatistics[st.name]
	g.Label(label)
	eachSum(neon.Load)
	fixed := make([][]neon.V, groups)
	for i := range fixed {
		for _, name := range st.fixed {
			v := neon.V(armFixed + 2*i)
			fixed[i] = []neon.V{v, v + 1}
			g.Do(neon.Load(v, base[name], 16*i, bytes))
			if stat.widened {
				g.Do(neon.FCVTL2.Of(v+1, v), neon.FCVTL.Of(v, v))
			}
		}
	}
	g.Go("PCALIGN $16")
	g.Label(label + "Row")
	for i := range groups {
		x, grad := neon.V(armTemp+2*(i%2)), neon.V(armTemp+2*(i%2)+1)
		for j, name := range st.in {
			g.Do(neon.Load([]neon.V{x, grad}[j], base[name], 16*i, bytes))
		}
		var sums [2][]neon.V
		for half := range sums {
			for j := range sumNames {
				sums[half] = append(sums[half], register(j, i, half))
			}
		}
		stat.body(g.Do, x, grad, fixed[i], sums)
	}
	for _, name := range st.in {
		g.Go("ADD R%d, R%d", stride, base[name])
	}
	g.Go("SUBS $1, R%d", rows)
	g.Go("BNE %sRow", label)
	eachSum(neon.Store)
	g.Return()
}
