package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

type evalOptions struct {
	source
	judge    string
	n, steps int
	seed     uint64
}

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "-judge FILE [flags] [MODEL...]",
	Help: "Measure generators with a classifier of the same pictures, which is trained first if its file does not exist, on\n" +
		"pictures that were held out. Without a MODEL only the classifier is made.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		o.source.flags(flags)
		flags.StringVar(&o.judge, "judge", "", "`file` of the classifier; it is made if it does not exist")
		flags.IntVar(&o.n, "n", 5000, "samples to measure")
		flags.IntVar(&o.steps, "judge-steps", 3000, "updates of the classifier, with 100 pictures each")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(ctx context.Context, models []string) error {
			if o.judge == "" || o.n < 20 || o.steps < 1 {
				return cli.Usage("-judge is needed, -n must be at least 20 and -judge-steps positive")
			}
			return runEval(ctx, o, models)
		}
	},
}

func runEval(ctx context.Context, o evalOptions, models []string) error {
	set, err := o.load()
	if err != nil {
		return err
	}
	judge, err := judgeOf(ctx, o, set)
	if err != nil {
		return err
	}
	accuracy, err := metric.Recognised(judge, set.Held, set.Held.Labels)
	if err != nil {
		return err
	}
	accuracy.Name += " of the held-out pictures"
	fmt.Println(accuracy)
	real, err := metric.Extract(judge, set.Held)
	if err != nil {
		return err
	}
	for _, path := range models {
		if err := ctx.Err(); err != nil {
			return err
		}
		game, about, err := open(path)
		if err != nil {
			return err
		}
		if about.Data != set.Name || about.Size != set.Held.Height {
			return fmt.Errorf("%s has learned %s of %d pixels, and -data says to compare it with %s of %d", path, about.Data, about.Size,
				set.Name, set.Held.Height)
		}
		fmt.Printf("\n%s\n", path)
		draw := func() (metric.Images, []int) { return samplesOf(game, about, o.n, o.seed) }
		figures, err := measure(judge, real, draw, game.Condition != nil)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, f := range figures {
			fmt.Println(f)
		}
	}
	return nil
}

// measure returns what a judge finds. draw returns the same samples each time.
func measure(judge *metric.Classifier, real *metric.Features, draw func() (metric.Images, []int), conditional bool) ([]metric.Figure, error) {
	var figures []metric.Figure
	samples, asked := draw()
	if conditional {
		f, err := metric.Recognised(judge, samples, asked)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
		samples, _ = draw()
	}
	score, err := metric.InceptionScore(judge, samples, metric.ScoreOptions{})
	if err != nil {
		return nil, err
	}
	samples, _ = draw()
	fake, err := metric.Extract(judge, samples)
	if err != nil {
		return nil, err
	}
	ofReal, err := real.Stats()
	if err != nil {
		return nil, err
	}
	ofFake, err := fake.Stats()
	if err != nil {
		return nil, err
	}
	fid, err := metric.FID(ofReal, ofFake, metric.FIDOptions{Few: true})
	if err != nil {
		return nil, err
	}
	kid, err := metric.KID(real, fake, metric.KIDOptions{Subsets: 20})
	if err != nil {
		return nil, err
	}
	// The two figures need sets of one size, and take time that grows with its square.
	n := min(real.Len(), fake.Len(), 4000)
	part := func(f *metric.Features) *metric.Features {
		return &metric.Features{Network: f.Network, X: f.X.Rows(0, n)}
	}
	precision, recall, err := metric.PrecisionRecall(part(real), part(fake), metric.ManifoldOptions{})
	if err != nil {
		return nil, err
	}
	return append(figures, score, fid, kid, precision, recall), nil
}

// openJudge reads a classifier and makes sure that it is one of these pictures.
func openJudge(path string, set pictures.Set) (*metric.Classifier, error) {
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

// judgeOf reads the classifier, or trains one and writes it.
func judgeOf(ctx context.Context, o evalOptions, set pictures.Set) (*metric.Classifier, error) {
	if _, err := os.Stat(o.judge); err == nil {
		return openJudge(o.judge, set)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	learn := set.Learn
	switch {
	case len(learn.Classes) < 2:
		return nil, fmt.Errorf("%s has no classes, and a classifier is needed to measure by; put pictures into a sub-folder for each class, "+
			"or give the -judge of another set", set.Name)
	case learn.Len() < 100:
		return nil, fmt.Errorf("%d pictures are too few to train a classifier; 100 are needed", learn.Len())
	}
	fmt.Fprintf(os.Stderr, "training a classifier of %s, to be kept in %s\n", set.Name, o.judge)
	judge := metric.NewClassifier(metric.ClassifierOptions{
		Label: set.Name, Height: learn.Height, Channels: 3, Classes: len(learn.Classes), Maps: 32,
	}, rand.New(rand.NewPCG(o.seed, 3)))
	players := []train.Player[labelled.Batch]{
		metric.Classify(judge, optim.Adam{Rate: 1e-3, Schedule: optim.Cosine{Over: o.steps, Floor: 0.01}}),
	}
	run := train.Run{Steps: o.steps, Seed: o.seed}
	src := learn.Batches(100, labelled.BatchOptions{Transform: data.RandomMirror})
	if err := train.Play(ctx, run, players, src); err != nil {
		return nil, err
	}
	return judge, metric.SaveClassifier(o.judge, judge, o.steps, nil)
}
