package metric

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
)

// gaussian returns statistics with exactly this mean and covariance, as if of n rows.
func gaussian(n int, mean []float64, cov mat.Symmetric) *Stats {
	s := NewStats("test", len(mean))
	s.n, s.mean = n, mean
	s.scatter.ScaleSym(float64(n-1), cov)
	return s
}

func diagonal(v ...float64) *mat.SymDense {
	m := mat.NewSymDense(len(v), nil)
	for i, x := range v {
		m.SetSym(i, i, x)
	}
	return m
}

func fid(t require.TestingT, a, b *Stats) float64 {
	f, err := FID(a, b, FIDOptions{Few: true})
	require.NoError(t, err)
	return f.Value
}

func TestFIDHasItsClosedForm(t *testing.T) {
	// Of Gaussians with diagonal covariances it is Σ (μ₁−μ₂)² + (σ₁−σ₂)².
	a := gaussian(100, []float64{0, 1, 2}, diagonal(1, 4, 9))
	b := gaussian(50, []float64{1, 1, 4}, diagonal(4, 4, 0.25))
	require.InDelta(t, 1+0+4+1+0+6.25, fid(t, a, b), 1e-9)

	// Of two that do not commute, by hand: Σ₁ = [2 1; 1 2], Σ₂ = diag(4, 1); Σ₁Σ₂ has trace 10 and determinant 12, so the
	// roots of its eigenvalues add up to √(10 + 2√12).
	c := gaussian(100, []float64{0, 0}, mat.NewSymDense(2, []float64{2, 1, 1, 2}))
	d := gaussian(100, []float64{0, 0}, diagonal(4, 1))
	require.InDelta(t, 4+5-2*math.Sqrt(10+2*math.Sqrt(12)), fid(t, c, d), 1e-9)
}

func TestFIDOfWhatHasNothingInCommon(t *testing.T) {
	// The product of the covariances is 0; all that is left of it is rounding.
	a := gaussian(100, []float64{0, 0, 0}, diagonal(3, 0, 1e-9))
	b := gaussian(100, []float64{0, 0, 0}, diagonal(0, 5, 0))
	require.InDelta(t, 8, fid(t, a, b), 1e-6)
}

func TestFIDProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.IntRange(1, 8).Draw(t, "d")
		rng := newRand(rapid.Uint64().Draw(t, "seed"))
		n := rapid.IntRange(d+1, 3*d+3).Draw(t, "n")
		x, y := tensor.RandN(rng, n, d), tensor.RandN(rng, n, d)
		a, b, moved := NewStats("test", d), NewStats("test", d), NewStats("test", d)
		require.NoError(t, a.Add(x))
		require.NoError(t, b.Add(y))
		require.NoError(t, moved.Add(tensor.Affine(x, 1, 3)))
		// Few pictures have covariances with eigenvalues near 0, and the root of what rounding makes of one is √2^-52.
		require.InDelta(t, 0, fid(t, a, a), math.Exp2(-26)*float64(d), "of a set with itself")
		require.InDelta(t, 9*float64(d), fid(t, a, moved), 1e-4, "of a set that is moved")
		require.InDelta(t, fid(t, a, b), fid(t, b, a), 1e-7, "it is symmetric")
		require.GreaterOrEqual(t, fid(t, a, b), 0.0)
	})
}

func TestFIDGuardsAgainstSmallSamples(t *testing.T) {
	rng := newRand(4)
	many, few, one := statsOf(t, tensor.RandN(rng, 99, 10)), statsOf(t, tensor.RandN(rng, 10, 10)), statsOf(t, tensor.RandN(rng, 1, 10))
	_, err := FID(many, few, FIDOptions{})
	require.ErrorContains(t, err, "metric: FID of 10 pictures with 10 features is mostly bias: use at least 11 pictures")
	f, err := FID(many, few, FIDOptions{Few: true})
	require.NoError(t, err)
	require.False(t, math.IsNaN(f.Value))
	require.Equal(t, "10 pictures are too few for 10 features: mostly bias", f.Warning)
	_, err = FID(many, one, FIDOptions{Few: true})
	require.ErrorContains(t, err, "at least 2")
	_, err = FID(many, statsOf(t, tensor.RandN(rng, 99, 11)), FIDOptions{})
	require.ErrorContains(t, err, "cannot be compared")

	_, err = FID(gaussian(9, []float64{0, 0}, diagonal(1, -1)), gaussian(9, []float64{0, 0}, diagonal(1, 1)), FIDOptions{})
	require.ErrorContains(t, err, "it is no covariance")
}

func TestFIDNamesItsProtocol(t *testing.T) {
	rng := newRand(4)
	f, err := FID(statsOf(t, tensor.RandN(rng, 30, 2)), statsOf(t, tensor.RandN(rng, 20, 2)), FIDOptions{})
	require.NoError(t, err)
	require.Equal(t, "network test, 2 dimensions, 30 real and 20 generated pictures, covariance over N−1", f.Protocol)
	require.Contains(t, f.String(), "FID ")
	require.Contains(t, f.String(), f.Protocol)
}
