package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "-model FILE [flags] PICTURE",
	Help:  "Draw points of a trained generator, on the mixture that it has learned.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		n := flags.Int("n", 2500, "points")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args, "PICTURE"); err != nil {
				return err
			}
			if *model == "" || *n < 1 {
				return cli.Usage("-model is needed, and -n must be positive")
			}
			g, o, m, err := open(*model)
			if err != nil {
				return err
			}
			x := generate(g, o, *n, rand.New(rand.NewPCG(*seed, 0)))
			return imaging.Save(args[0], imaging.FromImage(picture(m, x)), imaging.EncodeOptions{})
		}
	},
}

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "-model FILE [flags]",
	Help:  "Report how many modes of the mixture a generator covers, and how many of its points are near one.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		n := flags.Int("n", 10_000, "points")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if *model == "" || *n < 1 {
				return cli.Usage("-model is needed, and -n must be positive")
			}
			return runEval(*model, *n, *seed)
		}
	},
}

func runEval(model string, n int, seed uint64) error {
	g, o, m, err := open(model)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	ours, data := m.measure(generate(g, o, n, rng)), m.measure(m.draw(n, rng))
	fmt.Printf("%s, %d points\n", o.Mixture, n)
	for _, row := range []struct {
		name string
		score
	}{{"generator", ours}, {"data", data}} {
		fmt.Printf("  %-10s %d of %d modes covered, %.1f %% of the points within 4σ of one\n", row.name, row.covered, len(m.centres), 100*row.near)
	}
	return nil
}

// open loads a generator and says what it has learned.
func open(model string) (*perceptron, options, mixture, error) {
	var o options
	about, err := checkpoint.ReadManifest(model)
	if err != nil {
		return nil, o, mixture{}, err
	}
	if about.Architecture != architecture {
		return nil, o, mixture{}, fmt.Errorf("%s holds a network of the kind %q, not %q", model, about.Architecture, architecture)
	}
	if err := about.Decode(&o); err != nil {
		return nil, o, mixture{}, err
	}
	const most = 4096
	if o.Latent < 1 || o.Width < 1 || o.Depth < 1 || max(o.Latent, o.Width) > most || o.Depth > 32 {
		return nil, o, mixture{}, fmt.Errorf("%s: impossible options %+v", model, o)
	}
	m, err := newMixture(o.Mixture, 0)
	if err != nil {
		return nil, o, m, fmt.Errorf("%s: %w", model, err)
	}
	g := newGenerator(o, 0)
	return g, o, m, checkpoint.Load(g, model)
}

func newGenerator(o options, seed uint64) *perceptron {
	return newPerceptron(rand.New(rand.NewPCG(seed, 1)), hidden(o.Width, o.Depth, o.Latent, 2)...)
}

// hidden returns the sizes of a network's layers.
func hidden(width, depth, in, out int) []int {
	sizes := []int{in}
	for range depth {
		sizes = append(sizes, width)
	}
	return append(sizes, out)
}

func generate(g *perceptron, o options, n int, rng *rand.Rand) *tensor.Tensor {
	return gan.Draw(g, gan.Normal(o.Latent).Draw(n, rng), nil)
}
