package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

func TestSumAndDot(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range append(lengths(), 10000) {
			a, b := newGuarded(r, n, moderate).data, newGuarded(r, n, moderate).data
			var sum, dot, squares float64
			for i := range a {
				sum += float64(a[i])
				dot += float64(a[i]) * float64(b[i])
				squares += float64(a[i]) * float64(a[i])
			}
			require.InDelta(t, sum, Sum(a), 1e-9)
			require.InDelta(t, dot, Dot(a, b), 1e-9)
			require.InDelta(t, squares, SumSquares(a), 1e-9)
			restore := cpu.Use(cpu.Portable)
			sum, dot = Sum(a), Dot(a, b)
			restore()
			require.Equal(t, sum, Sum(a), "%d values", n)
			require.Equal(t, dot, Dot(a, b), "%d values", n)
		}
	})
}

func TestExtremes(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, n := range lengths()[1:] {
			x := newGuarded(r, n, func(r *rand.Rand) float32 {
				for {
					if v := wild(r); v == v {
						return v
					}
				}
			}).data
			requireSame(t, []float32{slices.Max(x), slices.Min(x)}, []float32{Largest(x), Smallest(x)}, "of %d", n)
			x[r.IntN(n)] = float32(math.Copysign(math.NaN(), float64(r.IntN(2))-0.5))
			nan := float32(math.NaN())
			requireSame(t, []float32{nan, nan}, []float32{Largest(x), Smallest(x)}, "of %d with NaN", n)
		}
		minus := float32(math.Copysign(0, -1))
		requireSame(t, []float32{0, minus}, []float32{Largest([]float32{minus, 0, minus}), Smallest([]float32{0, minus, 0})}, "zeros")
		require.True(t, math.IsInf(float64(Largest(nil)), -1))
		require.True(t, math.IsInf(float64(Smallest(nil)), 1))
	})
}

func TestAllFinite(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, n := range lengths() {
			x := make([]float32, n)
			for i := range x {
				x[i] = special[(11 + i%2)] // ±the largest number
			}
			require.True(t, AllFinite(x))
			for i := range min(n, 70) {
				for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
					was := x[i]
					x[i] = float32(bad)
					require.Falsef(t, AllFinite(x), "%v at %d of %d", bad, i, n)
					x[i] = was
				}
			}
		}
	})
}
