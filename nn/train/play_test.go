package train_test

import (
	"context"
	"io"
	"math"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestGameOfOneLearns(t *testing.T) {
	net := newPerceptron(2, 16, 1, 1)
	var losses []float64
	run := train.Run{Steps: 400, Seed: 1, Progress: io.Discard, OnLog: func(r train.Record) error {
		losses = append(losses, float64(r.Terms["mse"]))
		require.Equal(t, map[string]train.Number{"model": 0.02}, r.Rates)
		require.Contains(t, r.Norms, "model")
		return nil
	}}
	require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{regress(net)}, products))
	require.Len(t, losses, 40)
	require.Less(t, losses[39], losses[0]/8)
}

func TestGameOfTwoLearns(t *testing.T) {
	gen, disc := newPerceptron(2, 16, 2, 1), newPerceptron(2, 16, 1, 2)
	mean := func(v *train.View, g *perceptron) *tensor.Tensor {
		return autograd.Mean(train.Average(v, g).Forward(autograd.Const(tensor.RandN(v.Rand, 512, 2)), nil), 0).Value()
	}
	var seen []float64
	run := train.Run{Steps: 400, Seed: 3, EvalEvery: 100, Progress: io.Discard, Eval: func(v *train.View) (map[string]float64, error) {
		m := mean(v, gen)
		seen = append(seen, math.Hypot(float64(m.At(0))-2, float64(m.At(1))+1))
		return map[string]float64{"off": seen[len(seen)-1]}, nil
	}}
	require.NoError(t, train.Play(context.Background(), run, gan(gen, disc), gauss))
	require.Len(t, seen, 5)
	require.Greater(t, seen[0], 1.5)
	require.Less(t, seen[4], 0.5)
}

func TestFrozenNetworkKeepsItsParametersAndMovesItsStatistics(t *testing.T) {
	gen, disc := newPerceptron(2, 4, 2, 1), newPerceptron(2, 4, 1, 2)
	before := values(disc)
	players := gan(gen, disc)[1:]
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 3, Progress: io.Discard}, players, gauss))
	after := values(disc)
	i := 0
	for _, e := range nn.Walk(disc) {
		n := e.Tensor().Len()
		if e.Param != nil {
			require.Equal(t, before[i:i+n], after[i:i+n], e.Name)
		} else {
			require.NotEqual(t, before[i:i+n], after[i:i+n], e.Name)
		}
		i += n
	}
}

// The bits may depend on the number of shards, but not on who computes them.
func TestBitsDoNotDependOnTheNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, shards := range []int{1, 4} {
		var want []float32
		for _, procs := range []int{1, 2, 3, 8} {
			runtime.GOMAXPROCS(procs)
			gen, disc := newPerceptron(2, 16, 2, 1), newPerceptron(2, 16, 1, 2)
			players := gan(gen, disc)
			players[1].Accumulate = 2
			run := train.Run{Steps: 12, Seed: 5, Shards: shards, Progress: io.Discard}
			require.NoError(t, train.Play(context.Background(), run, players, gauss))
			got := append(values(gen), values(disc)...)
			if want == nil {
				want = got
			}
			require.Equal(t, want, got, "shards %d, GOMAXPROCS %d", shards, procs)
		}
	}
}

// With a loss that is a mean and no state, shards and accumulation change nothing but the rounding.
func TestShardsAndAccumulationAverage(t *testing.T) {
	play := func(change func(*train.Run, *train.Player[regression])) []float32 {
		net := &dense{autograd.Const(tensor.New(2, 1)), autograd.Const(tensor.New(1))}
		run := train.Run{Steps: 1, Seed: 5, Progress: io.Discard}
		p := train.Player[regression]{Model: net, Opt: optim.SGD{Rate: 1}, Loss: func(s *train.Step, b regression) train.Terms {
			y := train.Use(s, net).Forward(s.Const(b.X))
			return train.Terms{{Name: "mse", Weight: 1, Value: autograd.Mean(autograd.Square(autograd.Sub(y, s.Const(b.Y))))}}
		}}
		change(&run, &p)
		require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{p}, products))
		return values(net)
	}
	whole := play(func(*train.Run, *train.Player[regression]) {})
	require.NotEqual(t, []float32{0, 0, 0}, whole)
	for _, k := range []int{2, 4, 8, 32} {
		require.InDeltaSlice(t, whole, play(func(r *train.Run, _ *train.Player[regression]) { r.Shards = k }), 1e-6)
	}
	double := play(func(_ *train.Run, p *train.Player[regression]) { p.Accumulate = 2 })
	require.NotEqual(t, whole, double)
}

// backwards computes parts in the reverse order, as another machine might.
type backwards struct{ turns *int }

func (b backwards) Collect(parts []*train.Part, compute func(i int)) error {
	*b.turns++
	for i := range parts {
		compute(len(parts) - 1 - i)
	}
	return nil
}

func TestExchangeDecidesWhoComputesAndNothingElse(t *testing.T) {
	play := func(e train.Exchange) []float32 {
		net := newPerceptron(2, 8, 1, 1)
		run := train.Run{Steps: 5, Shards: 8, Exchange: e, Progress: io.Discard}
		require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{regress(net)}, products))
		return values(net)
	}
	turns := 0
	require.Equal(t, play(nil), play(backwards{&turns}))
	require.Equal(t, 5, turns)
}

func TestPanicOfALossComesOut(t *testing.T) {
	for _, shards := range []int{1, 8} {
		p := regress(newPerceptron(2, 8, 1, 1))
		p.Loss = func(*train.Step, regression) train.Terms { panic("shapes") }
		run := train.Run{Steps: 5, Shards: shards, Progress: io.Discard}
		require.PanicsWithValue(t, "shapes", func() {
			_ = train.Play(context.Background(), run, []train.Player[regression]{p}, products)
		})
	}
}

func TestShardsThatDoNotFitAreAnError(t *testing.T) {
	net := newPerceptron(2, 4, 1, 1)
	run := train.Run{Steps: 1, Shards: 5, Progress: io.Discard}
	err := train.Play(context.Background(), run, []train.Player[regression]{regress(net)}, products)
	require.EqualError(t, err, "train: cannot cut a batch (train_test.regression) into 5 shards: 32 examples are not a multiple of 5")
}
