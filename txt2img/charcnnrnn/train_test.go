package charcnnrnn_test

import (
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// shapes is a training and a test set whose classes are disjoint.
func shapes(n int) (pictures, heldOut *caption.Pictures) {
	return synthetic.CaptionedShapes(n, 1, synthetic.ShapeOptions{Side: 16})
}

func compact() charcnnrnn.Training {
	return charcnnrnn.Training{
		Encoder: small(charcnnrnn.ICML),
		Image:   charcnnrnn.ImageOptions{Size: 16, Width: 12},
		Batch:   24, Reword: 0.3, Opt: optim.Adam{Rate: 3e-3}, EMA: 0.99,
	}
}

// Trained together on pictures of coloured shapes, the encoders know something of classes that they have not met.
func TestTrain(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	pictures, heldOut := shapes(400)
	dir := t.TempDir()
	var first, last train.Record
	run := train.Run{
		Dir: dir, Steps: 400, Seed: 1, Progress: io.Discard,
		OnLog: func(r train.Record) error {
			if r.Step == 0 {
				first = r
			}
			last = r
			return nil
		},
	}
	pair, err := charcnnrnn.Train(context.Background(), run, compact(), pictures, heldOut)
	require.NoError(t, err)
	t.Log(first.Eval, last.Eval)
	require.Less(t, float64(first.Eval["seen"]), 0.08, "chance is 0.05")
	require.Greater(t, float64(last.Eval["seen"]), 0.15)
	require.Greater(t, float64(last.Eval["unseen"]), 0.12)
	require.Contains(t, last.Eval, "ap")

	onDisk, err := charcnnrnn.OpenPairFile(filepath.Join(dir, charcnnrnn.PairFile))
	require.NoError(t, err)
	require.Equal(t, values(pair), values(onDisk))
	text, err := charcnnrnn.OpenFile(filepath.Join(dir, charcnnrnn.EncoderFile))
	require.NoError(t, err)
	require.Equal(t, values(pair.Text), values(text))

	// A run that has ended gives the same again.
	again, err := charcnnrnn.Train(context.Background(), run, compact(), pictures, heldOut)
	require.NoError(t, err)
	require.Equal(t, values(pair), values(again))
	other := compact()
	other.Reword = 0
	_, err = charcnnrnn.Train(context.Background(), run, other, pictures, heldOut)
	require.ErrorContains(t, err, "sampler")
}

func classes(p *caption.Pictures) int {
	seen := map[int]bool{}
	for _, k := range p.Images.Labels {
		seen[k] = true
	}
	return len(seen)
}

// An encoder of pictures that was trained on classes first, and then left as it is.
func TestTrainOnFeatures(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	pictures, heldOut := shapes(400)
	o := compact()
	o.ClassifierSteps, o.Frozen = 300, true
	var last train.Record
	run := train.Run{Steps: 300, Seed: 1, Progress: io.Discard, OnLog: func(r train.Record) error { last = r; return nil }}
	pair, err := charcnnrnn.Train(context.Background(), run, o, pictures, heldOut)
	require.NoError(t, err)
	t.Log(last.Eval)
	require.Greater(t, float64(last.Eval["seen"]), 0.3, "chance is 0.05")
	require.Greater(t, float64(last.Eval["unseen"]), 0.3)
	require.Greater(t, float64(last.Eval["zero-shot"]), 2.5/float64(classes(heldOut)))

	vectors, err := charcnnrnn.Whole(heldOut.Images, 16)
	require.NoError(t, err)
	r, err := charcnnrnn.Retrieval(pair.Image.Encode(vectors), pair.Text, heldOut.Captions, charcnnrnn.RetrievalOptions{Candidates: 10})
	require.NoError(t, err)
	require.Equal(t, 10, r.Candidates)
}

// Nothing of a run is lost when it is killed and started again, with the published optimiser.
func TestTrainGoesOn(t *testing.T) {
	pictures, _ := shapes(60)
	o := charcnnrnn.Training{
		Encoder: small(charcnnrnn.CVPR), Image: charcnnrnn.ImageOptions{Size: 16, Width: 4},
		Batch: 8, ByPicture: true, NoMirror: true, ClassifierSteps: 3, Frozen: true, Facts: map[string]string{"data": "shapes"},
	}
	whole, err := charcnnrnn.Train(context.Background(), train.Run{Dir: t.TempDir(), Steps: 6, Seed: 1, Progress: io.Discard}, o, pictures, nil)
	require.NoError(t, err)

	run := train.Run{Dir: t.TempDir(), Steps: 6, Seed: 1, CheckpointEvery: 2, LogEvery: 1, Progress: io.Discard}
	ctx, stop := context.WithCancel(context.Background())
	run.OnLog = func(r train.Record) error {
		if r.Step == 3 {
			stop()
		}
		return nil
	}
	exported := 0
	run.Export = func(*train.View) error { exported++; return nil }
	_, err = charcnnrnn.Train(ctx, run, o, pictures, nil)
	require.ErrorIs(t, err, context.Canceled)
	require.Positive(t, exported, "the hooks of a run are kept")
	run.OnLog = nil
	cut, err := charcnnrnn.Train(context.Background(), run, o, pictures, nil)
	require.NoError(t, err)
	require.Equal(t, values(whole), values(cut))
}

func TestTrainRefuses(t *testing.T) {
	pictures, _ := shapes(60)
	for want, change := range map[string]func(o *charcnnrnn.Training){
		"no variant":        func(o *charcnnrnn.Training) { o.Encoder.Variant = "x" },
		"want a power of":   func(o *charcnnrnn.Training) { o.Image.Size = 20 },
		"has to be trained": func(o *charcnnrnn.Training) { o.Frozen = true },
		"cannot fill":       func(o *charcnnrnn.Training) { o.Batch = 2000 },
	} {
		o := compact()
		change(&o)
		_, err := charcnnrnn.Train(context.Background(), train.Run{Steps: 1, Progress: io.Discard}, o, pictures, nil)
		require.ErrorContains(t, err, want)
	}
}
