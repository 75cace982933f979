package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor/imaging"
)

// TestMain runs the program itself when the tests ask for it, so that they see what a user sees.
func TestMain(m *testing.M) {
	if os.Getenv("CIFAR_RUN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// run runs the program in a folder.
func run(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CIFAR_RUN=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// small are flags that make everything quick.
var small = []string{"-size", "8", "-drawn", "300"}

func TestEachGameTrainsSamplesAndIsMeasured(t *testing.T) {
	dir := t.TempDir()
	do := func(args ...string) string {
		status, stdout, stderr := run(t, dir, args...)
		require.Zero(t, status, "%v: %s", args, stderr)
		return stdout
	}
	do(append([]string{"eval", "-judge", "judge.safetensors", "-judge-steps", "3"}, small...)...)
	var models []string
	for _, args := range [][]string{{"-game", "dcgan", "-r1", "1"}, {"-game", "wgan-gp", "-unconditional"}, {"-game", "resnet", "-augment", "all"}} {
		game := args[1]
		args = append(append([]string{"train", "-out", game, "-width", "4", "-batch", "8", "-judge", "judge.safetensors", "-n", "20"}, args...), small...)
		do(append(args, "-steps", "2")...)
		status, _, stderr := run(t, dir, append(args, "-steps", "3")...)
		require.Equal(t, 1, status)
		require.Contains(t, stderr, "holds a run already; -resume goes on with it")
		do(append(args, "-steps", "3", "-resume")...)
		require.FileExists(t, filepath.Join(dir, game, "samples", "step-000003.png"))
		records, err := train.ReadLog(filepath.Join(dir, game))
		require.NoError(t, err)
		require.Positive(t, float64(records[len(records)-1].Eval["fid"]))

		model := filepath.Join(game, "model.safetensors")
		models = append(models, model)
		for _, more := range [][]string{{"-columns", "3", "-rows", "2"}, {"-walk", "-rows", "2"}, {"-class", "3", "-rows", "2", "-columns", "2"}} {
			if game == "wgan-gp" && more[0] == "-class" {
				continue
			}
			do(append([]string{"sample", "-model", model, "sheet.png"}, more...)...)
			_, err := imaging.Open(filepath.Join(dir, "sheet.png"), imaging.DecodeOptions{})
			require.NoError(t, err)
		}
	}
	stdout := do(append(append([]string{"eval", "-judge", "judge.safetensors", "-n", "20"}, small...), models...)...)
	for _, want := range []string{"recognised of the held-out pictures ", "inception-style score ", "FID ", "KID ", "precision ", "recall ",
		"judge drawn shapes classifier ", models[0], models[1], models[2]} {
		require.Contains(t, stdout, want)
	}
	require.Equal(t, 2, bytes.Count([]byte(stdout), []byte("\nrecognised 0")), "the unconditional model was asked for nothing")
}

// A real training run brings FID down by a third, at the least.
func TestTrainingImproves(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute under the race detector")
	}
	dir := t.TempDir()
	of := []string{"-size", "8", "-drawn", "1000"}
	status, _, stderr := run(t, dir, append([]string{"eval", "-judge", "judge.safetensors", "-judge-steps", "150"}, of...)...)
	require.Zero(t, status, stderr)
	status, _, stderr = run(t, dir, append([]string{"train", "-out", "r", "-width", "16", "-batch", "32", "-ema", "0.98", "-steps", "200",
		"-checkpoint", "100", "-judge", "judge.safetensors", "-n", "400"}, of...)...)
	require.Zero(t, status, stderr)
	records, err := train.ReadLog(filepath.Join(dir, "r"))
	require.NoError(t, err)
	first, last := float64(records[0].Eval["fid"]), float64(records[len(records)-1].Eval["fid"])
	require.Less(t, last, first*2/3)
}

func TestMistakesOfUsers(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "torn.safetensors"), []byte("torn"), 0o600))
	for want, args := range map[string][]string{
		`no game "foo"; there are dcgan, wgan-gp and resnet`: {"train", "-out", "x", "-game", "foo"},
		`-out is needed`:                       {"train"},
		`no change "blur"`:                     {"train", "-out", "x", "-augment", "blur"},
		`-size must be 8, 16, 32 … 256`:        {"train", "-out", "x", "-size", "33"},
		`-r1 is for dcgan and resnet`:          {"train", "-out", "x", "-game", "wgan-gp", "-r1", "1"},
		`cannot fill a batch`:                  {"train", "-out", "x", "-drawn", "100", "-batch", "200"},
		`holds no run to resume`:               {"train", "-out", "x", "-resume"},
		`nowhere`:                              {"train", "-out", "x", "-data", "nowhere"},
		`-judge is needed`:                     {"eval"},
		`torn.safetensors`:                     {"sample", "-model", "torn.safetensors", "x.png"},
		`flag provided but not defined: -clas`: {"sample", "-clas", "3"},
	} {
		status, _, stderr := run(t, dir, args...)
		require.NotZero(t, status, args)
		require.Contains(t, stderr, want)
		require.NotContains(t, stderr, "goroutine")
	}
}

// A file that says that it is of a network much larger than what it holds is refused.
func TestLiesAboutNetworks(t *testing.T) {
	dir := t.TempDir()
	o := options{Game: "dcgan", Size: 8, Width: 4}
	game, _ := newGame(o, 1)
	for _, lie := range []options{{Game: "dcgan", Size: 8, Width: 1024}, {Game: "dcgan", Size: 1 << 20, Width: 4}, {Game: "none", Size: 8, Width: 4},
		{Game: "dcgan", Size: 8, Width: -4}, {Game: "resnet", Size: 8, Width: 4}, {Game: "dcgan", Size: 16, Width: 4}} {
		path := filepath.Join(dir, "lie.safetensors")
		require.NoError(t, save(path, game.Generator, lie, 1, 1))
		_, _, err := open(path)
		require.ErrorContains(t, err, "lie.safetensors", "%+v", lie)
	}
	path := filepath.Join(dir, "model.safetensors")
	require.NoError(t, save(path, game.Generator, o, 1, 1))
	back, about, err := open(path)
	require.NoError(t, err)
	require.Equal(t, o, about)
	z := game.Latent.Draw(2, rand.New(rand.NewPCG(1, 2)))
	require.Equal(t, gan.Draw(game.Generator, z, nil).Data(), gan.Draw(back.Generator, z, nil).Data())
	m, err := checkpoint.ReadManifest(path)
	require.NoError(t, err)
	require.True(t, json.Valid(m.Options))
}
