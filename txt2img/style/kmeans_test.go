package style_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Blobs that lie apart are found, whatever their sizes.
func TestKMeansFindsBlobs(t *testing.T) {
	rng := newRand(1)
	var points [][]float64
	var truth []int
	for b := range 12 {
		for range 3 + 5*b {
			points = append(points, []float64{10 * float64(b%4), 10 * float64(b/4), rng.NormFloat64()})
			truth = append(truth, b)
		}
	}
	for i := range points {
		points[i][0] += 0.5 * rng.NormFloat64()
		points[i][1] += 0.5 * rng.NormFloat64()
	}
	c := style.KMeans{Clusters: 12, Tries: 20}.Run(points)
	require.True(t, c.Converged)
	of := map[int]int{}
	for i, label := range c.Labels {
		if b, ok := of[label]; ok {
			require.Equal(t, b, truth[i])
		}
		of[label] = truth[i]
	}
	require.Len(t, of, 12)
}

// One dimension, worked out by hand: {0,1,2}, {10,12}, {50}.
func TestKMeansByHand(t *testing.T) {
	c := style.KMeans{Clusters: 3, Seed: 4}.Run([][]float64{{10}, {0}, {1}, {50}, {12}, {2}})
	at := func(i int) float64 { return c.Centres[c.Labels[i]][0] }
	for i, want := range []float64{11, 1, 1, 50, 11, 1} {
		require.InDelta(t, want, at(i), 1e-12)
	}
	require.InDelta(t, 4, c.Inertia, 1e-12)
}

func TestKMeansInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Few different values, so that points coincide and clusters run empty.
		dim := rapid.IntRange(1, 3).Draw(t, "dim")
		points := rapid.SliceOfN(rapid.SliceOfN(rapid.Map(rapid.IntRange(-4, 4), func(n int) float64 { return float64(n) / 4 }), dim, dim),
			1, 40).Draw(t, "points")
		k := style.KMeans{
			Clusters: rapid.IntRange(1, 12).Draw(t, "clusters"),
			Tries:    rapid.IntRange(1, 3).Draw(t, "tries"),
			Seed:     rapid.Uint64().Draw(t, "seed"),
		}
		c := k.Run(points)
		require.Equal(t, c, k.Run(points), "the same again")
		require.True(t, c.Converged)

		different := map[[3]float64]bool{}
		for _, p := range points {
			different[[3]float64(append(append([]float64{}, p...), 0, 0)[:3])] = true
		}
		require.Len(t, c.Centres, min(k.Clusters, len(different)))
		require.Len(t, c.Labels, len(points))

		inertia := 0.0
		members := make([]int, len(c.Centres))
		means := make([][]float64, len(c.Centres))
		for j := range means {
			means[j] = make([]float64, dim)
		}
		for i, p := range points {
			label := c.Labels[i]
			members[label]++
			own := distance(p, c.Centres[label])
			inertia += own
			for _, q := range c.Centres {
				require.LessOrEqual(t, own, distance(p, q)+1e-12, "the nearest centre")
			}
			for d, v := range p {
				means[label][d] += v
			}
		}
		for j, n := range members {
			require.Positive(t, n, "no empty cluster")
			for d, v := range means[j] {
				require.InDelta(t, v/float64(n), c.Centres[j][d], 1e-12, "the mean")
			}
		}
		require.InDelta(t, inertia, c.Inertia, 1e-9)
		if len(c.Centres) == len(different) {
			require.InDelta(t, 0, c.Inertia, 1e-12)
		}
		more := k
		more.Tries += 3
		require.LessOrEqual(t, more.Run(points).Inertia, c.Inertia)
	})
}

func distance(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return sum
}

func TestKMeansStopsAfterItsRounds(t *testing.T) {
	rng := newRand(2)
	points := make([][]float64, 500)
	for i := range points {
		points[i] = []float64{rng.Float64(), rng.Float64()}
	}
	short := style.KMeans{Clusters: 20, Tries: 1, Rounds: 2}.Run(points)
	require.False(t, short.Converged)
	long := style.KMeans{Clusters: 20, Tries: 1}.Run(points)
	require.True(t, long.Converged)
	require.Less(t, long.Inertia, short.Inertia)
	require.Len(t, style.KMeans{}.Run(points).Centres, 100)
}

func TestKMeansPanics(t *testing.T) {
	for _, points := range [][][]float64{nil, {{1}, {1, 2}}, {{math.NaN()}}, {{math.Inf(1)}}, {{1e101}}} {
		require.Panics(t, func() { style.KMeans{}.Run(points) })
	}
	require.Panics(t, func() { style.KMeans{Clusters: -1}.Run([][]float64{{1}}) })
}

func TestSort(t *testing.T) {
	got := style.KMeans{Clusters: 2}.Sort([][]float64{{0}, nil, {9}, {0.5}, nil})
	require.Equal(t, []int{-1, -1}, []int{got[1], got[4]})
	require.Equal(t, got[0], got[3])
	require.NotEqual(t, got[0], got[2])
	require.ElementsMatch(t, []int{0, 1}, []int{got[0], got[2]})
	require.Equal(t, []int{-1, -1}, style.KMeans{}.Sort(make([][]float64, 2)))
	require.Empty(t, style.KMeans{}.Sort(nil))
}
