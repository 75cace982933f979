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
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

type evalOptions struct {
	model, judge, data string
	drawn, n, steps    int
	seed               uint64
}

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "-model FILE -judge FILE [flags]",
	Help:  "Measure a generator with a classifier of the same digits, which is trained first if its file does not exist.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		flags.StringVar(&o.model, "model", "", "model `file` of a run")
		flags.StringVar(&o.judge, "judge", "", "`file` of the classifier; it is made if it does not exist")
		flags.StringVar(&o.data, "data", "", "`folder` with the four files of MNIST; without it, digits are drawn from fonts")
		flags.IntVar(&o.drawn, "drawn", 24_000, "digits that were drawn to learn from")
		flags.IntVar(&o.n, "n", 10_000, "samples to measure")
		flags.IntVar(&o.steps, "judge-steps", 2000, "updates of the classifier, with 100 digits each")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if o.model == "" || o.judge == "" || o.n < 20 || o.steps < 1 || o.drawn < 120 {
				return cli.Usage("-model and -judge are needed, -n must be at least 20, -drawn 120, and -judge-steps positive")
			}
			return runEval(ctx, o)
		}
	},
}

func runEval(ctx context.Context, o evalOptions) error {
	game, about, err := open(o.model)
	if err != nil {
		return err
	}
	learn, held, test, name, err := load(o.data, o.drawn)
	if err != nil {
		return err
	}
	if name != about.Data {
		return fmt.Errorf("%s has learned %s, and -data says to compare it with %s", o.model, about.Data, name)
	}
	judge, err := judgeOf(ctx, o, learn, name)
	if err != nil {
		return err
	}
	asked := make([]int, o.n)
	for i := range asked {
		asked[i] = i % classes
	}
	samples := samplesOf(game, asked, o.seed)
	figures, err := measure(judge, game.Condition != nil, metric.InMemory(samples), asked, test)
	if err != nil {
		return err
	}
	parzen, err := parzenOf(samples, held, test)
	if err != nil {
		return err
	}
	diversity, err := metric.Diversity(samples, metric.DiversityOptions{Seed: o.seed})
	if err != nil {
		return err
	}
	real, err := test.Block(0, min(test.Len(), o.n))
	if err != nil {
		return err
	}
	limit, err := metric.Diversity(real, metric.DiversityOptions{Seed: o.seed})
	if err != nil {
		return err
	}
	limit.Name += " of the test set"
	for _, f := range append(figures, diversity, limit, parzen) {
		fmt.Println(f)
	}
	if about.Data == "MNIST" {
		paper := map[string]string{"gan": "225 ± 2", "cgan": "132 ± 1.8"}[about.Net]
		if paper == "" {
			paper = "of GAN 225 ± 2, of CGAN 132 ± 1.8"
		}
		fmt.Printf("Parzen log-likelihood in the paper %s\n", paper)
	}
	return nil
}

// measure returns what a judge finds.
func measure(judge *metric.Classifier, conditional bool, samples metric.Images, asked []int, test *labelled.Images) ([]metric.Figure, error) {
	accuracy, err := metric.Recognised(judge, test, test.Labels)
	if err != nil {
		return nil, err
	}
	accuracy.Name += " of the test set"
	figures := []metric.Figure{accuracy}
	if conditional {
		f, err := metric.Recognised(judge, samples, asked)
		if err != nil {
			return nil, err
		}
		figures = append(figures, f)
	}
	score, err := metric.InceptionScore(judge, samples, metric.ScoreOptions{})
	if err != nil {
		return nil, err
	}
	real, err := metric.Extract(judge, test)
	if err != nil {
		return nil, err
	}
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

func parzenOf(samples *tensor.Tensor, held, test *labelled.Images) (metric.Figure, error) {
	validation, err := held.Block(0, min(held.Len(), 1000))
	if err != nil {
		return metric.Figure{}, err
	}
	points, err := test.Block(0, test.Len())
	if err != nil {
		return metric.Figure{}, err
	}
	return metric.ParzenLogLikelihood(samples, validation, points, metric.ParzenOptions{})
}

// samplesOf draws a sample for each digit that is asked for; an unconditional generator does not hear which.
func samplesOf(game gan.Game, asked []int, seed uint64) *tensor.Tensor {
	z := game.Latent.Draw(len(asked), rand.New(rand.NewPCG(seed, 0)))
	var y *tensor.Tensor
	if game.Condition != nil {
		y = gan.Class(classes).Encode(asked...)
	}
	return gan.Draw(game.Generator, z, y)
}

// judgeOf reads the classifier, or trains one and writes it.
func judgeOf(ctx context.Context, o evalOptions, learn *labelled.Images, name string) (*metric.Classifier, error) {
	if _, err := os.Stat(o.judge); err == nil {
		judge, err := metric.OpenClassifier(o.judge)
		if err != nil {
			return nil, err
		}
		if judge.Options.Label != name || judge.Options.Classes != classes {
			return nil, fmt.Errorf("%s is a classifier of %s in %d classes, not of %s in %d",
				o.judge, judge.Options.Label, judge.Options.Classes, name, classes)
		}
		return judge, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "training a classifier of %s, to be kept in %s\n", name, o.judge)
	judge := metric.NewClassifier(metric.ClassifierOptions{Label: name, Height: side, Classes: classes}, rand.New(rand.NewPCG(o.seed, 3)))
	players := []train.Player[labelled.Batch]{
		metric.Classify(judge, optim.Adam{Rate: 1e-3, Schedule: optim.Cosine{Over: o.steps, Floor: 0.01}}),
	}
	run := train.Run{Steps: o.steps, Seed: o.seed}
	if err := train.Play(ctx, run, players, learn.Batches(100, labelled.BatchOptions{})); err != nil {
		return nil, err
	}
	return judge, metric.SaveClassifier(o.judge, judge, o.steps, nil)
}
