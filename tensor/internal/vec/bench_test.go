package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// benchmarkLevels runs f at each level and reports how many bytes of memory an operation on n elements moves a second.
func benchmarkLevels(b *testing.B, bytes int, f func()) {
	for _, l := range cpu.Levels() {
		b.Run(l.String(), func(b *testing.B) {
			defer cpu.Use(l)()
			for b.Loop() {
				f()
			}
			b.ReportMetric(float64(bytes)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
		})
	}
}

// benchmarkLen is what one goroutine takes at a time; three slices of it fit the second cache.
const benchmarkLen = 1 << 14

func benchmarkSlices(n int) [][]float32 {
	r := rand.New(rand.NewPCG(1, 2))
	s := make([][]float32, n)
	for i := range s {
		s[i] = make([]float32, benchmarkLen)
		for j := range s[i] {
			s[i][j] = moderate(r)
		}
	}
	return s
}

func BenchmarkElementwise(b *testing.B) {
	for _, c := range elementwiseCases() {
		s := benchmarkSlices(c.out + c.in)
		moved := c.out + c.in
		if c.updates {
			moved += c.out
			for _, x := range s[1:c.out] {
				Abs(x, x)
			}
		}
		b.Run(c.name, func(b *testing.B) {
			benchmarkLevels(b, 4*moved*benchmarkLen, func() { c.f(s) })
		})
	}
}

func BenchmarkRows(b *testing.B) {
	for _, c := range rowCases {
		for _, columns := range []int{3, 64, 1024} {
			s, row := benchmarkSlices(1+c.in), benchmarkSlices(c.rows)
			for i := range row {
				row[i] = row[i][:columns]
			}
			b.Run(fmt.Sprintf("%s/%d", c.name, columns), func(b *testing.B) {
				benchmarkLevels(b, 4*len(s)*benchmarkLen, func() { c.f(s[0], s[1:], row) })
			})
		}
	}
}

func BenchmarkColumns(b *testing.B) {
	matrices := map[string]int{"ColumnDots": 2, "ColumnCentredDots": 2, "PReLUGradSlope": 2}
	for _, c := range columnCases {
		for _, columns := range []int{1, 4, 64, 1024} {
			s := benchmarkSlices(3)
			var sums [][]float64
			for range c.sums {
				sums = append(sums, make([]float64, columns))
			}
			b.Run(fmt.Sprintf("%s/%d", c.name, columns), func(b *testing.B) {
				benchmarkLevels(b, 4*max(1, matrices[c.name])*benchmarkLen, func() { c.f(sums, s[0], s[1], s[2][:columns]) })
			})
		}
	}
}

func BenchmarkReductions(b *testing.B) {
	s := benchmarkSlices(2)
	sink := 0.0
	for _, c := range []struct {
		name   string
		slices int
		f      func()
	}{
		{"Sum", 1, func() { sink += Sum(s[0]) }},
		{"Dot", 2, func() { sink += Dot(s[0], s[1]) }},
		{"SumSquares", 1, func() { sink += SumSquares(s[0]) }},
		{"Largest", 1, func() { sink += float64(Largest(s[0])) }},
		{"AllFinite", 1, func() {
			if AllFinite(s[0]) {
				sink++
			}
		}},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkLevels(b, 4*c.slices*benchmarkLen, c.f) })
	}
	_ = sink
}

func BenchmarkBytes(b *testing.B) {
	x, raw := benchmarkSlices(1)[0], make([]uint8, benchmarkLen)
	b.Run("FromBytes", func(b *testing.B) {
		benchmarkLevels(b, 5*benchmarkLen, func() { FromBytes(x, raw, 2.0/255, -1) })
	})
	b.Run("ToBytes", func(b *testing.B) {
		benchmarkLevels(b, 5*benchmarkLen, func() { ToBytes(raw, x, 127.5, 127.5) })
	})
}
