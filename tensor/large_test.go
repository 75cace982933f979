package tensor

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is too large for the caches is written in another way, with the same result.
func TestLargeResultsAreThoseOfTheirParts(t *testing.T) {
	const c, rows = 64, large/64 + 9
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func() *Tensor { return RandU(rng, -2, 2, rows, c) }
	x, g, dst := draw(), draw(), New(rows, c)
	slope, mean, variance, gamma, beta := RandU(rng, 0, 1, c), RandU(rng, -1, 1, c), RandU(rng, 1, 2, c), RandU(rng, -1, 1, c), RandU(rng, -1, 1, c)
	dslope := New(c)
	for name, f := range map[string]func(dst, x, g *Tensor){
		"Add":           func(dst, x, g *Tensor) { AddInto(dst, x, g) },
		"Mul":           func(dst, x, g *Tensor) { MulInto(dst, x, g) },
		"Affine":        func(dst, x, _ *Tensor) { AffineInto(dst, x, 2, 3) },
		"Tanh":          func(dst, x, _ *Tensor) { TanhInto(dst, x) },
		"TanhGrad":      func(dst, x, g *Tensor) { TanhGradInto(dst, x, g) },
		"LeakyReLU":     func(dst, x, _ *Tensor) { LeakyReLUInto(dst, x, 0.2) },
		"ReLUGrad":      func(dst, x, g *Tensor) { LeakyReLUGradInto(dst, x, g, 0) },
		"PReLU":         func(dst, x, _ *Tensor) { PReLUInto(dst, x, slope) },
		"PReLUGrad":     func(dst, x, g *Tensor) { PReLUGradInto(dst, dslope, x, slope, g) },
		"BatchNorm":     func(dst, x, _ *Tensor) { BatchNormInto(dst, x, mean, variance, gamma, beta, 1e-5) },
		"ChannelAffine": func(dst, x, _ *Tensor) { ChannelAffineInto(dst, x, gamma, beta) },
	} {
		f(dst, x, g)
		part := func(t *Tensor, lo, hi int) *Tensor { return FromSlice(t.data[lo*c:hi*c], hi-lo, c) }
		want := New(rows, c)
		for lo := 0; lo < rows; lo += rows/3 + 1 {
			hi := min(lo+rows/3+1, rows)
			f(part(want, lo, hi), part(x, lo, hi), part(g, lo, hi))
		}
		require.Truef(t, sameBitsOf(want, dst), "%s", name)
		onto := g.Clone() // in place
		f(onto, x, onto)
		require.Truef(t, sameBitsOf(want, onto), "%s", name)
	}
}

func sameBitsOf(a, b *Tensor) bool {
	for i, v := range a.data {
		if v != b.data[i] {
			return false
		}
	}
	return true
}

func TestLargeTensorsAreZeros(t *testing.T) {
	require.Zero(t, Sum(New(large+5)).Item())
	var a Arena
	require.Len(t, a.New(large+5).data, large+5)
}
