package metric

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

func TestClassifierLearnsDigits(t *testing.T) {
	digits := synthetic.Digits(2000, 1, synthetic.DigitOptions{Side: 16})
	test := synthetic.Digits(200, 2, synthetic.DigitOptions{Side: 16})
	c := NewClassifier(ClassifierOptions{Label: "synthetic digits", Height: 16, Classes: 10, Maps: 8, Features: 32}, newRand(1))
	before, err := Recognised(c, test, test.Labels)
	require.NoError(t, err)
	require.Less(t, before.Value, 0.4)
	fresh := c.Name()

	err = train.Play(context.Background(), train.Run{Steps: 60, Seed: 3, Progress: io.Discard},
		[]train.Player[labelled.Batch]{Classify(c, optim.Adam{Rate: 3e-3})}, digits.Batches(50, labelled.BatchOptions{}))
	require.NoError(t, err)
	after, err := Recognised(c, test, test.Labels)
	require.NoError(t, err)
	require.Greater(t, after.Value, 0.8)
	require.Contains(t, after.Protocol, "judge synthetic digits classifier ")
	require.NotEqual(t, fresh, c.Name(), "other weights, another name")

	path := filepath.Join(t.TempDir(), "digits.safetensors")
	require.NoError(t, SaveClassifier(path, c, 60, nil))
	back, err := OpenClassifier(path)
	require.NoError(t, err)
	require.Equal(t, c.Name(), back.Name())
	again, err := Recognised(back, test, test.Labels)
	require.NoError(t, err)
	require.Equal(t, after, again)

	// Noise is far from digits, other digits are near, and the recogniser that was just trained sees it.
	stats := func(m Images) *Stats {
		s, err := Measure(c, m)
		require.NoError(t, err)
		return s
	}
	real := stats(digits.Slice(0, 1000))
	near, err := FID(real, stats(digits.Slice(1000, 2000)), FIDOptions{})
	require.NoError(t, err)
	far, err := FID(real, stats(InMemory(tensor.RandU(newRand(5), 0, 1, 200, 16, 16, 1))), FIDOptions{})
	require.NoError(t, err)
	require.Greater(t, far.Value, 20*near.Value)
}

func TestClassifierShapes(t *testing.T) {
	for _, o := range []ClassifierOptions{
		{Height: 28, Classes: 10},
		{Height: 4, Width: 9, Classes: 2, Channels: 3, Maps: 2, Features: 5},
		{Height: 33, Width: 40, Classes: 7, Channels: 3, Maps: 2, Features: 5},
		{Height: 4, Width: 130, Classes: 3, Maps: 1, Features: 4},
	} {
		c := NewClassifier(o, newRand(1))
		o = c.Options
		x := autograd.Const(tensor.RandU(newRand(2), 0, 1, 3, o.Height, o.Width, o.Channels))
		require.Equal(t, []int{3, o.Classes}, c.Forward(x, nil).Shape())
		require.Equal(t, []int{3, o.Features}, c.Features(x, nil).Shape())
	}
	require.PanicsWithValue(t, "metric.Classifier: want (N,28,28,1), got (2,28,28,3)", func() {
		NewClassifier(ClassifierOptions{Height: 28, Classes: 10}, newRand(1)).Features(autograd.Const(tensor.New(2, 28, 28, 3)), nil)
	})
	require.PanicsWithValue(t, "metric.NewClassifier: a classifier of pictures of 0×0 pixels; want 4×4 to 4096×4096",
		func() { NewClassifier(ClassifierOptions{Classes: 10}, newRand(1)) })
}

func TestEveryParameterOfTheClassifierLearns(t *testing.T) {
	c := NewClassifier(ClassifierOptions{Height: 17, Classes: 4, Maps: 4, Features: 16}, newRand(1))
	tape := autograd.NewTape()
	bound := nn.Bind(tape, c)
	x := autograd.Const(tensor.RandU(newRand(2), 0, 1, 8, 17, 17, 1))
	logits := bound.Forward(x, &nn.Pass{Train: true, Rand: newRand(3)})
	loss := nn.CrossEntropy(logits, []int{0, 1, 2, 3, 0, 1, 2, 3})
	for i, g := range autograd.Grad(loss, nn.Params(bound)...) {
		require.NotZero(t, tensor.Norm(g), nn.Walk(c)[i].Name)
	}
}

func TestOpenClassifierRefuses(t *testing.T) {
	dir := t.TempDir()
	c := NewClassifier(ClassifierOptions{Height: 8, Classes: 2, Maps: 2, Features: 3}, newRand(1))
	for name, m := range map[string]checkpoint.Manifest{
		"holds a network of the kind":    checkpoint.NewManifest("srresnet", nil),
		"numbers, its options ask for":   checkpoint.NewManifest(Architecture, ClassifierOptions{Height: 4096, Classes: 65536, Maps: 65536, Features: 65536}),
		"want 4×4":                       checkpoint.NewManifest(Architecture, ClassifierOptions{Height: 1, Classes: 2}),
		"unknown field":                  checkpoint.NewManifest(Architecture, map[string]int{"Depth": 3}),
		"the limit is 65536":             checkpoint.NewManifest(Architecture, ClassifierOptions{Height: 8, Classes: 1 << 30}),
		"blocks.0.conv.weight":           checkpoint.NewManifest(Architecture, ClassifierOptions{Height: 8, Classes: 2, Maps: 1, Features: 3}),
		"drops out all of its features:": checkpoint.NewManifest(Architecture, ClassifierOptions{Height: 8, Classes: 2, Dropout: 1}),
	} {
		path := filepath.Join(dir, "c.safetensors")
		require.NoError(t, checkpoint.Save(path, c, m))
		_, err := OpenClassifier(path)
		require.ErrorContains(t, err, name)
		require.True(t, strings.HasPrefix(err.Error(), "metric: "), err)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "no"), []byte("no"), 0o600))
	_, err := OpenClassifier(filepath.Join(dir, "no"))
	require.Error(t, err)
}

func TestFingerprintTellsWeightsApart(t *testing.T) {
	make := func(seed uint64) *Classifier {
		return NewClassifier(ClassifierOptions{Height: 8, Classes: 2, Maps: 2, Features: 3}, rand.New(rand.NewPCG(seed, 1)))
	}
	require.Equal(t, Fingerprint(make(1)), Fingerprint(make(1)))
	require.NotEqual(t, Fingerprint(make(1)), Fingerprint(make(2)))
	c := make(1)
	c.Blocks[0].Norm.RunningMean.Set(1, 0)
	require.NotEqual(t, Fingerprint(make(1)), Fingerprint(c), "state counts")
}

// A file of a classifier that is accepted recognises pictures of the size that it says.
func FuzzOpenClassifier(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "seed")
	o := ClassifierOptions{Height: 8, Width: 8, Channels: 1, Classes: 2, Maps: 2, Features: 4}
	require.NoError(f, SaveClassifier(path, NewClassifier(o, rand.New(rand.NewPCG(1, 2))), 1, nil))
	b, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(b)
	f.Add(b[:len(b)/2])
	f.Add(bytes.Replace(b, []byte(`\"Classes\":2`), []byte(`\"Classes\":9`), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, "fuzzed")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		c, err := OpenClassifier(path)
		if err != nil {
			return
		}
		o := c.Options
		if o.Height*o.Width > 1<<14 {
			return
		}
		picture := tensor.New(1, o.Height, o.Width, o.Channels)
		require.Equal(t, []int{1, o.Classes}, c.Forward(autograd.Const(picture), nil).Shape())
	})
}
