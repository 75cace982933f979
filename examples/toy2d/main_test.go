package main

import (
	"context"
	"flag"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func do(c cli.Command, args ...string) error {
	flags := flag.NewFlagSet("toy2d", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	run := c.Setup(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	return run(context.Background(), flags.Args())
}

func TestTrainSampleEval(t *testing.T) {
	for _, loss := range []string{"r1", "wgan-gp"} {
		dir := filepath.Join(t.TempDir(), "run")
		small := []string{"-out", dir, "-loss", loss, "-mixture", "ring", "-width", "8", "-batch", "16"}
		require.NoError(t, do(trainCommand, append(small, "-steps", "2")...))
		require.FileExists(t, filepath.Join(dir, "samples", "step-000002.png"))
		require.ErrorContains(t, do(trainCommand, append(small, "-steps", "3")...), "holds a run already; -resume goes on with it")
		require.NoError(t, do(trainCommand, append(small, "-steps", "3", "-resume")...))
		model, points := filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "points.png")
		require.NoError(t, do(sampleCommand, "-model", model, "-n", "10", points))
		require.FileExists(t, points)
		require.NoError(t, do(evalCommand, "-model", model, "-n", "100"))
		require.Error(t, do(evalCommand, "-model", points), "a picture is no model")
	}
	require.ErrorContains(t, do(trainCommand, "-out", t.TempDir(), "-loss", "none"), `no loss "none"`)
	require.ErrorContains(t, do(trainCommand, "-out", t.TempDir(), "-mixture", "none"), `no mixture "none"`)
	require.ErrorContains(t, do(trainCommand), "-out is needed")
}

func TestMeasure(t *testing.T) {
	for name, modes := range map[string]int{"ring": 8, "grid": 25} {
		m, err := newMixture(name, 1)
		require.NoError(t, err)
		s := m.measure(m.draw(5000, rand.New(rand.NewPCG(1, 1))))
		require.Equal(t, modes, s.covered)
		require.Greater(t, s.near, 0.99, "0.03 % of a Gaussian of the plane lie beyond 4σ")
		one := tensor.New(100, 2)
		for i := range 100 {
			one.Set(float32(m.centres[0][0]), i, 0)
			one.Set(float32(m.centres[0][1]), i, 1)
		}
		require.Equal(t, score{covered: 1, near: 1}, m.measure(one))
		require.Equal(t, score{}, m.measure(tensor.Full(0.5, 100, 2)))
	}
}

func TestSine(t *testing.T) {
	gradtest.Check(t, gradtest.Case{Name: "Sine", In: []*tensor.Tensor{tensor.RandN(rand.New(rand.NewPCG(1, 1)), 3, 4)},
		F:   func(in ...*autograd.Var) *autograd.Var { return sine(in[0]) },
		Ref: gradtest.Elementwise(math.Sin)})
}

// A short training run already finds most of the ring, from next to nothing.
func TestTrainingFindsModes(t *testing.T) {
	for _, loss := range []string{"r1", "wgan-gp"} {
		dir := filepath.Join(t.TempDir(), "run")
		require.NoError(t, do(trainCommand, "-out", dir, "-loss", loss, "-mixture", "ring", "-width", "32", "-depth", "4", "-batch", "64", "-steps", "800"))
		records, err := train.ReadLog(dir)
		require.NoError(t, err)
		first, last := records[0].Eval, records[len(records)-1].Eval
		require.Less(t, float64(first["near"]), 0.1)
		require.Greater(t, float64(last["near"]), 0.3)
		require.GreaterOrEqual(t, float64(last["modes"]), 5.0)
	}
}
