package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The kernel alone, on one core: a tile of rows of a and all of b, packed, which fit the first, the second or the third level
// of the cache.
func BenchmarkRun(b *testing.B) {
	kern := Current()
	for _, s := range [][3]int{{14, 32, 64}, {12, 32, 64}, {8, 32, 64}, {14, 32, 344}, {84, 256, 344}, {84, 1024, 344}, {84, 4096, 344}} {
		m, n, k := s[0], s[1], s[2]
		b.Run(fmt.Sprintf("%dx%dx%d", m, n, k), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			ld := (k+15)/16*16 + 4
			bl := Block{
				C: random(r, m*n), CRow: n, A: random(r, m*ld), ARow: ld, AK: 1, B: random(r, kern.PackedLen(k, n)), BRow: kern.Width,
				BPanel: k * kern.Width, M: m, N: n, K: k, Accumulate: true,
			}
			for b.Loop() {
				kern.Run(&bl)
			}
			rate(b, m, n, k)
		})
	}
}

func rate(b *testing.B, m, n, k int) {
	b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
}
