// Package judge trains and reads the classifiers that example programs measure generators with.
package judge

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

// Open reads a classifier and makes sure that it is one of these pictures.
func Open(path string, set pictures.Set) (*metric.Classifier, error) {
	judge, err := metric.OpenClassifier(path)
	if err != nil {
		return nil, err
	}
	if o := judge.Options; o.Label != set.Name || o.Height != set.Learn.Height || o.Classes != len(set.Learn.Classes) {
		return nil, fmt.Errorf("%s is a classifier of %s of %d pixels in %d classes, not of %s of %d in %d", path, o.Label, o.Height,
			o.Classes, set.Name, set.Learn.Height, len(set.Learn.Classes))
	}
	return judge, nil
}

// Make reads a classifier, or trains one with so many updates and writes it. Pictures are mirrored unless they must not be.
func Make(ctx context.Context, path string, set pictures.Set, steps int, seed uint64, noMirror bool) (*metric.Classifier, error) {
	if _, err := os.Stat(path); err == nil {
		return Open(path, set)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	// It would be a pity to find out after training.
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("no folder for %s: %w", path, err)
	}
	learn := set.Learn
	switch {
	case len(learn.Classes) < 2:
		return nil, fmt.Errorf("%s has no classes, and a classifier is needed to measure by; put pictures into a sub-folder for each class, "+
			"or give the -judge of another set", set.Name)
	case learn.Len() < 100:
		return nil, fmt.Errorf("%d pictures are too few to train a classifier; 100 are needed", learn.Len())
	}
	fmt.Fprintf(os.Stderr, "training a classifier of %s, to be kept in %s\n", set.Name, path)
	judge := metric.NewClassifier(metric.ClassifierOptions{
		Label: set.Name, Height: learn.Height, Channels: learn.Channels, Classes: len(learn.Classes), Maps: 32,
	}, rand.New(rand.NewPCG(seed, 3)))
	players := []train.Player[labelled.Batch]{
		metric.Classify(judge, optim.Adam{Rate: 1e-3, Schedule: optim.Cosine{Over: steps, Floor: 0.01}}),
	}
	o := labelled.BatchOptions{Transform: data.RandomMirror}
	if noMirror {
		o.Transform = nil
	}
	if err := train.Play(ctx, train.Run{Steps: steps, Seed: seed}, players, learn.Batches(100, o)); err != nil {
		return nil, err
	}
	return judge, metric.SaveClassifier(path, judge, steps, nil)
}
