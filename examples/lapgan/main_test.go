package main

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/stretchr/testify/require"
)

// call runs a command as main does.
func call(t *testing.T, c cli.Command, args ...string) error {
	t.Helper()
	flags := flag.NewFlagSet("lapgan", flag.ContinueOnError)
	do := c.Setup(flags)
	require.NoError(t, flags.Parse(args))
	return do(context.Background(), flags.Args())
}

// A mixed pyramid is trained, drawn and measured, as a user would.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	run := filepath.Join(dir, "run")
	learn := []string{"-out", run, "-sizes", "4,7,10", "-levels", "row,conv,pixelcnn", "-width", "4", "-hidden", "4", "-layers", "1", "-batch", "8", "-steps", "2"}
	require.NoError(t, call(t, trainCommand, learn...))
	require.ErrorContains(t, call(t, trainCommand, learn...), "-resume")
	require.NoError(t, call(t, trainCommand, append(learn, "-resume", "-only", "7")...))

	for name, c := range map[string]cli.Command{"table": sampleCommand, "chain": chainCommand, "redraw": redrawCommand} {
		a, b := filepath.Join(dir, name+".png"), filepath.Join(dir, name+"2.png")
		require.NoError(t, call(t, c, "-run", run, "-n", "2", "-class", "1", a))
		require.NoError(t, call(t, c, "-run", run, "-n", "2", "-class", "1", b))
		m, err := imaging.Open(a, imaging.DecodeOptions{})
		require.NoError(t, err)
		require.Greater(t, m.Width(), 20)
		one, err := os.ReadFile(a)
		require.NoError(t, err)
		two, err := os.ReadFile(b)
		require.NoError(t, err)
		require.Equal(t, one, two, "a seed fixes the picture")
	}
	require.NoError(t, call(t, evalCommand, "-n", "4", "-draws", "2", "-exact", "-samples", "20", run))
	from := filepath.Join(dir, "from.png")
	require.NoError(t, call(t, chainCommand, "-run", run, "-from", filepath.Join(dir, "table.png"), "-n", "2", from))
	drawn, err := os.ReadFile(filepath.Join(dir, "chain.png"))
	require.NoError(t, err)
	begun, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NotEqual(t, drawn, begun)
	require.ErrorContains(t, call(t, redrawCommand, "-run", run, "-from", filepath.Join(dir, "none.png"), from), "none.png")
	require.ErrorContains(t, call(t, sampleCommand, "-run", run, "-class", "dragon", "x.png"), "no class")
	require.ErrorContains(t, call(t, sampleCommand, "-run", run, "-class", "1x", "x.png"), "no class")
	require.ErrorContains(t, call(t, sampleCommand, "-run", run, "-zoom", "1000", "x.png"), "to 16")
	require.ErrorContains(t, call(t, trainCommand, "-out", run, "-batch", "4000"), "smaller")
	require.ErrorContains(t, call(t, sampleCommand, "-run", dir, "x.png"), "level-N")
	require.ErrorContains(t, call(t, sampleCommand, "-run", run, "x.txt"), "x.txt")
}

// Without arguments it paints from embedded weights, and so do the commands that draw.
func TestFirstLook(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, call(t, demoCommand, "-out", in("a.png"), "-chain", in("b.png"), "-redraw", in("c.png"), "-photos", in("e.png")))
	require.NoError(t, call(t, sampleCommand, "-class", "hearts", "-n", "2", in("d.png")))
	require.NoError(t, call(t, redrawCommand, "-model", "photos", "-from", in("d.png"), "-n", "1", in("f.png")))
	require.ErrorContains(t, call(t, sampleCommand, "-model", "dragons", in("g.png")), "there are emoji and photos")
	require.ErrorContains(t, call(t, sampleCommand, "-model", "photos", "-class", "hearts", in("g.png")), "knows no classes")
	for _, name := range []string{"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"} {
		m, err := imaging.Open(in(name), imaging.DecodeOptions{})
		require.NoError(t, err)
		require.Greater(t, m.Width(), 100)
	}
	for _, args := range [][]string{{"extra"}, {"-out", "a.txt"}, {"-zoom", "0"}, {"-out", "a.png", "-chain", "./a.png"}} {
		var usage cli.Usage
		require.ErrorAs(t, call(t, demoCommand, args...), &usage, "%v", args)
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{
		{}, {"-out", "x", "-levels", "dense"}, {"-out", "x", "-levels", "conv,conv,conv"}, {"-out", "x", "-levels", "dense,dense,conv"},
		{"-out", "x", "-levels", "dense,vae,conv"}, {"-out", "x", "-only", "5"}, {"-out", "x", "-norm", "batch"}, {"-out", "x", "-rule", "lion"},
		{"-out", "x", "-batch", "3"}, {"-out", "x", "extra"},
		{"-out", "x", "-preset", "large"}, {"-out", "x", "-width", "4,8"}, {"-out", "x", "-choose", "fid"}, {"-out", "x", "-choose", "worst"},
		{"-out", "x", "-levels", "deep,deep,conv", "-sizes", "8,14,28"}, {"-out", "x", "-levels", "custom,conv,conv"}, {"-out", "x", "-r1", "-1"},
		{"-out", "x", "-units", "-1"}, {"-out", "x", "-held", "y"}, {"-out", "x", "-levels", "dense,dense/conv,conv"},
	} {
		var usage cli.Usage
		require.ErrorAs(t, call(t, trainCommand, args...), &usage, "%v", args)
	}
}

// Every preset is a set of flags that go together.
func TestPresets(t *testing.T) {
	for name := range presets {
		flags := flag.NewFlagSet("lapgan", flag.ContinueOnError)
		do := trainCommand.Setup(flags)
		require.NoError(t, flags.Parse([]string{"-preset", name, "-out", t.TempDir(), "-data", "no such folder"}))
		require.ErrorContains(t, do(context.Background(), nil), "no such folder", name)
	}
}
