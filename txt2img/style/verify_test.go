package style_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/integrate"
	"pgregory.net/rapid"
)

// Folds share no picture, pairs are what they say, differ in group, and none is lost while there is room.
func TestPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		styles := rapid.SliceOfN(rapid.IntRange(-1, 15), 40, 120).Draw(t, "styles")
		o := style.PairOptions{
			Folds: rapid.IntRange(1, 4).Draw(t, "folds"),
			Most:  rapid.SampledFrom([]int{0, 3}).Draw(t, "most"),
			Seed:  rapid.Uint64().Draw(t, "seed"),
		}
		if rapid.Bool().Draw(t, "grouped") {
			o.Groups = make([]int, len(styles))
			for i := range o.Groups {
				o.Groups[i] = i % 7
			}
		}
		folds, err := style.Pairs(styles, o)
		if err != nil {
			t.Skip("too few")
		}
		again, err := style.Pairs(styles, o)
		require.NoError(t, err)
		require.Equal(t, folds, again)
		require.Len(t, folds, o.Folds)
		fold, similar := map[int]int{}, 0
		for f, pairs := range folds {
			seen := map[style.Pair]bool{}
			for kind, list := range [][]style.Pair{pairs.Similar, pairs.Dissimilar} {
				require.NotEmpty(t, list)
				if o.Most > 0 {
					require.LessOrEqual(t, len(list), o.Most)
				}
				for _, p := range list {
					require.Less(t, p.A, p.B)
					require.False(t, seen[p])
					seen[p] = true
					require.Equal(t, kind == 0, styles[p.A] == styles[p.B])
					require.GreaterOrEqual(t, min(styles[p.A], styles[p.B]), 0)
					if o.Groups != nil {
						require.NotEqual(t, o.Groups[p.A], o.Groups[p.B])
					}
					for _, i := range []int{p.A, p.B} {
						if g, ok := fold[i]; ok {
							require.Equal(t, f, g)
						}
						fold[i] = f
					}
				}
			}
			similar += len(pairs.Similar)
		}
		if o.Most == 0 {
			want := 0
			for i, a := range styles {
				for j, b := range styles[:i] {
					if a == b && a >= 0 && (o.Groups == nil || o.Groups[i] != o.Groups[j]) {
						want++
					}
				}
			}
			require.Equal(t, want, similar)
		}
	})
}

func TestTooFewPairs(t *testing.T) {
	_, err := style.Pairs([]int{0, 0, 1, 1, 2, 2}, style.PairOptions{})
	require.ErrorContains(t, err, "at least 10 styles")
	_, err = style.Pairs([]int{0, 1, 2, 3}, style.PairOptions{Folds: 2})
	require.ErrorContains(t, err, "0 similar pairs")
	_, err = style.Pairs([]int{0, 0, 1, 1}, style.PairOptions{Folds: 1, Groups: []int{3, 3, 3, 3}})
	require.ErrorContains(t, err, "0 dissimilar")
	require.Panics(t, func() { _, _ = style.Pairs([]int{1}, style.PairOptions{Groups: []int{1, 2}}) })
}

// A sample of pairs is uniform: each of the 6 similar pairs is as likely to be one of two.
func TestPairsAreSampledUniformly(t *testing.T) {
	seen := map[style.Pair]int{}
	for seed := range uint64(3000) {
		folds, err := style.Pairs([]int{0, 0, 0, 0, 1}, style.PairOptions{Folds: 1, Most: 2, Seed: seed})
		require.NoError(t, err)
		for _, p := range folds[0].Similar {
			seen[p]++
		}
	}
	require.Len(t, seen, 6)
	for _, n := range seen {
		require.InDelta(t, 1000, n, 120)
	}
}

func TestCosine(t *testing.T) {
	s := style.Cosine(tensor.FromSlice([]float32{3, 0, 0, 2, -1, 0, 0, 0, 1, 1}, 5, 2))
	require.InDelta(t, 0, s(0, 1), 1e-12)
	require.InDelta(t, -1, s(0, 2), 1e-12)
	require.Zero(t, s(0, 3))
	require.InDelta(t, math.Sqrt(0.5), s(1, 4), 1e-7)
	require.Panics(t, func() { style.Cosine(tensor.New(3)) })
}

func TestVerify(t *testing.T) {
	folds := []style.Fold{
		{Similar: []style.Pair{{0, 1}}, Dissimilar: []style.Pair{{0, 2}, {1, 2}}},
		{Similar: []style.Pair{{3, 4}}, Dissimilar: []style.Pair{{3, 5}}},
	}
	// In the first fold the similar pair beats one of two, in the second it ties.
	v := style.Verify(folds, func(a, b int) float64 { return map[style.Pair]float64{{0, 1}: 1, {0, 2}: 2}[style.Pair{A: a, B: b}] })
	require.Equal(t, []float64{0.5, 0.5}, v.Folds)
	require.Equal(t, 0.5, v.AUC)
	require.Zero(t, v.Spread)
	require.Equal(t, [2]int{2, 3}, v.Pairs)
	v = style.Verify(folds, func(a, b int) float64 { return map[style.Pair]float64{{0, 1}: 1}[style.Pair{A: a, B: b}] })
	require.Equal(t, 0.75, v.AUC)
	require.InDelta(t, math.Sqrt(0.125), v.Spread, 1e-12)
	require.InDelta(t, 0.75, integrate.Trapezoidal(v.ROC.False, v.ROC.True), 1e-9)
	require.Equal(t, "AUC 0.750 ± 0.354 over 2 folds (2 similar and 3 dissimilar pairs)", v.String())
	require.Zero(t, style.Verify(folds[:1], func(a, b int) float64 { return 0 }).Spread)

	v = style.Verify(folds, func(a, b int) float64 { return math.NaN() })
	require.True(t, math.IsNaN(v.AUC))
	var chart style.Chart
	chart.Add("broken", v)
	_, err := chart.Draw()
	require.ErrorContains(t, err, `"broken"`)
	require.Panics(t, func() { style.Verify(nil, nil) })
	require.Panics(t, func() { style.Verify([]style.Fold{{}}, nil) })
}

// The ends of curves are exact, whatever the number of pairs: every mean curve can be drawn.
func TestMeanCurves(t *testing.T) {
	rng := newRand(3)
	for n := 1; n < 300; n++ {
		folds := make([]style.Fold, 3)
		for f := range folds {
			for i := range n {
				folds[f].Similar = append(folds[f].Similar, style.Pair{A: f, B: i})
				folds[f].Dissimilar = append(folds[f].Dissimilar, style.Pair{A: f, B: n + i}, style.Pair{A: f, B: 2*n + i})
			}
		}
		noise := style.Verify(folds, func(_, b int) float64 { return float64(rng.IntN(2 * n)) })
		perfect := style.Verify(folds, func(_, b int) float64 { return -float64(b) })
		for _, v := range []style.Verification{noise, perfect} {
			for i, x := range v.ROC.False {
				require.True(t, x >= 0 && x <= 1 && v.ROC.True[i] >= 0 && v.ROC.True[i] <= 1+1e-12, "%d: (%g, %g)", n, x, v.ROC.True[i])
			}
			require.InDelta(t, v.AUC, integrate.Trapezoidal(v.ROC.False, v.ROC.True), 0.02+0.5/float64(n))
		}
		require.Equal(t, 1.0, perfect.AUC)
	}
}

func TestChart(t *testing.T) {
	folds := []style.Fold{{Similar: []style.Pair{{0, 1}}, Dissimilar: []style.Pair{{0, 2}}}}
	chart := style.Chart{Title: "background"}
	empty, err := chart.Draw()
	require.NoError(t, err)
	chart.Add("style", style.Verify(folds, func(_, b int) float64 { return -float64(b) }))
	full, err := chart.Draw()
	require.NoError(t, err)
	require.Equal(t, empty.Bounds(), full.Bounds())
	require.NotEqual(t, empty, full)
}

func TestPaint(t *testing.T) {
	p, err := style.Paint(newPainter(1), bank(), style.PaintOptions{Styles: 6, Each: 3, Latent: latent, Average: 2, Seed: 1})
	require.NoError(t, err)
	require.Equal(t, []int{18, side, side, 3}, p.Pictures.Shape())
	require.Equal(t, []int{18, width}, p.Texts.Shape())
	for a := range 18 {
		for b := range a {
			same := p.Styles[a] == p.Styles[b]
			require.Equal(t, same, tensor.Norm(tensor.Sub(p.Noise.Rows(a, a+1), p.Noise.Rows(b, b+1))) == 0)
			if same {
				require.NotEqual(t, p.Captions[a], p.Captions[b])
			}
		}
	}
	_, err = style.Paint(newPainter(1), bank()[:2], style.PaintOptions{Each: 3})
	require.ErrorContains(t, err, "want 3 or more")
	require.Panics(t, func() { _, _ = style.Paint(newPainter(1), bank(), style.PaintOptions{Styles: -1}) })
}

// The encoder tells the style of painted pictures where captions, which are drawn apart from it, cannot.
func TestEncoderBeatsTheCaptions(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	g, e := newPainter(1), newEncoder(2)
	p, err := style.Paint(g, bank(), style.PaintOptions{Latent: latent, Seed: 1})
	require.NoError(t, err)
	folds, err := style.Pairs(p.Styles, style.PairOptions{Groups: p.Captions})
	require.NoError(t, err)
	untrained := style.Verify(folds, style.Cosine(style.Of(e, p.Pictures)))
	play(t, style.Game{Generator: g, Encoder: e, Latent: latent}, 250)
	ours := style.Verify(folds, style.Cosine(style.Of(e, p.Pictures)))
	baseline := style.Verify(folds, style.Cosine(p.Texts))
	t.Logf("encoder %v; untrained %v; captions %v", ours, untrained, baseline)
	require.Greater(t, ours.AUC, 0.9)
	require.Greater(t, ours.AUC, untrained.AUC)
	require.InDelta(t, 0.5, baseline.AUC, 0.06)
}
