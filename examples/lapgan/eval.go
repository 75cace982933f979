package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "-run RUN [flags]",
	Help:  "Print the approximate Parzen score of every level, and the factorised log-likelihood, on held-out pictures.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		run := flags.String("run", "", "`folder` that the command train made")
		data := flags.String("data", "", "`folder` of the data it was trained on; without it, shapes are drawn")
		n := flags.Int("n", 100, "held-out pictures, half of them to choose σ")
		draws := flags.Int("draws", 128, "samples for each picture")
		last := flags.Bool("last", false, "take the last models of the levels, not those with the best scores")
		exact := flags.Bool("exact", false, "take the exact likelihood of levels that know it")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if *run == "" || *n < 2 || *draws < 1 {
				return cli.Usage("-run is needed, -n must be at least 2 and -draws positive")
			}
			p, _, err := openRun(*run, *last)
			if err != nil {
				return err
			}
			m, err := load(*data, p.Finest())
			if err != nil {
				return err
			}
			return evaluate(ctx, p, m.Held, *n, *draws, *exact, rand.New(rand.NewPCG(*seed, 0)))
		}
	},
}

func evaluate(ctx context.Context, p lapgan.Pyramid, held *labelled.Images, n, draws int, exact bool, rng *rand.Rand) error {
	n = min(n, held.Len())
	x, err := held.Block(0, n)
	if err != nil {
		return err
	}
	side := p.Finest()
	if held.Height < side || held.Width < side {
		return fmt.Errorf("pictures of %d×%d pixels for a pyramid up to %d×%d", held.Width, held.Height, side, side)
	}
	x = tensor.Crop2D(x, (held.Height-side)/2, (held.Width-side)/2, side, side)
	if p.Norm != nil {
		x = p.Norm.Apply(x)
	}
	var classes []int
	if held.Labels != nil {
		classes = held.Labels[:n]
	}
	for k, side := range p.Sizes {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := lapgan.Score(p.Levels[k], lapgan.Examples(x, p.Sizes, k, p.Operator, classes), draws, rng)
		if err != nil {
			return err
		}
		fmt.Printf("%d×%d: %v\n", side, side, f)
	}
	half := n / 2
	part := func(lo, hi int) []int {
		if classes == nil {
			return nil
		}
		return classes[lo:hi]
	}
	figures, err := lapgan.LogLikelihood(p, x.Rows(0, half), x.Rows(half, n), part(0, half), part(half, n),
		lapgan.LikelihoodOptions{Draws: draws, Exact: exact}, rng)
	if err != nil {
		return err
	}
	for _, f := range figures {
		fmt.Println(f)
	}
	return nil
}
