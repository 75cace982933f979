package vec

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// rowCases are the functions of rows that repeat: called with dst and other whole slices, then rows.
var rowCases = []struct {
	name     string
	in, rows int
	f        func(dst []float32, in, row [][]float32)
	// ref is the definition for one element of each.
	ref func(in, row []float64) float64
}{
	{"AddRow", 1, 1, func(d []float32, in, row [][]float32) { AddRow(d, in[0], row[0]) },
		func(x, r []float64) float64 { return x[0] + r[0] }},
	{"MulRow", 1, 1, func(d []float32, in, row [][]float32) { MulRow(d, in[0], row[0]) },
		func(x, r []float64) float64 { return x[0] * r[0] }},
	{"PReLU", 1, 1, func(d []float32, in, row [][]float32) { PReLU(d, in[0], row[0]) },
		func(x, r []float64) float64 { return positive(x[0], x[0], r[0]*x[0]) }},
	{"PReLUGrad", 2, 1, func(d []float32, in, row [][]float32) { PReLUGrad(d, in[0], in[1], row[0]) },
		func(x, r []float64) float64 { return positive(x[0], x[1], r[0]*x[1]) }},
	{"ScaleShift", 1, 2, func(d []float32, in, row [][]float32) { ScaleShift(d, in[0], row[0], row[1]) },
		func(x, r []float64) float64 { return x[0]*r[0] + r[1] }},
	{"ScaleShiftLeaky", 1, 2, func(d []float32, in, row [][]float32) { ScaleShiftLeaky(d, in[0], row[0], row[1], 0.2) },
		func(x, r []float64) float64 { y := x[0]*r[0] + r[1]; return positive(y, y, 0.2*y) }},
	{"ScaleShiftPReLU", 1, 3, func(d []float32, in, row [][]float32) { ScaleShiftPReLU(d, in[0], row[0], row[1], row[2]) },
		func(x, r []float64) float64 { y := x[0]*r[0] + r[1]; return positive(y, y, r[2]*y) }},
	{"Norm", 1, 3, func(d []float32, in, row [][]float32) { Norm(d, in[0], row[0], row[1], row[2]) },
		func(x, r []float64) float64 { return (x[0]-r[0])*r[1] + r[2] }},
	{"NormLeaky", 1, 3, func(d []float32, in, row [][]float32) { NormLeaky(d, in[0], row[0], row[1], row[2], 0.2) },
		func(x, r []float64) float64 { y := (x[0]-r[0])*r[1] + r[2]; return positive(y, y, 0.2*y) }},
	{"NormPReLU", 1, 4, func(d []float32, in, row [][]float32) { NormPReLU(d, in[0], row[0], row[1], row[2], row[3]) },
		func(x, r []float64) float64 { y := (x[0]-r[0])*r[1] + r[2]; return positive(y, y, r[3]*y) }},
	{"NormReLU", 1, 3, func(d []float32, in, row [][]float32) { NormLeaky(d, in[0], row[0], row[1], row[2], 0) },
		func(x, r []float64) float64 { y := (x[0]-r[0])*r[1] + r[2]; return positive(y, y, 0) }},
	{"NormAdd", 2, 3, func(d []float32, in, row [][]float32) { NormAdd(d, in[0], in[1], row[0], row[1], row[2]) },
		func(x, r []float64) float64 { return (x[0]-r[0])*r[1] + r[2] + x[1] }},
	{"NormActGrad", 2, 6, func(d []float32, in, row [][]float32) {
		NormActGrad(d, in[0], in[1], row[0], row[1], row[2], row[3], row[4], row[5], make([]float32, 2*(NormActPiece+len(row[0]))))
	},
		func(x, r []float64) float64 {
			h := positive(float64(float32((float32(x[0])-float32(r[0]))*float32(r[1]))+float32(r[2])), x[1], r[3]*x[1])
			return r[1] * (h - r[4] - (x[0]-r[0])*r[5])
		}},
	{"NormGrad", 2, 4, func(d []float32, in, row [][]float32) {
		NormGrad(d, in[0], in[1], row[0], row[1], row[2], row[3])
	},
		func(x, r []float64) float64 { return r[1] * (x[1] - r[2] - (x[0]-r[0])*r[3]) }},
	{"Combine", 2, 3, func(d []float32, in, row [][]float32) { Combine(d, in[0], in[1], row[0], row[1], row[2]) },
		func(x, r []float64) float64 { return r[0]*x[1] + r[1]*x[0] + r[2] }},
}

// rowShapes are columns and elements.
var rowShapes = [][2]int{
	{1, 0}, {1, 1}, {1, 70}, {2, 9}, {3, 3}, {3, 600}, {5, 1001}, {16, 64}, {17, 17 * 40}, {64, 64 * 3}, {64, 64 * 20},
	{100, 700}, {256, 256 * 5}, {257, 257 * 4}, {511, 511 * 2}, {600, 1800}, {64, 100}, {300, 10},
}

func TestRowsRepeat(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range rowCases {
			for _, shape := range rowShapes {
				columns, n := shape[0], shape[1]
				dst := newGuarded(r, n, moderate)
				var in, row [][]float32
				var gs []*guarded
				for range c.in {
					gs = append(gs, newGuarded(r, n, moderate))
					in = append(in, gs[len(gs)-1].data)
				}
				for range c.rows {
					gs = append(gs, newGuarded(r, columns, moderate))
					row = append(row, gs[len(gs)-1].data)
				}
				portable := make([]float32, n)
				restore := cpu.Use(cpu.Portable)
				c.f(portable, in, row)
				restore()
				c.f(dst.data, in, row)
				requireSame(t, portable, dst.data, "%s of %d in rows of %d", c.name, n, columns)
				require.True(t, dst.intact(true), c.name)
				for _, g := range gs {
					require.True(t, g.intact(false), c.name)
				}
				for i, got := range dst.data {
					var x, p []float64
					for _, s := range in {
						x = append(x, float64(s[i]))
					}
					for _, s := range row {
						p = append(p, float64(s[i%columns]))
					}
					require.InDelta(t, c.ref(x, p), float64(got), 1e-4, "%s at %d in rows of %d", c.name, i, columns)
				}
				for k := range in { // in place
					onto := make([][]float32, len(in))
					for i := range in {
						onto[i] = slices.Clone(in[i])
					}
					c.f(onto[k], onto, row)
					requireSame(t, portable, onto[k], "%s onto argument %d", c.name, k)
				}
			}
		}
	})
}

func TestRowsPanicOnShortSlices(t *testing.T) {
	x, row, short := make([]float32, 100), make([]float32, 10), make([]float32, 9, 10)
	levels(t, func(t *testing.T) {
		require.Panics(t, func() { AddRow(x, x[:99], row) })
		require.Panics(t, func() { AddRow(x, x, nil) })
		require.Panics(t, func() { ScaleShift(x, x, row, short) })
		require.Panics(t, func() { ScaleShiftPReLU(x, x, row, row, short) })
		require.Panics(t, func() { Norm(x, x, row, row, short) })
		require.Panics(t, func() { NormPReLU(x, x, row, row, row, short) })
		require.Panics(t, func() { NormGrad(x, x, x[:99], row, row, row, row) })
		require.Panics(t, func() { NormGrad(x, x, x, row, short, row, row) })
		require.Panics(t, func() { Combine(x, x, x, row, row, short) })
	})
}

func TestFusedActivationsAreTheComposedOnes(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, columns := range []int{3, 64, 300} {
			x := newGuarded(r, 7*columns, wild).data
			mean, scale := newGuarded(r, columns, wild).data, newGuarded(r, columns, wild).data
			shift, slopes := newGuarded(r, columns, wild).data, newGuarded(r, columns, moderate).data
			fused, composed := make([]float32, len(x)), make([]float32, len(x))
			for _, slope := range []float32{0, 0.2} {
				ScaleShift(composed, x, scale, shift)
				LeakyReLU(composed, composed, slope)
				ScaleShiftLeaky(fused, x, scale, shift, slope)
				requireSame(t, composed, fused, "ScaleShiftLeaky")
				Norm(composed, x, mean, scale, shift)
				LeakyReLU(composed, composed, slope)
				NormLeaky(fused, x, mean, scale, shift, slope)
				requireSame(t, composed, fused, "NormLeaky")
			}
			for _, slope := range [][]float32{slopes, {0.3}, {0}} {
				ScaleShift(composed, x, scale, shift)
				PReLU(composed, composed, slope)
				ScaleShiftPReLU(fused, x, scale, shift, slope)
				requireSame(t, composed, fused, "ScaleShiftPReLU")
				Norm(composed, x, mean, scale, shift)
				PReLU(composed, composed, slope)
				NormPReLU(fused, x, mean, scale, shift, slope)
				requireSame(t, composed, fused, "NormPReLU")
			}
		}
	})
}
