package pixelrnn

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
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

// variants are models of every kind, with and without conditions, colours and skips.
func variants() []Options {
	var out []Options
	for _, kind := range kinds {
		out = append(out,
			Options{Kind: kind, Height: 4, Width: 5, Channels: 3, Values: 6, Hidden: 7, Layers: 2, Classes: 3, Low: 2},
			Options{Kind: kind, Height: 5, Width: 3, Channels: 1, Values: 2, Hidden: 9, Layers: 2, Skips: true},
			Options{Kind: kind, Height: 1, Width: 4, Channels: 2, Values: 3, Hidden: 4, Layers: 1, Classes: 2},
			Options{Kind: kind, Height: 4, Width: 1, Channels: 1, Values: 3, Hidden: 4, Layers: 1, Low: 1},
		)
	}
	return out
}

func forEach(t *testing.T, f func(t *testing.T, m *Model, rng *rand.Rand)) {
	for i, o := range variants() {
		t.Run(fmt.Sprintf("%s/%d", o.Kind, i), func(t *testing.T) {
			rng := newRand(uint64(i))
			m := New(o, rng)
			stir(m, rng)
			f(t, m, rng)
		})
	}
}

// naive draws images with a whole forward pass for every value.
func naive(m *Model, n int, given Condition, rng *rand.Rand) *tensor.Tensor {
	o := m.Options
	x := tensor.New(n, o.Height, o.Width, o.Channels)
	low, class := m.vars(given)
	for r := range o.Height {
		for c := range o.Width {
			for k := range o.Channels {
				y := m.Forward(autograd.Const(x), low, class).Value().Reshape(n, o.Height, o.Width, o.Channels, o.outputs())
				for i := range n {
					x.Set(m.draw(func(v int) float64 { return float64(y.At(i, r, c, k, v)) }, rng), i, r, c, k)
				}
			}
		}
	}
	return x
}

// Sampling pixel by pixel draws the same images as whole forward passes do.
func TestSamplingEqualsNaiveSampling(t *testing.T) {
	forEach(t, func(t *testing.T, m *Model, rng *rand.Rand) {
		given := conditionFor(m, 3, rng)
		require.Equal(t, naive(m, 3, given, newRand(5)).Data(), m.Sample(3, given, newRand(5)).Data())
		require.NotEqual(t, m.Sample(3, given, newRand(6)).Data(), m.Sample(3, given, newRand(5)).Data())
	})
}

// The logits on the way are those of a whole forward pass.
func TestPixelLogits(t *testing.T) {
	forEach(t, func(t *testing.T, m *Model, rng *rand.Rand) {
		o := m.Options
		x, given := values(m, 2, rng), conditionFor(m, 2, rng)
		low, class := m.vars(given)
		want := m.Forward(autograd.Const(x), low, class).Value().Reshape(2, o.Height, o.Width, o.Channels, o.outputs())
		p := m.newPainter(2, given)
		for r := range o.Height {
			p.row(r)
			for c := range o.Width {
				for k := range o.Channels {
					got := p.logits(r, c)
					for i := range 2 {
						for v := range o.outputs() {
							require.InDelta(t, want.At(i, r, c, k, v), got.At(i, v*o.Channels+k), 2e-5)
						}
						p.set(i, r, c, k, x.At(i, r, c, k))
					}
				}
			}
		}
	})
}

func TestEveryParameterLearns(t *testing.T) {
	forEach(t, func(t *testing.T, m *Model, rng *rand.Rand) {
		low, class := m.vars(conditionFor(m, 3, rng))
		tape := autograd.NewTape()
		bound := nn.Bind(tape, m)
		x := values(m, 3, rng)
		grads := autograd.Grad(autograd.Sum(m.logProb(x, bound.Forward(tape.Const(x), low, class))), nn.Params(bound)...)
		for i, e := range nn.Walk(bound) {
			if m.Options.Height == 1 {
				continue // a single row leaves the second direction unused
			}
			require.NotZero(t, tensor.Norm(grads[i]), e.Name)
		}
	})
}

// Probabilities of all images there are add up to one.
func TestProbabilitiesAddUp(t *testing.T) {
	for _, kind := range kinds {
		for _, o := range []Options{
			{Height: 2, Width: 2, Channels: 2, Values: 2},
			{Height: 3, Width: 3, Channels: 1, Values: 2},
			{Height: 1, Width: 2, Channels: 2, Values: 3},
			{Height: 2, Width: 1, Channels: 3, Values: 3, Classes: 2},
		} {
			o.Kind, o.Hidden, o.Layers = kind, 4, 2
			rng := newRand(8)
			m := New(o, rng)
			stir(m, rng)
			count := 1
			for range m.Dims() {
				count *= o.Values
			}
			all := tensor.New(count, o.Height, o.Width, o.Channels)
			given := Condition{}
			for i := range count {
				rest := i
				for k := range m.Dims() {
					all.Rows(i, i+1).Data()[k] = float32(rest % o.Values)
					rest /= o.Values
				}
				given.Classes = append(given.Classes, 1)
			}
			sum := 0.0
			for _, v := range m.LogProb(all, given) {
				sum += math.Exp(v)
			}
			require.InDelta(t, 1, sum, 1e-4, "%+v", o)
		}
	}
}

// A model that knows nothing needs log₂ 256 bits for a value, and so many nats for the loss.
func TestUniformModelNeedsEightBits(t *testing.T) {
	m := New(Options{Height: 3, Width: 3, Hidden: 4, Layers: 1}, newRand(1))
	m.Out.Conv.Weight.Value().Fill(0)
	m.Out.Conv.Bias.Value().Fill(0)
	x := values(m, 2, newRand(2))
	require.InDelta(t, 8, BitsPerDim(m.LogProb(x, Condition{}), m.Dims()), 1e-5)
	require.InDelta(t, -27*math.Log(256), m.LogProb(x, Condition{})[1], 1e-3)
}

func TestCompleteKeepsWhatIsKnown(t *testing.T) {
	forEach(t, func(t *testing.T, m *Model, rng *rand.Rand) {
		given := conditionFor(m, 2, rng)
		x := m.Sample(2, given, newRand(3))
		all := m.Complete(x, func(int, int) bool { return true }, given, newRand(4))
		require.Equal(t, x.Data(), all.Data())
		top := (m.Options.Height + 1) / 2
		lower := m.Complete(x, func(r, _ int) bool { return r < top }, given, newRand(4))
		require.Equal(t, tensor.Slice(x, 1, 0, top).Data(), tensor.Slice(lower, 1, 0, top).Data())

		// Had the known part been drawn, the same numbers would have completed it.
		rng = newRand(3)
		for range 2 * top * m.Options.Width * m.Options.Channels {
			rng.Float64()
		}
		require.Equal(t, x.Data(), m.Complete(x, func(r, _ int) bool { return r < top }, given, rng).Data())
	})
}

func TestLearnsDigits(t *testing.T) {
	m := synthetic.Digits(1500, 1, synthetic.DigitOptions{Side: 8, Vary: 0.3})
	x, err := m.Block(0, 1500)
	require.NoError(t, err)
	x = tensor.Crop2D(tensor.Sign(tensor.LeakyReLU(tensor.Affine(x, 1, -0.5), 0)), 1, 1, 6, 6)
	test := x.Rows(1400, 1500)
	src := data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) {
		index := make([]int, 32)
		for i := range index {
			index[i] = rng.IntN(1400)
		}
		return Batch{X: tensor.Gather(x, index)}, nil
	})
	mean := tensor.Mean(x.Rows(0, 1400), 0)
	independent := 0.0 // what pixels by themselves say
	for i := range 100 {
		for k, v := range test.Rows(i, i+1).Data() {
			p := min(max(float64(mean.Data()[k]), 0.01), 0.99)
			independent -= math.Log(p*float64(v)+(1-p)*float64(1-v)) / 100
		}
	}
	for _, kind := range kinds {
		model := New(Options{Kind: kind, Height: 6, Width: 6, Channels: 1, Values: 2, Hidden: 12, Layers: 1}, newRand(4))
		run := train.Run{Steps: 120, Seed: 1, Progress: io.Discard}
		players := []train.Player[Batch]{model.Player(optim.Adam{Rate: 2e-2})}
		require.NoError(t, train.Play(context.Background(), run, players, data.Source[Batch](src)))
		nats := BitsPerDim(model.LogProb(test, Condition{}), model.Dims()) * math.Ln2 * float64(model.Dims())
		t.Logf("%s: %.2f nats; pixels by themselves %.2f", kind, nats, independent)
		require.Less(t, nats, independent-1)
	}
}

func TestBinarise(t *testing.T) {
	x := tensor.Concat(0, tensor.New(1, 4, 4, 1), tensor.Full(1, 1, 4, 4, 1), tensor.Full(0.3, 400, 4, 4, 1))
	y := Binarise(x, newRand(1))
	require.Equal(t, float32(0), tensor.Max(y.Rows(0, 1)).Item())
	require.Equal(t, float32(1), tensor.Min(y.Rows(1, 2)).Item())
	require.InDelta(t, 0.3, tensor.Mean(y.Rows(2, 402)).Item(), 0.03)
}

func TestOptionsAreChecked(t *testing.T) {
	for want, o := range map[string]Options{
		"no kind":    {Kind: "transformer", Height: 2, Width: 2},
		"images of":  {Width: 2},
		"each needs": {Height: 2, Width: 2, Hidden: 2},
		"values":     {Height: 2, Width: 2, Values: 1},
	} {
		require.ErrorContains(t, o.Check(), want)
		require.Panics(t, func() { New(o, newRand(1)) })
	}
	require.NoError(t, Options{Height: 2, Width: 2}.Check())
	m := New(Options{Height: 2, Width: 2, Classes: 2, Hidden: 4, Layers: 1}, newRand(1))
	require.Panics(t, func() { m.Sample(1, Condition{}, newRand(1)) }, "a class is missing")
	require.Panics(t, func() { m.LogProb(tensor.Full(0.5, 1, 2, 2, 3), Condition{Classes: []int{0}}) }, "no whole number")
}
