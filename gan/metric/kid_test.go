package metric

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func kid(t *testing.T, a, b *tensor.Tensor, o KIDOptions) Figure {
	f, err := KID(&Features{"test", a}, &Features{"test", b}, o)
	require.NoError(t, err)
	return f
}

func TestKIDIsItsDefinition(t *testing.T) {
	x, y := tensor.RandN(newRand(1), 7, 3), tensor.RandN(newRand(2), 7, 3)
	k := func(a, b *tensor.Tensor, i, j int) float64 {
		dot := 0.0
		for c := range 3 {
			dot += float64(a.At(i, c)) * float64(b.At(j, c))
		}
		return math.Pow(dot/3+1, 3)
	}
	want := 0.0
	for i := range 7 {
		for j := range 7 {
			if i != j {
				want += (k(x, x, i, j) + k(y, y, i, j)) / 42
			}
			want -= 2 * k(x, y, i, j) / 49
		}
	}
	require.InDelta(t, want, kid(t, x, y, KIDOptions{Subsets: 1}).Value, 1e-9)
}

func TestKIDIsUnbiased(t *testing.T) {
	// Over many pairs of small samples of one distribution the mean is 0 within four standard errors, and some are negative:
	// what FID lacks. With a shift the mean is the same for small and for larger samples.
	rng := newRand(11)
	mean := func(n, trials int, shift float32) (m, err float64, negative int) {
		values := make([]float64, trials)
		for i := range values {
			a, b := tensor.RandN(rng, n, 4), tensor.RandN(rng, n, 4)
			values[i] = kid(t, a, tensor.Affine(b, 1, shift), KIDOptions{Subsets: 1}).Value
			if values[i] < 0 {
				negative++
			}
		}
		m, std := meanStd(values)
		return m, std / math.Sqrt(float64(trials)), negative
	}
	m, err, negative := mean(5, 4000, 0)
	require.Less(t, math.Abs(m), 4*err)
	require.Greater(t, negative, 400)
	small, e1, _ := mean(5, 4000, 1)
	large, e2, _ := mean(40, 400, 1)
	require.Less(t, math.Abs(small-large), 4*math.Hypot(e1, e2))
	require.Greater(t, large, 10*e2, "a shift is seen")
}

func TestKIDSubsets(t *testing.T) {
	a, b := tensor.RandN(newRand(1), 60, 3), tensor.RandN(newRand(2), 50, 3)
	f := kid(t, a, b, KIDOptions{Subsets: 8, Size: 20, Seed: 5})
	require.Equal(t, f, kid(t, a, b, KIDOptions{Subsets: 8, Size: 20, Seed: 5}))
	require.NotEqual(t, f.Value, kid(t, a, b, KIDOptions{Subsets: 8, Size: 20, Seed: 6}).Value)
	require.Contains(t, f.Protocol, "60 real and 50 generated pictures, 8 subsets of 20, seed 5")
	require.Positive(t, f.Spread)
	for _, o := range []KIDOptions{{Size: 51}, {Size: 1}, {Subsets: -1}} {
		_, err := KID(&Features{"test", a}, &Features{"test", b}, o)
		require.Error(t, err)
	}
}
