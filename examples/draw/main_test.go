package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/gif"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/draw"
	"github.com/gander-ml/gander/txt2img/draw/digits"
)

// TestMain runs the program itself when the tests ask for it, so that they see what a user sees.
func TestMain(m *testing.M) {
	if os.Getenv("DRAW_RUN") != "" {
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
	cmd.Env = append(os.Environ(), "DRAW_RUN=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

func ok(t *testing.T, dir string, args ...string) string {
	t.Helper()
	status, stdout, stderr := run(t, dir, args...)
	require.Zero(t, status, stderr)
	return stdout
}

func opens(t *testing.T, path string) {
	t.Helper()
	_, err := imaging.Open(path, imaging.DecodeOptions{})
	require.NoError(t, err)
}

// small trains models that are quick to train.
var small = []string{"train", "-strokes", "3", "-hidden", "8", "-latent", "4", "-read", "2", "-write", "3", "-drawn", "300", "-measured", "1"}

func with(args []string, more ...string) []string {
	return append(append([]string(nil), args...), more...)
}

func TestDigitsAreLearnedPaintedAndMeasured(t *testing.T) {
	dir := t.TempDir()
	ok(t, dir, with(small, "-out", "run", "-steps", "2", "-language", "6", "-align", "7")...)
	model := filepath.Join("run", "model.safetensors")
	opens(t, filepath.Join(dir, "run", "samples", "step-000002.png"))
	status, _, stderr := run(t, dir, with(small, "-out", "run", "-steps", "3", "-language", "6", "-align", "7")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "holds a run already")
	ok(t, dir, with(small, "-out", "run", "-steps", "3", "-language", "6", "-align", "7", "-resume")...)

	out := ok(t, dir, "sample", "-model", model, "-n", "3", "-strip", "strip.png", "-words", "words.png", "-gif", "steps.gif",
		"the digit seven is at the top left of the image .", "the digit six is at the top left of the image .")
	require.Equal(t, "painted draw.png, strip.png, words.png, steps.gif\n", out)
	for _, f := range []string{"draw.png", "strip.png", "words.png"} {
		opens(t, filepath.Join(dir, f))
	}
	f, err := os.Open(filepath.Join(dir, "steps.gif"))
	require.NoError(t, err)
	defer f.Close()
	movie, err := gif.DecodeAll(f)
	require.NoError(t, err)
	require.Len(t, movie.Image, 4)

	status, _, stderr = run(t, dir, "sample", "-model", model, "a unicorn")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, `the model knows no word of "a unicorn"; it knows `)
	status, _, stderr = run(t, dir, "sample", "-model", model, "the purple seven")
	require.Zero(t, status)
	require.Contains(t, stderr, "does not know purple")

	out = ok(t, dir, "eval", "-model", model, "-drawn", "300", "-batches", "1", "-n", "10", "-judge", "judge.safetensors", "-judge-steps", "2")
	for _, want := range []string{"learned: bound ", "held out: bound ", "combinations that were learned, painted: ", "combinations never seen, real: "} {
		require.Contains(t, out, want)
	}
}

func TestFirstLook(t *testing.T) {
	dir := t.TempDir()
	require.Contains(t, ok(t, dir), "painted draw.png, draw-steps.png, draw-words.png, draw-steps.gif")
	for _, f := range []string{"draw.png", "draw-steps.png", "draw-words.png"} {
		opens(t, filepath.Join(dir, f))
	}
	require.Contains(t, ok(t, dir, "the digit four is at the bottom right of the image .", "-n", "2", "-out", "a.png"), "painted a.png")
}

func TestWhatTrainingNeverSawIsKnown(t *testing.T) {
	_, about, err := openModel("")
	require.NoError(t, err)
	ban, err := banOf(about)
	require.NoError(t, err)
	unseen := 0
	for _, c := range demoCaptions {
		scene, ok := placed.Parse(c)
		require.True(t, ok, c)
		if ban.Holds(scene) {
			unseen++
		}
	}
	require.Equal(t, len(demoCaptions)/2, unseen)
	about.Facts = map[string]string{"data": "emoji64", "ban": "1"}
	ban, err = banOf(about)
	require.NoError(t, err)
	for _, scene := range placed.All() {
		require.False(t, ban.Holds(scene))
	}
	about.Facts = map[string]string{"data": "captioned digits", "ban": "x"}
	_, err = banOf(about)
	require.ErrorContains(t, err, `"x", which is no number`)
}

func TestEveryKindWithoutCaptionsOfDigits(t *testing.T) {
	dir := t.TempDir()
	for _, kind := range []string{"draw", "plain"} {
		args := with(small, "-kind", kind, "-out", kind, "-steps", "2")
		if kind == "plain" {
			args = []string{"train", "-strokes", "3", "-hidden", "8", "-drawn", "300", "-measured", "1", "-kind", kind, "-out", kind, "-steps", "2"}
		}
		ok(t, dir, args...)
		model := filepath.Join(kind, "model.safetensors")
		ok(t, dir, "sample", "-model", model, "-n", "2", "-strip", "strip.png")
		require.Contains(t, ok(t, dir, "eval", "-model", model, "-drawn", "300", "-batches", "1"), "held out: bound ")
		status, _, stderr := run(t, dir, "sample", "-model", model, "a cat")
		require.Equal(t, 1, status)
		require.Contains(t, stderr, "paints without text")
	}
}

func TestPicturesWithCaptions(t *testing.T) {
	dir := t.TempDir()
	writeShapes(t, filepath.Join(dir, "shapes"))
	for _, kind := range []string{"aligned", "averaged", "final"} {
		ok(t, dir, with(small, "-kind", kind, "-data", "shapes", "-size", "16", "-out", kind, "-steps", "2", "-language", "4")...)
		model := filepath.Join(kind, "model.safetensors")
		ok(t, dir, "sample", "-model", model, "-n", "2", "-gif", "steps.gif", "a red heart", "a large red heart")
		out := ok(t, dir, "eval", "-model", model, "-data", "shapes", "-size", "16", "-batches", "1", "-retrieve", "4")
		for _, want := range []string{"learned, pictures found by captions: R@1 ", "held out, SSI of painted and real pictures: "} {
			require.Contains(t, out, want)
		}
	}
	ok(t, dir, "sharpen", "-data", "shapes", "-size", "16", "-width", "4", "-batch", "4", "-steps", "2", "-out", "edges")
	opens(t, filepath.Join(dir, "edges", "samples", "step-000002.png"))
	ok(t, dir, "sample", "-model", "final/model.safetensors", "-sharpen", "edges/model.safetensors", "a red heart")
	opens(t, filepath.Join(dir, "draw.png"))
	status, _, stderr := run(t, dir, "sample", "-model", "final/model.safetensors", "-sharpen", "final/model.safetensors", "a red heart")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "not a level of a pyramid")
	status, _, stderr = run(t, dir, "eval", "-model", "final/model.safetensors", "-data", "shapes", "-size", "32", "-batches", "1")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "give the -size it was trained with")
}

// writeShapes writes a folder of drawn shapes with captions.
func writeShapes(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	learn, held := synthetic.CaptionedShapes(24, 1, synthetic.ShapeOptions{Side: 16})
	var records []caption.Record
	for k, p := range []*caption.Pictures{learn, held} {
		for i := range p.Len() {
			e, err := p.At(i)
			require.NoError(t, err)
			require.NoError(t, imaging.Save(filepath.Join(dir, p.Files[i]+".png"), &imaging.Image{Pixels: e.Image}, imaging.EncodeOptions{}))
			records = append(records, caption.Record{File: p.Files[i] + ".png", Captions: e.Captions,
				Class: p.Images.Classes[e.Class], Split: []string{"train", caption.Test}[k]})
		}
	}
	f, err := os.Create(filepath.Join(dir, "captions.jsonl"))
	require.NoError(t, err)
	require.NoError(t, caption.Write(f, records))
	require.NoError(t, f.Close())
}

// MS-COCO as it is distributed: folders of pictures and a file of captions for each part, of which pictures of 32×32 are made.
func TestCOCO(t *testing.T) {
	dir := t.TempDir()
	learn, _ := synthetic.CaptionedShapes(12, 1, synthetic.ShapeOptions{Side: 40})
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "coco", "annotations"), 0o755))
	for k, part := range []string{"train2014", "val2014"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "coco", part), 0o755))
		var images, notes []map[string]any
		for i := 6 * k; i < 6*k+6; i++ {
			e, err := learn.At(i)
			require.NoError(t, err)
			name := fmt.Sprintf("COCO_%s_%d.png", part, i)
			require.NoError(t, imaging.Save(filepath.Join(dir, "coco", part, name), &imaging.Image{Pixels: e.Image}, imaging.EncodeOptions{}))
			images = append(images, map[string]any{"id": i, "file_name": name})
			for _, c := range e.Captions {
				notes = append(notes, map[string]any{"image_id": i, "caption": c})
			}
		}
		b, err := json.Marshal(map[string]any{"images": images, "annotations": notes})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "coco", "annotations", "captions_"+part+".json"), b, 0o600))
	}
	ok(t, dir, with(small, "-format", "coco", "-data", "coco", "-size", "32", "-shortest", "4", "-longest", "29", "-out", "run", "-steps", "2",
		"-batch", "3", "-language", "4", "-align", "4", "-deviation", "0", "-adam", "-half")...)
	model := filepath.Join("run", "model.safetensors")
	m, about, err := draw.OpenFile(filepath.Join(dir, model))
	require.NoError(t, err)
	require.Equal(t, "coco", about.Facts["data"])
	require.Equal(t, []int{32, 32, 3}, []int{m.Options.Height, m.Options.Width, m.Options.Channels})
	out := ok(t, dir, "eval", "-format", "coco", "-data", "coco", "-shortest", "4", "-model", model, "-batches", "1", "-retrieve", "4")
	for _, want := range []string{"held out: bound ", "held out, pictures found by captions: R@1 ", "held out, SSI of painted and real pictures: "} {
		require.Contains(t, out, want)
	}
	ok(t, dir, "sample", "-model", model, "-words", "words.png", "-strip", "strip.png", "-gif", "steps.gif", "a red circle", "a blue circle")
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cut.safetensors"), digits.Weights[:len(digits.Weights)/2], 0o600))
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"train"}, 2, "-out is needed"},
		{[]string{"train", "-out", "x", "-kind", "vae"}, 2, `no kind "vae"`},
		{[]string{"train", "-out", "x", "-kind", "sentence"}, 2, "-kind sentence needs -data"},
		{[]string{"train", "-out", "x", "-kind", "plain", "-read", "3"}, 2, "has no part of size 3"},
		{[]string{"train", "-out", "x", "-hidden", "-3"}, 2, "-3 hidden units"},
		{[]string{"train", "-out", "x", "-drawn", "5"}, 2, "-drawn must be at least 100"},
		{[]string{"train", "-out", "x", "-resume"}, 1, "x holds no run to resume"},
		{[]string{"train", "-out", "x", "-digits", "nowhere"}, 1, "has no train-images-idx3-ubyte"},
		{[]string{"train", "-out", "x", "-digits", "a", "-data", "b"}, 2, "give one of them"},
		{[]string{"sharpen", "-out", "x", "-size", "15"}, 2, "-size must be even"},
		{[]string{"sample", "-n", "0"}, 2, "-n must be"},
		{[]string{"sample", "-out", "model.safetensors"}, 2, "-out: model.safetensors: cannot write .safetensors"},
		{[]string{"sample", "-gif", "steps.png"}, 2, "ends with .gif"},
		{[]string{"sample", "-strip", "a.png", "-words", "./a.png"}, 2, "-strip and -words both name"},
		{[]string{"-seed", "2", "the digit six"}, 2, `unexpected argument "the digit six"`},
		{[]string{"a small bird"}, 1, "the model knows no word"},
		{[]string{""}, 1, "an empty caption"},
		{[]string{"sample", "the digit \xff"}, 1, "is not UTF-8"},
		{[]string{"sample", "-model", "cut.safetensors"}, 1, "cut.safetensors"},
		{[]string{"sample", "-modle", "x"}, 2, "flag provided but not defined: -modle"},
		{[]string{"train", "-out", "x", "-batch", "0"}, 2, "-batch and -rate must be positive"},
		{[]string{"train", "-out", "x", "-deviation", "-1"}, 2, "-deviation not negative"},
		{[]string{"train", "-out", "x", "-format", "coco"}, 2, "-format coco needs -data"},
		{[]string{"sample", "-model", "no.safetensors", "a"}, 1, "no.safetensors"},
		{[]string{"eval", "-model", "no.safetensors"}, 1, "no.safetensors"},
		{[]string{"paint"}, 2, `no command "paint"`},
	} {
		status, _, stderr := run(t, dir, c.args...)
		require.Equal(t, c.status, status, stderr)
		require.Contains(t, stderr, c.want)
		require.NoDirExists(t, filepath.Join(dir, "x"))
	}
}
