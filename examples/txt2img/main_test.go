package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/draw"
)

// TestMain runs the program itself when the tests ask for it, so that they see what a user sees.
func TestMain(m *testing.M) {
	if os.Getenv("TXT2IMG_RUN") != "" {
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
	cmd.Env = append(os.Environ(), "TXT2IMG_RUN=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err = cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errOut.String()
}

// runs runs the program, which has to succeed.
func runs(t *testing.T, dir string, args ...string) string {
	t.Helper()
	status, stdout, stderr := run(t, dir, args...)
	require.Zero(t, status, stderr)
	return stdout
}

// pictureAt returns the bytes of a file that has to be a picture.
func pictureAt(t *testing.T, dir, name string) []byte {
	t.Helper()
	_, err := imaging.Open(filepath.Join(dir, name), imaging.DecodeOptions{})
	require.NoError(t, err)
	b, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return b
}

// tiny returns the flags of a command for networks that are made in a moment.
func tiny(command string, more ...string) []string {
	flags := map[string]string{
		"encode": "-drawn 200 -conv 8,8,8 -rnn 8 -embedding 16 -length 60 -image-width 4 -size 16 -batch 8 -pairs picture -steps 3",
		"train": "-drawn 200 -encoder enc/encoder.safetensors -size 16 -g-width 4 -d-width 4 -text 8 -latent 6 -batch 8 -average 2 " +
			"-pairs picture -steps 3 -calibrate 1 -half",
		"style": "-drawn 200 -width 4 -batch 8 -steps 3",
	}
	return append(append([]string{command}, strings.Fields(flags[command])...), more...)
}

func TestTheWholeWayFromCaptionsToPictures(t *testing.T) {
	dir := t.TempDir()
	runs(t, dir, tiny("encode", "-out", "enc")...)
	runs(t, dir, tiny("encode", "-out", "judge", "-judge", "77")...)
	runs(t, dir, tiny("train", "-out", "all", "-variant", "all")...)
	var models []string
	for _, v := range []string{"gan", "gan-cls", "gan-int", "gan-int-cls"} {
		models = append(models, filepath.Join("all", v, "model.safetensors"))
		pictureAt(t, dir, filepath.Join("all", v, "samples", "step-000003.png"))
	}
	model := models[3]
	status, _, stderr := run(t, dir, tiny("train", "-out", "all", "-variant", "all")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "holds a run already")

	out := runs(t, dir, "paint", "-model", model, "-n", "3", "-zoom", "1", "a red circle")
	require.Contains(t, out, `Painted 3 pictures of "a red circle"`)
	one := pictureAt(t, dir, "txt2img.png")
	runs(t, dir, "a red circle", "-model", model, "-n", "3", "-zoom", "1", "-out", "again.png")
	require.Equal(t, one, pictureAt(t, dir, "again.png"), "the word paint may be left out, and a seed decides the picture")
	runs(t, dir, "paint", "-model", model, "-n", "3", "-zoom", "1", "-seed", "2", "-out", "again.png", "a", "red", "circle")
	require.NotEqual(t, one, pictureAt(t, dir, "again.png"))

	require.Contains(t, runs(t, dir, "interpolate", "-model", model, "-n", "2", "-steps", "3", "a red circle", "a blue square"), "Painted 6 pictures")
	require.Contains(t, runs(t, dir, "interpolate", "-model", model, "-n", "1", "-steps", "4", "a red circle"), "Painted 4 pictures")

	out = runs(t, dir, tiny("style", "-model", model, "-out", "style")...)
	require.Contains(t, out, "painted pairs, by style")
	require.Contains(t, out, "painted pairs, by captions")
	pictureAt(t, dir, "style/roc.png")
	runs(t, dir, "transfer", "-model", model, "-style", "style/style.safetensors", "-sentence", "a red circle", "-sentence", "a star",
		"again.png", "txt2img.png")
	pictureAt(t, dir, "transfer.png")

	out = runs(t, dir, append([]string{"eval", "-judge", "judge/pair.safetensors", "-drawn", "200", "-n", "40", "-trials", "2",
		"-sheet", "versus.png", "-neighbours", "near.png"}, models...)...)
	for _, want := range []string{"own caption first among 20 (chance 5.0 %)", "real pictures", "gan-int-cls", "held out", "FID"} {
		require.Contains(t, out, want)
	}
	pictureAt(t, dir, "versus.png")
	pictureAt(t, dir, "near.png")
	require.Contains(t, runs(t, dir, "eval", "-judge", "judge/pair.safetensors", "-drawn", "200", "-n", "40", "-trials", "1",
		"-style", "style/style.safetensors", model), "painted pairs, by style")

	status, _, stderr = run(t, dir, tiny("train", "-out", "x", "-encoder", "judge/encoder.safetensors")...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "is a judge, which has to be kept apart")
	status, _, stderr = run(t, dir, "eval", "-judge", "enc/pair.safetensors", "-drawn", "200", model)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "was trained with the encoder of")
}

// Models that paint stroke by stroke are measured beside those of this program.
func TestModelsOfDrawAreMeasured(t *testing.T) {
	dir := t.TempDir()
	runs(t, dir, tiny("encode", "-out", "enc")...)
	runs(t, dir, tiny("encode", "-out", "judge", "-judge", "77")...)
	runs(t, dir, tiny("train", "-out", "painter")...)
	o := draw.Options{
		Height: 16, Width: 16, Channels: 3, Steps: 2, Hidden: 4, Latent: 2, Read: 2, Write: 2, Text: draw.Aligned, Words: 4, Language: 2, Align: 2,
	}
	m := draw.New(o, rand.New(rand.NewPCG(1, 2)))
	m.Vocabulary = draw.Vocabulary{"", "a", "red", "circle"}
	require.NoError(t, m.Save(filepath.Join(dir, "strokes.safetensors"), 0, nil))
	out := runs(t, dir, "eval", "-judge", "judge/pair.safetensors", "-drawn", "200", "-n", "40", "-trials", "1", "-sheet", "versus.png",
		"strokes.safetensors", "painter/model.safetensors")
	for _, want := range []string{"strokes", "painter", "SSI"} {
		require.Contains(t, out, want)
	}
	pictureAt(t, dir, "versus.png")

	o.Channels = 1
	m = draw.New(o, rand.New(rand.NewPCG(1, 2)))
	require.NoError(t, m.Save(filepath.Join(dir, "grey.safetensors"), 0, nil))
	status, _, stderr := run(t, dir, "eval", "-judge", "judge/pair.safetensors", "-drawn", "200", "grey.safetensors")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "want a square in 3 from a caption")
}

func TestTrainingGoesOnWhereItStopped(t *testing.T) {
	dir := t.TempDir()
	runs(t, dir, tiny("encode", "-out", "enc")...)
	runs(t, dir, tiny("train", "-out", "whole", "-steps", "4", "-schedule", "constant")...)
	runs(t, dir, tiny("train", "-out", "parts", "-steps", "2", "-schedule", "constant")...)
	runs(t, dir, tiny("train", "-out", "parts", "-steps", "4", "-schedule", "constant", "-resume")...)
	for _, f := range []string{"whole", "parts"} {
		runs(t, dir, "paint", "-model", f+"/model.safetensors", "-out", f+".png", "a red circle")
	}
	require.Equal(t, pictureAt(t, dir, "whole.png"), pictureAt(t, dir, "parts.png"))
}

func TestNetworksOfOnesOwn(t *testing.T) {
	dir := t.TempDir()
	runs(t, dir, tiny("encode", "-out", "enc")...)
	runs(t, dir, tiny("train", "-out", "own", "-net", "custom", "-size", "64", "-steps", "1")...)
	runs(t, dir, "paint", "-model", "own/model.safetensors", "-n", "2", "-zoom", "1", "a red circle")
	pictureAt(t, dir, "txt2img.png")
	runs(t, dir, "interpolate", "-model", "own/model.safetensors", "-n", "1", "-steps", "2", "a red circle", "a star")
}

func TestTheEmbeddedModelPaints(t *testing.T) {
	dir := t.TempDir()
	out := runs(t, dir, "a red heart", "-n", "2", "-zoom", "1")
	require.Contains(t, out, `Painted 2 pictures of "a red heart"`)
	require.Contains(t, runs(t, dir, "-n", "2", "-zoom", "1"), "Say what you would like")
	pictureAt(t, dir, "txt2img.png")
}

func TestSentencesOfEveryKind(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		sentence string
		status   int
		want     string
	}{
		{"", 1, "the sentence is empty"},
		{"  \t ", 1, "the sentence is empty"},
		{"красное сердце", 1, "has no letter or digit of the encoder's alphabet"},
		{"!?!", 1, "has no letter or digit"},
		{"a red \xff\xfe heart", 1, "is not UTF-8"},
		{strings.Repeat("a red heart ", 9000), 0, "beyond the encoder's length are passed over: 107880"},
		{"a red heart ♥", 0, "outside the encoder's alphabet are passed over: 1"},
	} {
		status, _, stderr := run(t, dir, "paint", "-n", "1", "-zoom", "1", c.sentence)
		require.Equal(t, c.status, status, stderr)
		require.Contains(t, stderr, c.want)
		require.Less(t, len(stderr), 1000, "a long sentence is not repeated whole")
	}
}

func TestMistakes(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cut.safetensors"), []byte("\x10\x00\x00\x00\x00\x00\x00\x00{"), 0o600))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "set"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "set", "captions.jsonl"), []byte("{\"file\":\"a.png\",\"captions\":[\"\xff\"]}\n"), 0o600))
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"paint", 2, "want a sentence"},
		{"paint -n 0 heart", 2, "-n must be from 1 to 1000"},
		{"paint -out heart.xyz heart", 2, "heart.xyz"},
		{"paint -model no.safetensors heart", 1, "no.safetensors"},
		{"paint -model cut.safetensors heart", 1, "cut.safetensors"},
		{"pain -steps 3", 2, "pain"},
		{"interpolate a b c", 2, "got 3 arguments"},
		{"encode", 2, "-out is needed"},
		{"encode -out x -conv 1,2", 2, "want three numbers"},
		{"encode -out x -data nowhere", 1, "nowhere"},
		{"encode -out x -data set", 1, "UTF-8"},
		{"encode -out x -format xml -data set", 2, `no format "xml"`},
		{"encode -out x -resume", 1, "x holds no run to resume"},
		{"train -out x", 2, "-encoder and -out are needed"},
		{"train -out x -encoder e -variant vae", 2, "is none of gan"},
		{"train -out x -encoder e -net vae", 2, `no networks "vae"`},
		{"train -out x -encoder e -batch 7", 2, "-batch must be even"},
		{"train -out x -encoder e -size 48", 2, "48"},
		{"train -out x -encoder e -augment blur", 2, `"blur" is none of colour`},
		{"train -out x -encoder cut.safetensors", 1, "cut.safetensors"},
		{"style", 2, "-out is needed"},
		{"transfer a.png", 2, "-style, -sentence and a PICTURE are needed"},
		{"eval", 2, "-judge and a MODEL are needed"},
		{"eval -judge no.safetensors m.safetensors", 1, "no.safetensors"},
	} {
		status, _, stderr := run(t, dir, strings.Fields(c.args)...)
		require.Equal(t, c.status, status, fmt.Sprintf("%s\n%s", c.args, stderr))
		require.Contains(t, stderr, c.want, c.args)
		require.NoDirExists(t, filepath.Join(dir, "x"), c.args)
	}
}
