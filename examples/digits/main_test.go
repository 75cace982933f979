package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/imaging"
)

// TestMain runs the program itself when the tests ask for it, so that they see what a user sees.
func TestMain(m *testing.M) {
	if os.Getenv("DIGITS_RUN") != "" {
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
	cmd.Env = append(os.Environ(), "DIGITS_RUN=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

func TestEachNetworkTrainsSamplesAndIsMeasured(t *testing.T) {
	dir := t.TempDir()
	for _, net := range []string{"gan", "cgan", "dcgan"} {
		status, _, stderr := run(t, dir, "train", "-net", net, "-out", net, "-steps", "3", "-drawn", "600")
		require.Zero(t, status, stderr)
		require.FileExists(t, filepath.Join(dir, net, "samples", "step-000003.png"))
		status, _, stderr = run(t, dir, "train", "-net", net, "-out", net, "-steps", "3", "-drawn", "600")
		require.Equal(t, 1, status)
		require.Contains(t, stderr, "holds a run already")
		status, _, stderr = run(t, dir, "train", "-net", net, "-out", net, "-steps", "4", "-drawn", "600", "-resume")
		require.Zero(t, status, stderr)

		model := filepath.Join(net, "model.safetensors")
		for _, more := range [][]string{{"-columns", "3"}, {"-walk", "-rows", "2"}, {"-class", "7", "-rows", "2", "-columns", "4"}} {
			if net == "gan" && more[0] == "-class" {
				continue
			}
			status, _, stderr = run(t, dir, append([]string{"sample", "-model", model, "sheet.png"}, more...)...)
			require.Zero(t, status, stderr)
			_, err := imaging.Open(filepath.Join(dir, "sheet.png"), imaging.DecodeOptions{})
			require.NoError(t, err)
		}
		status, stdout, stderr := run(t, dir, "eval", "-model", model, "-judge", "judge.safetensors", "-drawn", "600", "-n", "40", "-judge-steps", "5")
		require.Zero(t, status, stderr)
		for _, want := range []string{
			"recognised of the test set ", "inception-style score ", "FID ", "KID ", "precision ", "recall ", "MS-SSIM diversity ",
			"Parzen log-likelihood ", "judge drawn digits classifier ", "beware: 40 pictures are too few for 128 features",
		} {
			require.Contains(t, stdout, want)
		}
		require.Equal(t, net != "gan", bytes.Contains([]byte(stdout), []byte("\nrecognised ")))
	}
	status, _, stderr := run(t, dir, "sample", "-model", "gan/model.safetensors", "-class", "3", "sheet.png")
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "-net cgan")
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"train"}, 2, "-out is needed"},
		{[]string{"train", "-out", "x", "-net", "vae"}, 2, `no network "vae"; there are gan, cgan and dcgan`},
		{[]string{"train", "-out", "x", "-net", "dcgan", "-paper"}, 2, "-paper is for gan and cgan"},
		{[]string{"train", "-out", "x", "-drawn", "5"}, 2, "-drawn must be at least 120"},
		{[]string{"train", "-out", "x", "-resume"}, 1, "x holds no run to resume"},
		{[]string{"train", "-out", "x", "-data", "nowhere"}, 1, "has no train-images-idx3-ubyte"},
		{[]string{"sample", "-model", "no.safetensors", "a.png"}, 1, "no.safetensors"},
		{[]string{"eval", "-model", "no.safetensors"}, 2, "-judge"},
	} {
		status, _, stderr := run(t, dir, c.args...)
		require.Equal(t, c.status, status, stderr)
		require.Contains(t, stderr, c.want)
		require.NoDirExists(t, filepath.Join(dir, "x"))
	}
}
