package metric

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func TestParzenOracle(t *testing.T) {
	// A point on the only sample, D = 2, σ = 0.5: −2·ln(0.5·√(2π)).
	x := tensor.FromSlice([]float32{0.3, -2}, 1, 2)
	require.InDelta(t, -0.4515827, Parzen{x, 0.5}.LogLikelihood(x)[0], 1e-7)
}

func TestParzenIsItsDefinition(t *testing.T) {
	samples, points := tensor.RandN(newRand(1), columnBlock+30, 3), tensor.RandN(newRand(2), rowBlock+3, 3)
	const sigma = 0.7
	got := Parzen{samples, sigma}.LogLikelihood(points)
	for i := range points.Dim(0) {
		sum := 0.0
		for j := range samples.Dim(0) {
			e := 0.0
			for k := range 3 {
				d := (float64(points.At(i, k)) - float64(samples.At(j, k))) / sigma
				e -= d * d / 2
			}
			sum += math.Exp(e)
		}
		want := math.Log(sum/float64(samples.Dim(0))) - 3*math.Log(sigma*math.Sqrt(2*math.Pi))
		require.InDelta(t, want, got[i], 1e-9)
	}
}

func TestParzenDoesNotUnderflow(t *testing.T) {
	// exp(−½·(1000/0.1)²·784) is far below any float64.
	far := Parzen{tensor.Full(1000, 3, 784), 0.1}.LogLikelihood(tensor.New(1, 28, 28, 1))
	want := -0.5*1e8*784 - 784*math.Log(0.1*math.Sqrt(2*math.Pi))
	require.InEpsilon(t, want, far[0], 1e-12)
}

func TestParzenChoosesSigma(t *testing.T) {
	// Points of N(0, 1) under many samples of it: the best σ is small; under a single one at 0 it is 1, where the mean
	// log-likelihood in D dimensions is −D/2·(ln 2π + 1).
	rng := newRand(3)
	points := tensor.RandN(rng, 2000, 4)
	f, err := ParzenLogLikelihood(tensor.New(1, 4), points, points, ParzenOptions{Sigmas: []float64{0.5, 0.8, 1, 1.25, 2}})
	require.NoError(t, err)
	require.Contains(t, f.Protocol, "σ = 1 of 5 from 0.5 to 2, chosen on 1000 points")
	require.InDelta(t, -2*(math.Log(2*math.Pi)+1), f.Value, 4*f.Spread)
	require.Empty(t, f.Warning)

	f, err = ParzenLogLikelihood(points, tensor.RandN(rng, 300, 4), points.Rows(0, 20), ParzenOptions{})
	require.NoError(t, err)
	require.Contains(t, f.Protocol, "of 10 from 0.1 to 1, chosen on 300 points, 20 test points")
	f, err = ParzenLogLikelihood(points, points, points.Rows(0, 20), ParzenOptions{})
	require.NoError(t, err)
	require.Equal(t, "the best σ is at the end of those tried", f.Warning, "samples that are the points themselves")
}

func TestParzenRefuses(t *testing.T) {
	x, bad := tensor.New(3, 4), tensor.Full(float32(math.NaN()), 3, 4)
	for name, c := range map[string]struct {
		samples, validation, test *tensor.Tensor
		o                         ParzenOptions
		want                      string
	}{
		"NaN":        {bad, x, x, ParzenOptions{}, "samples hold NaN"},
		"size":       {x, x, tensor.New(3, 5), ParzenOptions{}, "test points are (3,5), samples (3,4)"},
		"none":       {x, tensor.New(0, 4), x, ParzenOptions{}, "no validation points"},
		"σ":          {x, x, x, ParzenOptions{Sigmas: []float64{0}}, "σ = 0"},
		"no σ":       {x, x, x, ParzenOptions{Sigmas: []float64{}}, "no σ"},
		"validation": {x, x, x, ParzenOptions{Validation: -1}, "-1 points"},
	} {
		_, err := ParzenLogLikelihood(c.samples, c.validation, c.test, c.o)
		require.ErrorContains(t, err, c.want, name)
	}
}
