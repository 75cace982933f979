package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/stretchr/testify/require"
)

// photoDir writes a folder of three pictures of two patterns.
func photoDir(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.Mkdir(dir, 0o777))
	picture(t, filepath.Join(dir, "a.png"), 64, 64)
	picture(t, filepath.Join(dir, "b.png"), 96, 64)
	picture(t, filepath.Join(dir, "c.png"), 160, 240)
}

// From photographs to an SRGAN and the people who judge it: every command in turn, at sizes of no use.
func TestAdversarialTrainingFromScratch(t *testing.T) {
	dir := t.TempDir()
	photoDir(t, filepath.Join(dir, "photos"))
	ok := func(args ...string) string {
		t.Helper()
		status, stdout, stderr := run(t, dir, args...)
		require.Zero(t, status, stderr)
		return stdout
	}
	ok("perception", "-data", "photos", "-out", "p", "-steps", "3", "-batch", "2", "-crop", "16", "-width", "2", "-name", "waves")
	require.FileExists(t, filepath.Join(dir, "p/model.safetensors"))

	net := []string{"-channels", "4", "-blocks", "1", "-batch", "2", "-crop", "16", "-critic-channels", "4", "-data", "photos", "-val", "photos"}
	gan := append([]string{"train", "-variant", "SRGAN", "-features", "p/model.safetensors", "-taps", "2.2,5.4", "-pixels", "0.1", "-out", "g"}, net...)
	ok(append(gan, "-pretrain", "3", "-steps", "2", "-half")...)
	require.FileExists(t, filepath.Join(dir, "g/pretrain/model.safetensors"))
	log, err := os.ReadFile(filepath.Join(dir, "g/log.jsonl"))
	require.NoError(t, err)
	for _, want := range []string{"generator/adversarial", "discriminator/fake", "waves", "perceptual/network", "psnr_y/bicubic"} {
		require.Contains(t, string(log), want)
	}
	require.Contains(t, string(log), "generator/mse")
	// A run that was stopped in either part goes on in it.
	ok(append(gan, "-pretrain", "3", "-steps", "4", "-half", "-resume")...)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "g/run.json")))
	ok(append(gan, "-pretrain", "5", "-steps", "4", "-half", "-resume")...)
	log, err = os.ReadFile(filepath.Join(dir, "g/pretrain/log.jsonl"))
	require.NoError(t, err)
	require.Contains(t, string(log), `{"step":5,`)

	for _, small := range []string{"espcn", "srcnn"} {
		ok(append([]string{"train", "-net", small, "-out", small, "-steps", "2"}, net...)...)
	}
	// Without a network of features there is the embedded one, by its name.
	ok(append([]string{"train", "-variant", "SRResNet-VGG22", "-out", "f", "-steps", "1"}, net...)...)
	log, err = os.ReadFile(filepath.Join(dir, "f/log.jsonl"))
	require.NoError(t, err)
	require.Contains(t, string(log), "generator/vgg19-2.2 (width 16, of 161 photographs)")

	ok("niqe", "-patch", "8", "-out", "natural.json", "photos")
	table := ok("eval", "-model", "srgan=g/model.safetensors", "-model", "espcn=espcn/model.safetensors", "-model", "srcnn/model.safetensors", "-model", "compact",
		"-features", "p/model.safetensors", "-niqe", "natural.json", "photos")
	for _, want := range []string{"perceptual distance over", "lattice", "waves", "NIQE fitted on 3 photographs", "srgan", "espcn", "bicubic", "original", "compact"} {
		require.Contains(t, table, want)
	}

	ok("compare", "-model", "srgan=g/model.safetensors", "-features", "p/model.safetensors", "-side", "40", "-out", "beside.png", "photos")
	beside, err := imaging.Open(filepath.Join(dir, "beside.png"), imaging.DecodeOptions{})
	require.NoError(t, err)
	require.Greater(t, beside.Width(), 3*2*40)
	require.Greater(t, beside.Height(), 3*2*40)

	ok("opinion", "-model", "srgan=g/model.safetensors", "-out", "trial", "photos")
	bytes, err := os.ReadFile(filepath.Join(dir, "trial/key.json"))
	require.NoError(t, err)
	var key struct {
		Pictures map[string]struct{ Method string }
	}
	require.NoError(t, json.Unmarshal(bytes, &key))
	require.Len(t, key.Pictures, 3*6)
	var ratings []string
	for name, p := range key.Pictures {
		rating := map[string]string{"nearest": "1", "bicubic": "2", "SRCNN": "2", "ESPCN": "2", "srgan": "3", "original": "5"}[p.Method]
		ratings = append(ratings, `{"picture":"`+name+`","rating":`+rating+`,"seconds":1}`)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "anna.json"), []byte(`{"rater":"anna","ratings":[`+strings.Join(ratings, ",")+`]}`), 0o644))
	lines := strings.Split(ok("opinions", "trial/key.json", "anna.json"), "\n")
	require.Regexp(t, `^original +5\.00 `, lines[1])
	require.Regexp(t, `^nearest +1\.00 `, lines[6])
}

// A budget is turned into numbers of updates once.
func TestBudget(t *testing.T) {
	dir := t.TempDir()
	photoDir(t, filepath.Join(dir, "photos"))
	args := []string{"train", "-variant", "srgan-mse", "-budget", "300ms", "-channels", "4", "-blocks", "0", "-batch", "2", "-crop", "16",
		"-critic-channels", "2", "-data", "photos", "-out", "r"}
	status, _, stderr := run(t, dir, args...)
	require.Zero(t, status, stderr)
	require.Contains(t, stderr, "300ms allows for")
	var made scheduled
	bytes, err := os.ReadFile(filepath.Join(dir, "r/plan.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(bytes, &made))
	require.InDelta(t, 5*made.Steps, made.Pretrain, 5, "the paper's proportion")
	require.Less(t, made.Pretrain, 10_000)
	status, _, stderr = run(t, dir, append(args, "-resume")...)
	require.Zero(t, status, stderr)
	require.NotContains(t, stderr, "allows for")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "r/plan.json"), []byte(`{"steps":0}`), 0o644))
	status, _, stderr = run(t, dir, append(args, "-resume")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "plan.json is not a plan")
}

// The generator waits until the discriminator has learned for a while.
func TestCriticFirst(t *testing.T) {
	dir := t.TempDir()
	photoDir(t, filepath.Join(dir, "photos"))
	base := []string{"train", "-channels", "4", "-blocks", "0", "-no-norm", "-batch", "2", "-crop", "24", "-data", "photos", "-val", "photos"}
	status, _, stderr := run(t, dir, append(base, "-steps", "1", "-out", "first")...)
	require.Zero(t, status, stderr)
	status, _, stderr = run(t, dir, append(base, "-variant", "srgan-mse", "-critic-channels", "2", "-critic-no-norm", "-critic-rate", "1e-2", "-critic-first", "3",
		"-lattice", "1", "-rate", "1e-1", "-init", "first/model.safetensors", "-steps", "4", "-checkpoint", "1", "-out", "r")...)
	require.Zero(t, status, stderr)
	log, err := os.ReadFile(filepath.Join(dir, "r/log.jsonl"))
	require.NoError(t, err)
	var psnr []float64
	for _, line := range strings.Split(strings.TrimSpace(string(log)), "\n") {
		var r struct{ Eval map[string]float64 }
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		if v, ok := r.Eval["psnr_y/network"]; ok {
			psnr = append(psnr, v)
		}
	}
	require.Len(t, psnr, 5)
	require.Equal(t, []float64{psnr[0], psnr[0], psnr[0]}, psnr[1:4])
	require.NotEqual(t, psnr[0], psnr[4])
}

func TestMistakesOfVariants(t *testing.T) {
	dir := t.TempDir()
	photoDir(t, filepath.Join(dir, "photos"))
	train := func(more ...string) []string {
		return append([]string{"train", "-data", "photos", "-out", "x"}, more...)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{train("-variant", "esrgan"), 2, `no variant "esrgan"; there are SRResNet-MSE`},
		{train("-variant", "srgan-mse", "-features", "f"), 2, "compares pixels"},
		{train("-pixels", "1"), 2, "SRResNet-MSE compares pixels in any case"},
		{train("-taps", "9.9"), 2, "9.9"},
		{train("-budget", "1h", "-steps", "3"), 2, "-budget finds the numbers of updates itself"},
		{train("-clip", "-1"), 2, "-critic-rate and -critic-first must not be negative"},
		{train("-lattice", "-1"), 2, "negative weight of a loss"},
		{train("-pretrain", "3"), 2, "-pretrain is for a variant with a discriminator"},
		{train("-net", "vdsr"), 2, "-net is srresnet, srcnn or espcn"},
		{train("-variant", "srgan", "-features", "photos/a.png", "-crop", "16"), 1, "photos/a.png"},
		{train("-variant", "srgan-mse", "-batch", "1", "-crop", "16"), 2, "leave a single value to normalise by"},
		{train("-resume"), 1, "x holds no run to resume"},
		{[]string{"perception", "-data", "photos", "-out", "x", "-crop", "12"}, 2, "multiple of 4 and at least 16"},
		{[]string{"perception", "-data", "photos", "-out", "x", "-crop", "80"}, 1, "photograph 1 is too small"},
		{[]string{"eval", "-model", "a=x", "-model", "a=y", "photos"}, 2, `two models are called "a"`},
		{[]string{"upscale", "-model", "SRGNA", "photos/a.png", "x.png"}, 1, "the embedded ones are compact, SRResNet, SRGAN"},
		{[]string{"eval", "-features", "photos/a.png", "photos"}, 1, "photos/a.png"},
		{[]string{"eval", "-niqe", "photos/a.png", "photos"}, 1, "photos/a.png"},
		{[]string{"compare", "photos"}, 2, "-out: "},
		{[]string{"compare", "-out", "x.png", "-side", "0", "photos"}, 2, "-side and -zoom must be positive"},
		{[]string{"opinion", "photos"}, 2, "-out is needed"},
		{[]string{"opinions", "k"}, 2, "key.json"},
		{[]string{"opinions", "photos/a.png", "b"}, 1, "photos/a.png"},
	} {
		status, _, stderr := run(t, dir, c.args...)
		require.Equal(t, c.status, status, "%v: %s", c.args, stderr)
		require.Contains(t, stderr, c.want)
		require.NoDirExists(t, filepath.Join(dir, "x", "checkpoints"))
	}
}
