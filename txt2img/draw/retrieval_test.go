package draw

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func TestRetrieve(t *testing.T) {
	scores := tensor.FromSlice([]float32{
		3, 2, 1, 0, 0, 0,
		3, 2, 1, 0, 0, 0,
		0, 0, 0, 0, 0, 0,
	}, 3, 6)
	r := Retrieve(scores, []int{0, 1, 2})
	require.Equal(t, 3, r.Captions)
	require.InDelta(t, 1.0/3, r.At[1], 1e-12)
	require.InDelta(t, 1, r.At[5], 1e-12) // the third's rank is 3.5, shared by all
	require.Equal(t, 2.0, r.Median)
	require.NotContains(t, r.At, 10)
	require.Equal(t, "R@1 33.3 %, R@5 100.0 %, median rank 2 of 6 (by chance 3.5), 3 captions", r.String())
	require.Panics(t, func() { Retrieve(scores, []int{0}) })
}

func TestWhatIsNotANumberIsLast(t *testing.T) {
	nan := float32(math.NaN())
	r := Retrieve(tensor.FromSlice([]float32{nan, 1, 1}, 1, 3), []int{0})
	require.Equal(t, 3.0, r.Median)
}

// A picture that scores high whatever the caption is no answer to all of them.
func TestRelative(t *testing.T) {
	scores := tensor.FromSlice([]float32{
		-100, -500, -10,
		-104, -490, -10,
	}, 2, 3)
	require.Equal(t, 3.0, Retrieve(scores, []int{1, 1}).Median)
	r := Relative(scores)
	require.Equal(t, 0.0, Retrieve(r, []int{0, 1}).Median-1)
	require.InDelta(t, math.Ln2-math.Log1p(math.Exp(-4)), r.At(0, 0), 1e-4)
	require.InDelta(t, 0, r.At(0, 2), 1e-6)
}

// Scores are the bounds of the pictures, and a text's own are as if it were alone.
func TestScores(t *testing.T) {
	rng := newRand()
	m := New(small(Aligned), rng)
	stir(m, rng)
	x := tensor.RandU(rng, 0, 1, 3, 6, 7, 2)
	both := someText(m.Options, 2, rng)
	scores := m.Scores(x, []Text{both.Rows(0, 1), both.Rows(1, 2)}, 5)
	require.Equal(t, []int{2, 3}, scores.Shape())
	again := m.Scores(x, []Text{both.Rows(1, 2)}, 5)
	require.Equal(t, scores.Rows(1, 2).Data(), again.Data())
	for _, v := range scores.Data() {
		require.Less(t, v, float32(0))
	}
}
