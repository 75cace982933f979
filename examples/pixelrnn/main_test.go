package main

import (
	"context"
	"flag"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/stretchr/testify/require"
)

// call runs a command as main does.
func call(t *testing.T, c cli.Command, args ...string) error {
	t.Helper()
	flags := flag.NewFlagSet("pixelrnn", flag.ContinueOnError)
	do := c.Setup(flags)
	require.NoError(t, flags.Parse(args))
	return do(context.Background(), flags.Args())
}

// Each kind is trained, gone on with, measured, drawn from and asked to complete, as a user would.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	small := []string{"-drawn", "60", "-side", "12"}
	var models []string
	for kind, more := range map[string][]string{"pixelcnn": {"-skips"}, "row": {"-told"}, "diagonal": nil} {
		run := filepath.Join(dir, kind)
		learn := append(append(append([]string{"-kind", kind, "-out", run, "-hidden", "4", "-layers", "1", "-batch", "4", "-measured", "4"}, small...), more...), "-steps", "2")
		require.NoError(t, call(t, trainCommand, learn...))
		require.ErrorContains(t, call(t, trainCommand, learn...), "-resume")
		require.NoError(t, call(t, trainCommand, append(learn, "-resume")...))
		model := filepath.Join(run, "model.safetensors")
		models = append(models, model)
		for name, c := range map[string][]string{"sheet.png": {"-n", "4"}, "completed.png": append(small, "-n", "2", "-variants", "2", "-shown", "0.4")} {
			command := sampleCommand
			if name == "completed.png" {
				command = completeCommand
			}
			path := filepath.Join(dir, name)
			require.NoError(t, call(t, command, append(c, "-model", model, path)...))
			m, err := imaging.Open(path, imaging.DecodeOptions{})
			require.NoError(t, err)
			require.Greater(t, m.Width(), 2*2*12)
		}
	}
	require.NoError(t, call(t, evalCommand, append(append(small, "-n", "5"), models...)...))
	require.ErrorContains(t, call(t, evalCommand, "-drawn", "60", models[0]), "it draws 12×12")
}

func TestWrongFlags(t *testing.T) {
	var usage cli.Usage
	for _, args := range [][]string{{}, {"-out", "x", "-kind", "lstm"}, {"-out", "x", "-steps", "0"}, {"-out", "x", "-ema", "1"}, {"-out", "x", "extra"}} {
		require.ErrorAs(t, call(t, trainCommand, args...), &usage, "%v", args)
	}
	require.ErrorAs(t, call(t, evalCommand), &usage)
	require.ErrorAs(t, call(t, sampleCommand, "x.png"), &usage)
	require.ErrorAs(t, call(t, sampleCommand, "-model", "x", "-n", "100000", "x.png"), &usage)
	require.ErrorContains(t, call(t, trainCommand, "-out", t.TempDir(), "-drawn", "20", "-batch", "100"), "smaller")
	require.ErrorAs(t, call(t, completeCommand, "-model", "x", "-shown", "2", "x.png"), &usage)
}

// 256 values are the bytes themselves, fewer divide them evenly.
func TestNumbers(t *testing.T) {
	bytes := tensor.Affine(tensor.Arange(256), 1.0/255, 0)
	c := corpus{}
	require.Equal(t, tensor.Arange(256).Data(), c.numbers(bytes, 256, nil).Data())
	count := map[float32]int{}
	for _, v := range c.numbers(bytes, 8, nil).Data() {
		count[v]++
	}
	require.Len(t, count, 8)
	require.Equal(t, 32, count[7])
}
