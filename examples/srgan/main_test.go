package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/stretchr/testify/require"
)

// TestMain runs the program itself when the tests ask for it, so that they see what a user sees.
func TestMain(m *testing.M) {
	if os.Getenv("SRGAN_RUN") != "" {
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
	cmd.Env = append(os.Environ(), "SRGAN_RUN=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// picture writes a small photo-like PNG and returns its path.
func picture(t *testing.T, path string, w, h int) string {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(128 + 100*math.Sin(float64(x)/5)*math.Cos(float64(y)/7))
			m.SetRGBA(x, y, color.RGBA{v, uint8(x * 255 / w), 255 - v, 255})
		}
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	return path
}

func TestDemo(t *testing.T) {
	dir := t.TempDir()
	status, stdout, stderr := run(t, dir)
	require.Equal(t, 0, status, stderr)
	require.Empty(t, stderr)
	for _, word := range []string{"bicubic", "compact", "SRResNet", "SRGAN", "PSNR (dB)", "SSIM", "srgan.png"} {
		require.Contains(t, stdout, word)
	}
	m, err := imaging.Open(filepath.Join(dir, "srgan.png"), imaging.DecodeOptions{})
	require.NoError(t, err)
	require.Greater(t, m.Width(), 1000)
}

// TestShippedWeights compares the embedded networks with interpolation and with each other, on the embedded photo that none has
// seen.
func TestShippedWeights(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cat.png"), photo, 0o644))
	status, stdout, stderr := run(t, dir, "eval", "-json", ".")
	require.Equal(t, 0, status, stderr)
	mean := map[string]row{}
	for _, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
		var r row
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		if r.Image == "mean" {
			mean[r.Method] = r
		}
	}
	require.Len(t, mean, 8) // the original is there, too
	require.Greater(t, mean["SRCNN"].PSNR, mean["bicubic"].PSNR)
	require.Greater(t, mean["ESPCN"].PSNR, mean["bicubic"].PSNR)
	require.Greater(t, mean["bicubic"].PSNR, mean["nearest"].PSNR)
	require.Greater(t, mean["compact"].PSNR, mean["bicubic"].PSNR+0.5)
	require.Greater(t, mean["compact"].SSIM, mean["bicubic"].SSIM)
	require.Greater(t, mean["SRResNet"].PSNR, mean["compact"].PSNR)
	require.Less(t, mean["SRGAN"].PSNR, mean["SRResNet"].PSNR)
	require.Less(t, *mean["SRGAN"].Perceptual, *mean["SRResNet"].Perceptual)
	require.Less(t, *mean["SRGAN"].NIQE, *mean["SRResNet"].NIQE)
}

func TestInterpolateCommand(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cat.png"), photo, 0o644))
	for _, args := range [][]string{{"-half", "srresnet", "SRGAN", "between.safetensors"}, {"-alpha", "0", "srresnet", "srgan", "same.safetensors"}} {
		status, _, stderr := run(t, dir, append([]string{"interpolate"}, args...)...)
		require.Equal(t, 0, status, stderr)
	}
	status, stdout, stderr := run(t, dir, "eval", "-quick", "-json", "-model", "SRResNet", "-model", "same.safetensors", "-model", "between.safetensors", "-model", "SRGAN", ".")
	require.Equal(t, 0, status, stderr)
	psnr := map[string]decibel{}
	for _, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
		var r row
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		psnr[r.Method] = r.PSNR
	}
	require.Equal(t, psnr["SRResNet"], psnr["same"])
	require.Greater(t, psnr["between"], psnr["SRGAN"])
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"SRResNet", "compact", "x.safetensors"}, "nothing lies between"},
		{[]string{"SRResNet", "cat.png", "x.safetensors"}, "cat.png"},
		{[]string{"-alpha", "NaN", "SRResNet", "SRGAN", "x.safetensors"}, "-alpha"},
		{[]string{"SRResNet", "SRGAN", "missing/x.safetensors"}, "missing"},
	} {
		status, _, stderr := run(t, dir, append([]string{"interpolate"}, c.args...)...)
		require.NotEqual(t, 0, status)
		require.Contains(t, stderr, c.want)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		require.NoFileExists(t, filepath.Join(dir, "x.safetensors"))
	}
}

func TestEvalOfAnEvenPicture(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 40))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "black.png"), b.Bytes(), 0o644))
	status, stdout, stderr := run(t, dir, "eval", "-quick", "-json", ".")
	require.Equal(t, 0, status, stderr)
	require.Contains(t, stdout, `{"image":"black.png","method":"bicubic","psnr_y":null,"ssim_y":1}`)
}

func TestUpscale(t *testing.T) {
	dir := t.TempDir()
	picture(t, filepath.Join(dir, "a.png"), 33, 21)
	status, _, stderr := run(t, dir, "upscale", "a.png", "big.png")
	require.Equal(t, 0, status, stderr)
	status, _, stderr = run(t, dir, "upscale", "a.png", "tiled.png", "-tile", "8")
	require.Equal(t, 0, status, stderr)
	whole, err := os.ReadFile(filepath.Join(dir, "big.png"))
	require.NoError(t, err)
	tiled, err := os.ReadFile(filepath.Join(dir, "tiled.png"))
	require.NoError(t, err)
	require.Equal(t, whole, tiled)

	picture(t, filepath.Join(dir, "one.png"), 1, 1)
	status, _, stderr = run(t, dir, "upscale", "one.png", "one.jpg")
	require.Equal(t, 0, status, stderr)
	m, err := imaging.Open(filepath.Join(dir, "one.jpg"), imaging.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, []int{4, 4}, []int{m.Width(), m.Height()})

	// Half the scale, and a comparison.
	status, _, stderr = run(t, dir, "upscale", "a.png", "half.png", "-scale", "2", "-ensemble", "-compare", "beside.png")
	require.Equal(t, 0, status, stderr)
	m, err = imaging.Open(filepath.Join(dir, "half.png"), imaging.DecodeOptions{})
	require.NoError(t, err)
	require.Equal(t, []int{66, 42}, []int{m.Width(), m.Height()})
	m, err = imaging.Open(filepath.Join(dir, "beside.png"), imaging.DecodeOptions{})
	require.NoError(t, err)
	require.GreaterOrEqual(t, m.Width(), 3*66)

	// A folder: what can be enlarged is, and the rest is named.
	in := filepath.Join(dir, "in")
	require.NoError(t, os.Mkdir(in, 0o777))
	picture(t, filepath.Join(in, "a.png"), 5, 5)
	picture(t, filepath.Join(in, "b.png"), 6, 5)
	require.NoError(t, os.WriteFile(filepath.Join(in, "c.jpg"), []byte("no picture"), 0o644))
	status, _, stderr = run(t, dir, "upscale", "in", "out/deep")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "c.jpg: not a PNG")
	require.Contains(t, stderr, "1 of 3 pictures could not be enlarged")
	for _, name := range []string{"a.png", "b.png"} {
		require.FileExists(t, filepath.Join(dir, "out/deep", name))
	}
	require.NoFileExists(t, filepath.Join(dir, "out/deep/c.jpg"))
}

func TestBadInputs(t *testing.T) {
	dir := t.TempDir()
	good := picture(t, filepath.Join(dir, "good.png"), 40, 30)
	b, err := os.ReadFile(good)
	require.NoError(t, err)
	write := func(name string, b []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
	}
	write("text.png", []byte("just some words\n"))
	write("cut.png", b[:len(b)/2])
	bomb := bytes.Clone(b[:33])
	copy(bomb[16:24], []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60}) // 60000 × 60000
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	write("bomb.png", bomb)
	write("bad.safetensors", []byte("not weights"))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o777))

	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"upscale", "text.png", "out.png"}, 1, "text.png: not a PNG, JPEG, GIF, WebP, BMP or TIFF image"},
		{[]string{"upscale", "cut.png", "out.png"}, 1, "cut.png: "},
		{[]string{"upscale", "bomb.png", "out.png"}, 1, "60000"},
		{[]string{"upscale", "missing.png", "out.png"}, 1, "missing.png"},
		{[]string{"upscale", "missing", "out"}, 1, "missing"},
		{[]string{"upscale", "empty", "out"}, 1, "no pictures"},
		{[]string{"upscale", "good.png", "no/such/folder/out.png"}, 1, "no/such/folder"},
		{[]string{"upscale", "good.png", "out.xyz"}, 1, ".xyz"},
		{[]string{"upscale", "good.png"}, 2, "want IN OUT"},
		{[]string{"upscale", "good.png", "out.png", "-scale", "3"}, 2, "-scale is 4 or 2 for this model, not 3"},
		{[]string{"upscale", "good.png", "out.png", "-compare", "x.txt"}, 2, "x.txt"},
		{[]string{"upscale", ".", "out", "-compare", "x.png"}, 2, "not for a folder"},
		{[]string{"upscale", "-model", "bad.safetensors", "good.png", "out.png"}, 1, "bad.safetensors"},
		{[]string{"upscale", "-model", "none.safetensors", "good.png", "out.png"}, 1, "none.safetensors"},
		{[]string{"upscale", "-tyle", "9", "good.png", "out.png"}, 2, "-tyle"},
		{[]string{"upscale", "-tile", "many", "good.png", "out.png"}, 2, "many"},
		{[]string{"enlarge"}, 2, `no command "enlarge"`},
		{[]string{"-out", "demo"}, 2, "demo"},
		{[]string{"eval", "missing"}, 1, "missing"},
		{[]string{"eval", "."}, 1, "bomb.png"},
		{[]string{"train"}, 2, "-data"},
		{[]string{"train", "-data", "empty", "-out", "run"}, 1, "empty"},
		{[]string{"train", "-data", "missing", "-out", "run"}, 1, "missing"},
		{[]string{"train", "-data", ".", "-out", "run", "-steps", "-1"}, 2, "-steps"},
		{[]string{"train", "-data", ".", "-out", "run", "-scale", "3"}, 2, "scale 3"},
		{[]string{"train", "-data", ".", "-out", "run", "-resume"}, 1, "no run to resume"},
	} {
		before := files(t, dir)
		status, _, stderr := run(t, dir, c.args...)
		require.Equal(t, c.status, status, "%q: %s", c.args, stderr)
		require.Contains(t, stderr, c.want, "%q", c.args)
		require.Equal(t, 1, strings.Count(stderr, "\n"), "one line for %q, got %s", c.args, stderr)
		require.Equal(t, before, files(t, dir), "%q must leave nothing behind", c.args)
	}
}

func TestCheckpointsOfOtherNetworksAreRefused(t *testing.T) {
	dir := t.TempDir()
	picture(t, filepath.Join(dir, "photo.png"), 64, 64)
	train := []string{"train", "-data", ".", "-out", "run", "-steps", "4", "-channels", "4", "-blocks", "1", "-batch", "2", "-crop", "32", "-checkpoint", "2"}
	status, _, stderr := run(t, dir, train...)
	require.Equal(t, 0, status, stderr)
	status, _, stderr = run(t, dir, train...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "-resume goes on with it")

	// The weights serve; cut in half they do not.
	model := filepath.Join(dir, "run", "model.safetensors")
	status, _, stderr = run(t, dir, "upscale", "-model", model, "photo.png", "big.png")
	require.Equal(t, 0, status, stderr)
	b, err := os.ReadFile(model)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(model, b[:len(b)/2], 0o644))
	status, _, stderr = run(t, dir, "upscale", "-model", model, "photo.png", "other.png")
	require.Equal(t, 1, status)
	require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	require.NoFileExists(t, filepath.Join(dir, "other.png"))

	other := append(train[:len(train):len(train)], "-resume", "-blocks", "2")
	status, _, stderr = run(t, dir, other...)
	require.Equal(t, 1, status)
	require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
}

// A run may end sooner or later than was planned: the rate follows.
func TestStepsMayChange(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "photos"), 0o777))
	picture(t, filepath.Join(dir, "photos", "photo.png"), 64, 64)
	args := func(steps string, more ...string) []string {
		return append([]string{"train", "-data", "photos", "-out", "run", "-channels", "4", "-blocks", "1", "-no-norm", "-batch", "2", "-crop", "32",
			"-rate", "1e-3", "-cosine", "-warm-up", "2", "-clip", "0.5", "-checkpoint", "4", "-steps", steps}, more...)
	}
	rate := func() float64 { // of the last update that was logged
		b, err := os.ReadFile(filepath.Join(dir, "run", "log.jsonl"))
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		var r struct{ Rates map[string]float64 }
		require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &r))
		return r.Rates["generator"]
	}
	for _, c := range []struct {
		steps string
		more  []string
	}{{"4", nil}, {"12", []string{"-resume"}}, {"8", []string{"-resume"}}, {"20", []string{"-resume"}}} {
		status, _, stderr := run(t, dir, args(c.steps, c.more...)...)
		require.Equal(t, 0, status, stderr)
		if c.steps != "8" { // which is over already
			n, err := strconv.Atoi(c.steps)
			require.NoError(t, err)
			last := optim.Cosine{Over: n, Floor: 0.01}
			require.InDelta(t, 1e-3*last.At(n-1), rate(), 1e-9)
		}
	}
	about, err := os.ReadFile(filepath.Join(dir, "run", "run.json"))
	require.NoError(t, err)
	require.Contains(t, string(about), `"Norm": 0.5`)
}

// A network that grows begins with what the smaller one can.
func TestGrow(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "photos"), 0o777))
	picture(t, filepath.Join(dir, "photos", "photo.png"), 64, 64)
	train := func(out string, more ...string) (int, string) {
		status, _, stderr := run(t, dir, append([]string{"train", "-data", "photos", "-val", "photos", "-out", out, "-steps", "2", "-batch", "2", "-crop", "32"}, more...)...)
		return status, stderr
	}
	first := func(out string) float64 { // what it measures before the first update
		b, err := os.ReadFile(filepath.Join(dir, out, "log.jsonl"))
		require.NoError(t, err)
		line, _, _ := strings.Cut(string(b), "\n")
		var r struct{ Eval map[string]float64 }
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		return r.Eval["psnr_y/network"]
	}
	status, stderr := train("small", "-no-norm", "-channels", "4", "-blocks", "1", "-rate", "1e-2")
	require.Equal(t, 0, status, stderr)
	status, stderr = train("again", "-no-norm", "-channels", "4", "-blocks", "1", "-init", "small/model.safetensors")
	require.Equal(t, 0, status, stderr)
	status, stderr = train("large", "-no-norm", "-channels", "8", "-blocks", "2", "-grow", "small/model.safetensors")
	require.Equal(t, 0, status, stderr)
	require.InDelta(t, first("again"), first("large"), 1e-3)
	for _, c := range []struct {
		more []string
		want string
	}{
		{[]string{"-grow", "small/model.safetensors"}, "only channels and blocks may differ"},
		{[]string{"-grow", "small/model.safetensors", "-init", "small/model.safetensors"}, "-grow is for an srresnet that begins without -init"},
		{[]string{"-no-norm", "-grow", "photos/photo.png"}, "photo.png"},
	} {
		status, stderr = train("x", c.more...)
		require.NotEqual(t, 0, status)
		require.Contains(t, stderr, c.want)
		require.NoDirExists(t, filepath.Join(dir, "x"))
	}
}

func TestKilledAndResumed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "photos"), 0o777))
	picture(t, filepath.Join(dir, "photos", "photo.png"), 96, 80)
	args := func(out string) []string {
		return []string{"train", "-data", "photos", "-out", out, "-steps", "60", "-channels", "8", "-blocks", "1", "-batch", "2",
			"-crop", "48", "-checkpoint", "5", "-rate", "1e-3"}
	}
	status, _, stderr := run(t, dir, args("whole")...)
	require.Equal(t, 0, status, stderr)

	self, err := os.Executable()
	require.NoError(t, err)
	kills := 0
	for {
		a := args("killed")
		if kills > 0 {
			a = append(a, "-resume")
		}
		cmd := exec.Command(self, a...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "SRGAN_RUN=1")
		require.NoError(t, cmd.Start())
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		if kills == 4 {
			require.NoError(t, <-done)
			break
		}
		// Wait for another checkpoint, so that each attempt gets further, and kill it wherever it is then.
		deadline := time.Now().Add(time.Minute)
		before := checkpoints(t, dir)
		for checkpoints(t, dir) == before && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, cmd.Process.Kill())
		<-done
		kills++
	}
	// The checkpoint itself also tells how long the run took; package train compares the rest of it.
	want, err := os.ReadFile(filepath.Join(dir, "whole", "model.safetensors"))
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, "killed", "model.safetensors"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "the model differs after %d kills", kills)
}

// checkpoints names the newest checkpoint of the run that is killed.
func checkpoints(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "killed", "checkpoints", "step-*.state"))
	require.NoError(t, err)
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// files lists a folder with the sizes of its files.
func files(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			out[path] = info.Size()
		}
		return err
	}))
	return out
}
