package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

var columnCases = []struct {
	name string
	sums int
	f    func(sum [][]float64, x, g, row []float32)
	// ref is what an element adds to each sum.
	ref func(x, g, row float64) [2]float64
}{
	{"ColumnSums", 1, func(s [][]float64, x, _, _ []float32) { ColumnSums(s[0], x) },
		func(x, _, _ float64) [2]float64 { return [2]float64{x} }},
	{"ColumnDots", 1, func(s [][]float64, x, g, _ []float32) { ColumnDots(s[0], x, g) },
		func(x, g, _ float64) [2]float64 { return [2]float64{x * g} }},
	{"ColumnMoments", 2, func(s [][]float64, x, _, row []float32) { ColumnMoments(s[0], s[1], x, row) },
		func(x, _, row float64) [2]float64 { return [2]float64{x - row, (x - row) * (x - row)} }},
	{"ColumnCentredDots", 2, func(s [][]float64, x, g, row []float32) { ColumnCentredDots(s[0], s[1], x, g, row) },
		func(x, g, row float64) [2]float64 { return [2]float64{g, g * float64(float32(x)-float32(row))} }},
	{"PReLUGradSlope", 1, func(s [][]float64, x, g, _ []float32) { PReLUGradSlope(s[0], x, g) },
		func(x, g, _ float64) [2]float64 {
			if x > 0 {
				return [2]float64{}
			}
			return [2]float64{x * g}
		}},
}

// columnShapes are columns and rows.
var columnShapes = [][2]int{
	{1, 0}, {1, 1}, {1, 31}, {1, 32}, {1, 33}, {1, 1000}, {2, 7}, {3, 3}, {3, 11}, {3, 500}, {5, 13}, {7, 100}, {8, 9},
	{15, 4}, {16, 2}, {16, 33}, {17, 20}, {31, 5}, {32, 1}, {32, 40}, {33, 40}, {47, 9}, {48, 9}, {63, 3}, {64, 300},
	{65, 10}, {100, 100}, {128, 1}, {130, 90}, {256, 70}, {9000, 3},
}

func sameBits64(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// inOrderOfRows is the documented sum: rows dealt out to partial sums.
func inOrderOfRows(start []float64, x, g, row []float32, which int, ref func(x, g, row float64) [2]float64) []float64 {
	c := len(start)
	partial := 1
	if c < 32 {
		partial = 32 / c
	}
	parts := make([]float64, partial*c)
	if c >= 32 {
		copy(parts, start)
	}
	for i := range x {
		parts[i%len(parts)] += ref(float64(x[i]), float64(g[i]), float64(row[i%c]))[which]
	}
	if c >= 32 {
		return parts
	}
	sum := append([]float64(nil), start...)
	for i := range sum {
		for j := range partial {
			sum[i] += parts[j*c+i]
		}
	}
	return sum
}

func TestColumnsAreSummedInTheDocumentedOrder(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range columnCases {
			for _, shape := range columnShapes {
				columns, n := shape[0], shape[0]*shape[1]
				x, g, row := newGuarded(r, n, moderate), newGuarded(r, n, moderate), newGuarded(r, columns, moderate)
				var all, got, start [][]float64
				for range c.sums {
					a := make([]float64, columns+40)
					for i := range a {
						a[i] = r.NormFloat64()
					}
					all = append(all, a)
					s := a[20 : 20+columns : 20+columns]
					got = append(got, s)
					start = append(start, append([]float64(nil), a...))
				}
				c.f(got, x.data, g.data, row.data)
				for k := range got {
					from := append([]float64(nil), start[k][20:20+columns]...)
					if c.name == "PReLUGradSlope" {
						clear(from)
					}
					want := inOrderOfRows(from, x.data, g.data, row.data, k, c.ref)
					for i := range want {
						require.Truef(t, sameBits64(want[i], got[k][i]), "%s of %d rows of %d, column %d: want %v, got %v",
							c.name, shape[1], columns, i, want[i], got[k][i])
					}
					require.Equal(t, start[k][:20], all[k][:20], "cells before the sums")
					require.Equal(t, start[k][20+columns:], all[k][20+columns:], "cells after the sums")
				}
				require.True(t, x.intact(false) && g.intact(false) && row.intact(false), c.name)
			}
		}
	})
}

func TestColumnsOfWildValuesAtEveryLevel(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, c := range columnCases {
			for _, shape := range columnShapes {
				columns, n := shape[0], shape[0]*shape[1]
				if shape[1] > 40 {
					continue
				}
				x, g, row := newGuarded(r, n, wild).data, newGuarded(r, n, wild).data, newGuarded(r, columns, wild).data
				var want, got [][]float64
				for range c.sums {
					want, got = append(want, make([]float64, columns)), append(got, make([]float64, columns))
				}
				restore := cpu.Use(cpu.Portable)
				c.f(want, x, g, row)
				restore()
				c.f(got, x, g, row)
				for k := range want {
					for i := range want[k] {
						require.Truef(t, sameBits64(want[k][i], got[k][i]), "%s of %d rows of %d, column %d: want %v, got %v",
							c.name, shape[1], columns, i, want[k][i], got[k][i])
					}
				}
			}
		}
	})
}

func TestSlopeGradientWhereXIsInfinite(t *testing.T) {
	inf := float32(math.Inf(1))
	levels(t, func(t *testing.T) {
		sum := make([]float64, 2)
		PReLUGradSlope(sum, []float32{inf, inf, -1, -2}, []float32{inf, -1, 3, 5})
		require.Equal(t, []float64{-3, -10}, sum)
	})
}

func TestStridedColumnSums(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		for _, columns := range []int{1, 3, 8, 31, 32, 33, 64, 100} {
			for _, stride := range []int{columns + 1, columns + 50} {
				const rows = 70
				x := newGuarded(r, (rows-1)*stride+columns, moderate)
				got, want := make([]float64, columns), make([]float64, columns)
				ColumnSumsStrided(got, x.data, stride)
				for i := range rows {
					for c := range want {
						want[c] += float64(x.data[i*stride+c])
					}
				}
				require.Equal(t, want, got)
				require.True(t, x.intact(false))
				require.Panics(t, func() { ColumnSumsStrided(got, x.data[1:], stride) })
			}
		}
		require.Panics(t, func() { ColumnSumsStrided(make([]float64, 10), make([]float32, 100), 9) })
	})
}

func TestColumnExtremes(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, columns := range []int{1, 3, 20, 63, 64, 100, 512, 600} {
			for _, stride := range []int{columns, columns + 1, columns + 50} {
				for rows := range 70 {
					n := max(0, (rows-1)*stride+columns)
					x := newGuarded(r, n, wild)
					largest, smallest := make([]float64, columns), make([]float64, columns)
					for c := range largest {
						largest[c], smallest[c] = float64(moderate(r)), float64(moderate(r))
					}
					high, low := append([]float64(nil), largest...), append([]float64(nil), smallest...)
					if rows == 0 {
						x.data = nil
					}
					ColumnLargest(largest, x.data, stride)
					ColumnSmallest(smallest, x.data, stride)
					for i := range rows {
						for c := range high {
							high[c] = max(high[c], float64(x.data[i*stride+c]))
							low[c] = min(low[c], float64(x.data[i*stride+c]))
						}
					}
					for c := range high {
						require.Truef(t, sameBits64(high[c], largest[c]) && sameBits64(low[c], smallest[c]), "%d rows of %d", rows, columns)
					}
				}
			}
		}
		require.Panics(t, func() { ColumnLargest(make([]float64, 10), make([]float32, 11), 10) })
	})
}

func TestSlopeGradientOfABrokenRow(t *testing.T) {
	sum := make([]float64, 2)
	PReLUGradSlope(sum, []float32{-1, -2, -3}, []float32{1, 1, 1})
	require.Equal(t, []float64{-4, -2}, sum)
}

func TestColumnsPanicOnShortSlices(t *testing.T) {
	x, row := make([]float32, 100), make([]float32, 10)
	sum, short := make([]float64, 10), make([]float64, 9, 10)
	levels(t, func(t *testing.T) {
		require.Panics(t, func() { ColumnSums(sum, x[:99]) })
		require.Panics(t, func() { ColumnSums(nil, x) })
		require.Panics(t, func() { ColumnDots(sum, x, x[:99]) })
		require.Panics(t, func() { ColumnMoments(sum, short, x, row) })
		require.Panics(t, func() { ColumnMoments(sum, sum, x, row[:9]) })
		require.Panics(t, func() { ColumnCentredDots(sum, sum, x, x[:99], row) })
		require.Panics(t, func() { ColumnCentredDots(sum, sum, x, x, row[:9]) })
		require.Panics(t, func() { PReLUGradSlope(sum, x, x[:99]) })
		require.Panics(t, func() { AddTo64(sum, row[:9]) })
		require.Panics(t, func() { Dot(x, x[:99]) })
	})
}
