package metric

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// table is a recogniser whose logits are the pixels, times a factor.
type table struct{ scale float32 }

func (table) Name() string { return "table" }
func (f table) Features(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	return autograd.Scale(Pixels{}.Features(x, pass), f.scale)
}
func (f table) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var { return f.Features(x, pass) }

// oneHot returns n pictures of 1×k pixels, of which picture i is white at i mod k.
func oneHot(n, k int) *tensor.Tensor {
	x := tensor.New(n, 1, k, 1)
	for i := range n {
		x.Set(1, i, 0, i%k, 0)
	}
	return x
}

func TestInceptionScore(t *testing.T) {
	// Certain and even over 4 classes: 4. Undecided: 1. Always the same class: 1.
	for _, c := range []struct {
		judge table
		x     *tensor.Tensor
		want  float64
	}{
		{table{200}, oneHot(40, 4), 4},
		{table{0}, oneHot(40, 4), 1},
		{table{200}, tensor.BroadcastTo(oneHot(1, 4), 40, 1, 4, 1), 1},
	} {
		f, err := InceptionScore(c.judge, InMemory(c.x), ScoreOptions{})
		require.NoError(t, err)
		require.InDelta(t, c.want, f.Value, 1e-9)
	}
	// p = (q, 1−q) and (1−q, q) in turn, with logits 1 and 0: the score is 2·q^q·(1−q)^(1−q).
	q := 1 / (1 + math.Exp(-1))
	f, err := InceptionScore(table{1}, InMemory(oneHot(20, 2)), ScoreOptions{Splits: 1})
	require.NoError(t, err)
	require.InDelta(t, 2*math.Pow(q, q)*math.Pow(1-q, 1-q), f.Value, 1e-6)
	require.Equal(t, "judge table, 2 classes, 20 pictures, 1 splits, ± deviation over splits", f.Protocol)
	_, err = InceptionScore(table{1}, InMemory(oneHot(5, 2)), ScoreOptions{})
	require.ErrorContains(t, err, "5 pictures in 10 splits")
}

func TestRecognised(t *testing.T) {
	f, err := Recognised(table{1}, InMemory(oneHot(4, 4)), []int{0, 1, 2, 0})
	require.NoError(t, err)
	require.Equal(t, 0.75, f.Value)
	m, err := Confusion(table{1}, InMemory(oneHot(4, 4)), []int{0, 1, 2, 0})
	require.NoError(t, err)
	require.Equal(t, [][]int{{1, 0, 0, 1}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 0}}, m)
	_, err = Recognised(table{1}, InMemory(oneHot(4, 4)), []int{0, 1, 2, 4})
	require.EqualError(t, err, `metric: picture 3 is of class 4; judge "table" knows 0 to 3`)
	_, err = Recognised(table{1}, InMemory(oneHot(4, 4)), []int{0})
	require.ErrorContains(t, err, "1 labels for 4 pictures")
}

func TestWhatIsNotANumberIsNamed(t *testing.T) {
	x := oneHot(2*Block, 4)
	inf := table{float32(math.Inf(1))}
	_, err := Measure(inf, InMemory(x))
	require.EqualError(t, err, `metric: output 0 of network "table" for picture 0 is +Inf`)
	x.Set(float32(math.NaN()), Block+3, 0, 1, 0)
	_, err = Extract(Pixels{}, InMemory(x))
	require.EqualError(t, err, "metric: picture 103 holds NaN")
	x.Set(-1, Block+3, 0, 1, 0)
	_, err = Extract(Pixels{}, InMemory(x))
	require.EqualError(t, err, "metric: picture 103 holds -1; want values in [0, 1]: map [-1, 1] by (x+1)/2, and clamp")
}

func TestImagesAreReadInBlocks(t *testing.T) {
	x := tensor.RandU(newRand(1), 0, 1, 2*Block+7, 2, 3, 1)
	var asked []int
	f, err := Extract(Pixels{}, Generated(x.Dim(0), func(lo, hi int) (*tensor.Tensor, error) {
		asked = append(asked, lo, hi)
		return x.Rows(lo, hi), nil
	}))
	require.NoError(t, err)
	require.Equal(t, []int{0, Block, Block, 2 * Block, 2 * Block, 2*Block + 7}, asked)
	require.Equal(t, x.Data(), f.X.Data())
	require.Equal(t, 6, f.Dims())

	want, err := Measure(Pixels{}, InMemory(x))
	require.NoError(t, err)
	got, err := f.Stats()
	require.NoError(t, err)
	require.Equal(t, want, got)

	broken := errors.New("broken")
	_, err = Extract(Pixels{}, Generated(3, func(int, int) (*tensor.Tensor, error) { return nil, broken }))
	require.ErrorIs(t, err, broken)
	_, err = Extract(Pixels{}, Generated(3, func(int, int) (*tensor.Tensor, error) { return x.Rows(0, 2), nil }))
	require.ErrorContains(t, err, "asked for 3 pictures (N,H,W,C), got (2,2,3,1)")
	_, err = Extract(Pixels{}, InMemory(tensor.New(0, 2, 3, 1)))
	require.ErrorContains(t, err, "no pictures")
}
