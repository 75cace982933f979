package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/examples/internal/judge"
	"github.com/gander-ml/gander/gan/metric"
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
	judge, err := judge.Make(ctx, o.judge, set, o.steps, o.seed, false)
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
