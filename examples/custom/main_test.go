package main

import (
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/stretchr/testify/require"
)

func do(c cli.Command, args ...string) error {
	flags := flag.NewFlagSet("custom", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	run := c.Setup(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	return run(context.Background(), flags.Args())
}

func TestTrainSampleEval(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	require.NoError(t, do(trainCommand, "-out", dir, "-steps", "2", "-batch", "4"))
	require.FileExists(t, filepath.Join(dir, "samples", "step-000002.png"))
	require.ErrorContains(t, do(trainCommand, "-out", dir, "-steps", "3", "-batch", "4"), "holds a run already; -resume goes on with it")
	require.NoError(t, do(trainCommand, "-out", dir, "-steps", "3", "-batch", "4", "-resume"))
	model, sheet := filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "sheet.png")
	require.NoError(t, do(sampleCommand, "-model", model, "-rows", "2", sheet))
	require.NoError(t, do(sampleCommand, "-model", model, "-walk", sheet))
	require.FileExists(t, sheet)
	require.NoError(t, do(evalCommand, "-model", model, "-n", "300"))
	require.ErrorContains(t, do(sampleCommand, sheet), "-model is needed")
	require.Error(t, do(evalCommand, "-model", sheet), "a picture is no model")
	require.ErrorContains(t, do(trainCommand, "-resume", "-out", filepath.Join(dir, "none")), "holds no run to resume")
}

// The example promises to be short.
func TestMainIsUnderAHundredLines(t *testing.T) {
	text, err := os.ReadFile("main.go")
	require.NoError(t, err)
	require.Less(t, strings.Count(string(text), "\n"), 100)
}
