package train_test

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

func TestHooksAreCalledWhenDue(t *testing.T) {
	dir := t.TempDir()
	net := newPerceptron(2, 4, 1, 1)
	var sampled, evaluated, exported []int
	var draws []float64
	run := train.Run{
		Dir: dir, Steps: 10, CheckpointEvery: 4, LogEvery: 5, SampleEvery: 3, EvalEvery: 6, Progress: io.Discard,
		Sample: func(v *train.View) (image.Image, error) {
			sampled = append(sampled, v.Step)
			m := image.NewGray(image.Rect(0, 0, 2, 1))
			m.SetGray(1, 0, color.Gray{Y: uint8(v.Step)})
			return m, nil
		},
		Eval: func(v *train.View) (map[string]float64, error) {
			evaluated = append(evaluated, v.Step)
			draws = append(draws, v.Rand.Float64())
			return map[string]float64{"step": float64(v.Step), "bad": math.NaN()}, nil
		},
		Export: func(v *train.View) error {
			require.Equal(t, dir, v.Dir)
			exported = append(exported, v.Step)
			return nil
		},
	}
	play := func() error {
		return train.Play(context.Background(), run, []train.Player[regression]{regress(net)}, products)
	}
	require.NoError(t, play())
	require.Equal(t, []int{0, 3, 6, 9, 10}, sampled)
	require.Equal(t, []int{0, 6, 10}, evaluated)
	require.Equal(t, []int{4, 8, 10}, exported)
	require.Equal(t, []float64{draws[0], draws[0], draws[0]}, draws)

	f, err := os.Open(filepath.Join(dir, "samples", "step-000009.png"))
	require.NoError(t, err)
	defer f.Close()
	m, err := png.Decode(f)
	require.NoError(t, err)
	require.Equal(t, color.Gray{Y: 9}, m.At(1, 0))

	var steps []int
	for _, r := range readLog(t, dir) {
		steps = append(steps, r.Step)
		require.Equal(t, r.Step%5 == 0 && r.Step > 0, r.Terms != nil)
		require.Equal(t, r.Step != 5, r.Eval != nil)
	}
	require.Equal(t, []int{0, 5, 6, 10}, steps)

	require.NoError(t, play(), "a run that is over is left alone")
	require.Len(t, sampled, 5)
	run.Steps = 11
	require.NoError(t, play())
	require.Equal(t, []int{0, 3, 6, 9, 10, 11}, sampled)
}

func TestErrorsOfHooksEndTheRun(t *testing.T) {
	enough := errors.New("enough")
	for want, set := range map[string]func(r *train.Run){
		"train: sample at step 0: enough":     func(r *train.Run) { r.Sample = func(*train.View) (image.Image, error) { return nil, enough } },
		"train: evaluation at step 0: enough": func(r *train.Run) { r.Eval = func(*train.View) (map[string]float64, error) { return nil, enough } },
		"train: export at step 1: enough":     func(r *train.Run) { r.Export = func(*train.View) error { return enough } },
		"train: step 1: enough":               func(r *train.Run) { r.OnLog = func(train.Record) error { return enough } },
	} {
		run := train.Run{Steps: 1, LogEvery: 1, Progress: io.Discard}
		set(&run)
		err := train.Play(context.Background(), run, []train.Player[regression]{regress(newPerceptron(2, 4, 1, 1))}, products)
		require.ErrorIs(t, err, enough)
		require.EqualError(t, err, want)
	}
}

func TestUnwritableFolderIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o666))
	run := train.Run{Dir: filepath.Join(file, "run"), Steps: 1, Progress: io.Discard}
	err := train.Play(context.Background(), run, []train.Player[regression]{regress(newPerceptron(2, 4, 1, 1))}, products)
	require.ErrorContains(t, err, "train: mkdir ")
}

// The average of n values p₁…pₙ that started at p₀, by its definition.
func TestAverageIsThatOfItsDefinition(t *testing.T) {
	net := newPerceptron(2, 3, 1, 1)
	p := regress(net)
	p.EMA = 0.6
	first := func(m *perceptron) float64 { return float64(m.First.Weight.Value().Data()[0]) }
	want := first(net)
	n := 0.0
	run := train.Run{Steps: 8, EvalEvery: 1, Progress: io.Discard, Eval: func(v *train.View) (map[string]float64, error) {
		if v.Step > 0 {
			n++
			d := min(0.6, (1+n)/(10+n))
			want = d*want + (1-d)*first(net)
		}
		mean := train.Average(v, net)
		require.InDelta(t, want, first(mean), 1e-6)
		require.NotSame(t, net, mean)
		require.Same(t, net.Centre.Mean, mean.Centre.Mean)
		for _, e := range nn.Walk(mean) {
			require.True(t, e.Param == nil || !e.Param.IsRecorded())
		}
		other := newPerceptron(2, 3, 1, 1)
		require.Same(t, other, train.Average(v, other), "a network without an average is itself")
		return nil, nil
	}}
	require.NoError(t, train.Play(context.Background(), run, []train.Player[regression]{p}, products))
	require.InDelta(t, 8, n, 0)
}
