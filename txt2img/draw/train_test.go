package draw

import (
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// An encoder that says what the prior expects tells nothing.
func TestEqualGaussiansDivergeByNothing(t *testing.T) {
	for _, kind := range kinds {
		rng := newRand()
		m := New(small(kind), rng)
		stir(m, rng)
		x, given := random(rng, 2, 6, 7, 2), someText(m.Options, 2, rng)
		silence := func(l *nn.Linear) {
			l.Weight.Value().Fill(0)
			l.Bias.Value().Fill(0)
		}
		silence(m.Posterior)
		if m.Prior != nil {
			require.Greater(t, tensor.Min(m.Forward(x, given, rng).Divergence.Value(), 0).Item(), float32(1e-3))
			silence(m.Prior)
		}
		require.Equal(t, []float32{0, 0}, m.Forward(x, given, rng).Divergence.Value().Data())
	}
}

// tiny is DRAW for synthetic digits of 14×14.
var tiny = Options{Height: 14, Width: 14, Channels: 1, Steps: 6, Hidden: 48, Latent: 8, Read: 3, Write: 5}

func digits(size int) data.Source[Batch] {
	set := synthetic.Digits(400, 1, synthetic.DigitOptions{Side: 14})
	return data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) {
		x := tensor.New(size, 14, 14, 1)
		for i := range size {
			e, err := set.At(rng.IntN(set.Len()))
			if err != nil {
				return Batch{}, err
			}
			for j, v := range e.Image.Data() {
				if v > 0.5 {
					x.Rows(i, i+1).Data()[j] = 1
				}
			}
		}
		return Batch{Images: x}, nil
	})
}

// The bound falls below that of the best picture of independent pixels, which knows the mean of each pixel alone. Six strokes
// through small windows cannot do as well as six of the whole canvas.
func TestTrainingLowersTheBound(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	b, err := digits(400).Batch(0, newRand())
	require.NoError(t, err)
	mean := tensor.Mean(b.Images, 0)
	independent := 0.0
	for i := range mean.Len() {
		independent += entropy(float64(mean.Data()[i]))
	}
	plain := tiny
	plain.Read, plain.Write = 0, 0
	for share, o := range map[float64]Options{0.7: plain, 0.95: tiny} {
		m := New(o, newRand())
		var bounds []float64
		run := train.Run{Steps: 1500, Seed: 1, LogEvery: 300, Progress: io.Discard, OnLog: func(r train.Record) error {
			bounds = append(bounds, float64(r.Terms["bound"]))
			return nil
		}}
		require.NoError(t, train.Play(context.Background(), run, []train.Player[Batch]{m.Player(optim.Adam{Rate: 1e-2, Beta1: 0.5})}, digits(32)))
		t.Logf("bounds %.1f, independent pixels %.1f", bounds, independent)
		require.Less(t, bounds[len(bounds)-1], share*independent)
	}
}

// One batch of canvases is 2.25 MiB here, and a step makes hundreds of that size. What it allocates is less than one of them:
// headers, and what the plan of each product of two matrices needs.
func TestSteadyStepAllocatesNoTensor(t *testing.T) {
	o := tiny
	o.Height, o.Width, o.Steps = 192, 192, 3
	m := New(o, newRand())
	x := tensor.RandU(newRand(), 0, 1, 16, 192, 192, 1)
	source := data.Func[Batch](func(int, *rand.Rand) (Batch, error) { return Batch{Images: x}, nil })
	var before, after runtime.MemStats
	const warm, steps = 5, 5
	run := train.Run{Steps: warm + steps, LogEvery: warm, Progress: io.Discard, OnLog: func(r train.Record) error {
		if r.Step == warm {
			runtime.ReadMemStats(&before)
		}
		return nil
	}}
	require.NoError(t, train.Play(context.Background(), run, []train.Player[Batch]{m.Player(nil)}, source))
	runtime.ReadMemStats(&after)
	require.Less(t, (after.TotalAlloc-before.TotalAlloc)/steps, uint64(16*192*192*4/2))
}

func TestShards(t *testing.T) {
	rng := newRand()
	o := small(Aligned)
	b := Batch{tensor.RandU(rng, 0, 1, 4, 6, 7, 2), someText(o, 4, rng)}
	second, err := b.Shard(1, 2)
	require.NoError(t, err)
	require.Equal(t, b.Text.Words[8:], second.Text.Words)
	require.Equal(t, b.Images.Rows(2, 4), second.Images)
	_, err = b.Shard(0, 3)
	require.Error(t, err)
	one := b.Text.Rows(1, 2).Repeat(3)
	require.Equal(t, b.Text.Words[4:8], one.Words[8:])
}

func TestSwapped(t *testing.T) {
	for _, kind := range kinds {
		rng := newRand()
		o := small(kind)
		b := Batch{tensor.RandU(rng, 0, 1, 3, 6, 7, 2), someText(o, 3, rng)}
		was := b.Text.Rows(0, 3)
		src := data.Func[Batch](func(int, *rand.Rand) (Batch, error) { return b, nil })
		got, err := Swapped(src).Batch(0, rng)
		require.NoError(t, err)
		require.Equal(t, b.Images, got.Images)
		require.Equal(t, was, b.Text, "the source's own text stays")
		for i := range 3 {
			from := (i + 1) % 3
			require.Equal(t, b.Text.Rows(from, from+1).Words, got.Text.Rows(i, i+1).Words)
			if b.Text.Vectors != nil {
				require.Equal(t, b.Text.Vectors.Rows(from, from+1).Data(), got.Text.Vectors.Rows(i, i+1).Data())
			}
		}
	}
}

func TestBinarise(t *testing.T) {
	x := tensor.Full(0.25, 100, 100)
	b := Binarise(x, newRand())
	require.InDelta(t, 0.25, tensor.Mean(b).Item(), 0.02)
	for _, v := range b.Data() {
		require.True(t, v == 0 || v == 1)
	}
	require.Equal(t, tensor.New(3), Binarise(tensor.New(3), newRand()))
	require.Equal(t, tensor.Full(1, 3), Binarise(tensor.Full(1, 3), newRand()))
}

// A picture is painted alike alone and in company, with the same noise and text.
func TestSamplesDoNotMix(t *testing.T) {
	rng := newRand()
	m := New(small(Aligned), rng)
	stir(m, rng)
	given := someText(m.Options, 2, rng)
	x := random(rng, 2, 6, 7, 2)
	m.Posterior.Weight.Value().Fill(0)
	m.Posterior.Bias.Value().Fill(-60) // no noise, so that the order of random numbers does not matter
	both := m.Forward(x, given, rng).Reconstruction.Value()
	for i := range 2 {
		alone := m.Forward(autograd.Const(x.Value().Rows(i, i+1)), given.Rows(i, i+1), rng).Reconstruction.Value()
		require.InDelta(t, alone.Item(), both.At(i), 1e-3)
	}
}
