package style_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/integrate"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

func TestAUCByHand(t *testing.T) {
	for _, c := range []struct {
		similar, dissimilar []float64
		want                float64
	}{
		{[]float64{2, 3}, []float64{0, 1}, 1},
		{[]float64{0, 1}, []float64{2, 3}, 0},
		{[]float64{1, 1}, []float64{1, 1, 1}, 0.5},
		{[]float64{1, 2, 2}, []float64{2, 0}, 4. / 6},             // 2 > 0 twice, 1 > 0, 2 = 2 twice: 3 + 2/2
		{[]float64{0.8, 0.4, 0.35}, []float64{0.1, 0.4}, 4.5 / 6}, // 2 + 1.5 + 1
		{[]float64{-1, 0, 1}, []float64{0}, 0.5},
		{[]float64{math.Inf(1)}, []float64{math.Inf(-1), 5}, 1},
	} {
		require.InDelta(t, c.want, style.AUC(c.similar, c.dissimilar), 1e-15)
	}
	for _, v := range [][2][]float64{{nil, {1}}, {{1}, nil}, {{math.NaN()}, {1}}, {{1}, {1, math.NaN()}}} {
		require.True(t, math.IsNaN(style.AUC(v[0], v[1])))
		require.Empty(t, style.ROC(v[0], v[1]).True)
	}
}

func TestROCByHand(t *testing.T) {
	c := style.ROC([]float64{3, 2, 1, 1}, []float64{2, 1, 0, 0})
	require.Equal(t, []float64{0, 0, 0.25, 0.5, 1}, c.False)
	require.Equal(t, []float64{0, 0.25, 0.5, 1, 1}, c.True)
	require.Equal(t, 0.25, c.At(0))
	require.Equal(t, 0.75, c.At(0.375))
	require.Equal(t, 1.0, c.At(1))
	require.True(t, math.IsNaN(c.At(-1)))
}

// Against the definition, counted pair by pair, and against the area under the curve.
func TestAUCIsMannWhitney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Map(rapid.IntRange(-5, 5), func(n int) float64 { return float64(n) / 3 }), 1, 40)
		similar, dissimilar := scores.Draw(t, "similar"), scores.Draw(t, "dissimilar")
		want := 0.0
		for _, s := range similar {
			for _, d := range dissimilar {
				switch {
				case s > d:
					want++
				case s == d:
					want += 0.5
				}
			}
		}
		want /= float64(len(similar) * len(dissimilar))
		got := style.AUC(similar, dissimilar)
		require.InDelta(t, want, got, 1e-12)
		require.InDelta(t, 1-want, style.AUC(dissimilar, similar), 1e-12)
		c := style.ROC(similar, dissimilar)
		require.InDelta(t, want, integrate.Trapezoidal(c.False, c.True), 1e-12)
		labelled, same := append(append([]float64{}, similar...), dissimilar...), make([]bool, len(similar)+len(dissimilar))
		for i := range similar {
			same[i] = true
		}
		stat.SortWeightedLabeled(labelled, same, nil)
		hits, alarms, _ := stat.ROC(nil, labelled, same, nil)
		require.InDeltaSlice(t, alarms, c.False, 1e-12)
		require.InDeltaSlice(t, hits, c.True, 1e-12)
		require.Equal(t, []float64{0, 0, 1, 1}, []float64{c.False[0], c.True[0], c.False[len(c.False)-1], c.True[len(c.True)-1]})
	})
}
