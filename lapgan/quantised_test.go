package lapgan

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func newQuantised(values int, whole bool) *Quantised {
	m := pixelrnn.New(pixelrnn.Options{Height: 3, Width: 3, Channels: 1, Values: values, Hidden: 4, Layers: 1, Low: 1}, newRand(3))
	q := NewQuantised(m, 1.5)
	q.Whole = whole
	return q
}

func TestBins(t *testing.T) {
	q := newQuantised(256, false)
	all := tensor.Arange(256)
	require.Equal(t, all.Data(), q.Quantise(q.Centres(all)).Data())
	x := tensor.RandU(newRand(1), -1.5, 1.5, 1000)
	require.LessOrEqual(t, maxDiff(x, q.Centres(q.Quantise(x))), q.width()/2+1e-6)
	ends := q.Quantise(tensor.FromSlice([]float32{-9, -1.5, 1.5, 9}, 4))
	require.Equal(t, []float32{0, 0, 255, 255}, ends.Data())
	require.InDelta(t, 0.99, QuantileRange(tensor.RandU(newRand(2), -1, 1, 20000), 0.99), 0.01)
	require.Equal(t, 4.0, QuantileRange(tensor.FromSlice([]float32{1, -4, 2}, 3), 1))
}

// The density adds up to one: with one value per image drawn at all bins it is probability over width.
func TestQuantisedDensity(t *testing.T) {
	m := pixelrnn.New(pixelrnn.Options{Height: 1, Width: 1, Channels: 2, Values: 4, Hidden: 4, Layers: 1}, newRand(3))
	q := NewQuantised(m, 2)
	sum := 0.0
	for a := range 4 {
		for b := range 4 {
			x := q.Centres(tensor.FromSlice([]float32{float32(a), float32(b)}, 1, 1, 1, 2))
			sum += math.Exp(q.LogProb(x, Given{N: 1})[0])
		}
	}
	require.InDelta(t, 1, sum*q.width()*q.width(), 1e-4)
}

// Given a low-pass image, a model of whole images is one of residuals: both add up to bins.
func TestWhole(t *testing.T) {
	for _, whole := range []bool{false, true} {
		q := newQuantised(16, whole)
		given := Given{N: 2, Low: tensor.RandN(newRand(1), 2, 3, 3, 1)}
		h := q.Sample(given, newRand(2))
		x := h
		if whole {
			x = tensor.Add(h, given.Low)
		}
		require.Less(t, maxDiff(x, q.Centres(q.Quantise(x))), 1e-5, "drawn values are centres of bins")
		require.Len(t, q.LogProb(h, given), 2)
	}
	require.Panics(t, func() { newQuantised(16, true).Sample(Given{N: 1}, newRand(1)) })
}

// A level whose residual is the sign of the low-pass image is learned only if the condition arrives.
func TestConditionIsLearned(t *testing.T) {
	q := newQuantised(2, false)
	src := data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) {
		low := tensor.RandN(rng, 32, 3, 3, 1)
		return Batch{Target: tensor.Sign(low), Low: low}, nil
	})
	players := []train.Player[Batch]{q.Player(optim.Adam{Rate: 3e-2})}
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 150, Seed: 1, Progress: io.Discard}, players, src))
	b, err := src.Batch(0, newRand(7))
	require.NoError(t, err)
	nats := 0.0
	for _, v := range q.LogProb(b.Target, b.Given()) {
		nats -= v + 9*math.Log(q.width()) // the probability of bins again
	}
	require.Less(t, nats/32, 0.5*9*math.Ln2, "half of what it takes without the condition")
}

func TestScore(t *testing.T) {
	target := tensor.RandN(newRand(1), 5, 4, 4, 1)
	b := Batch{Target: target, Low: tensor.RandN(newRand(2), 5, 4, 4, 1)}
	off := LevelFunc(func(given Given, _ *rand.Rand) *tensor.Tensor {
		x := tensor.New(given.N, 4, 4, 1)
		for i := range given.N {
			for k := range 5 {
				if maxDiff(given.Low.Rows(i, i+1), b.Low.Rows(k, k+1)) == 0 {
					// The nearest of the draws is the last: off by 1/n in one pixel.
					x.Rows(i, i+1).CopyFrom(target.Rows(k, k+1))
					x.Set(x.At(i, 0, 0, 0)+1/float32(i+1), i, 0, 0, 0)
				}
			}
		}
		return x
	})
	f, err := Score(off, b, 10, newRand(3))
	require.NoError(t, err)
	require.InDelta(t, 0.1, f.Value, 1e-5)
}

// Against the closed form: a level that always draws zeros is a Gaussian of width σ at zero.
func TestFactorisedLikelihood(t *testing.T) {
	zeros := LevelFunc(func(given Given, _ *rand.Rand) *tensor.Tensor {
		if given.Low != nil {
			return tensor.New(given.Low.Shape()...)
		}
		return tensor.New(given.N, 2, 2, 1)
	})
	p := Pyramid{Sizes: []int{2, 4}, Levels: []Level{zeros, zeros}, Operator: Box{}}
	x := tensor.RandN(newRand(1), 6, 4, 4, 1)
	figures, err := LogLikelihood(p, x, x, nil, nil, LikelihoodOptions{Draws: 3, Sigmas: []float64{0.01, 0.7, 50}}, newRand(2))
	require.NoError(t, err)
	require.Len(t, figures, 3)
	const sigma = 0.7
	want := 0.0
	c := Build(Box{}, x, Squares(2, 4))
	for k, v := range []*tensor.Tensor{c.Stages[0].Image, c.Stages[1].Residual} {
		ll := (-0.5*tensor.Dot(v, v)/(sigma*sigma))/6 - float64(v.Len()/6)*math.Log(sigma*math.Sqrt(2*math.Pi))
		require.InDelta(t, ll, figures[k].Value, 1e-3)
		require.Contains(t, figures[k].Protocol, "σ 0.7, N 3")
		want += ll
	}
	require.InDelta(t, want, figures[2].Value, 1e-3)
}
