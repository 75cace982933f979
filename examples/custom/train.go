package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help:  "Train: checkpoints, curves, sheets of samples, a report in words, and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		out := flags.String("out", "", "`folder` of the run")
		resume := flags.Bool("resume", false, "go on from the last checkpoint of the run")
		steps := flags.Int("steps", 3000, "updates of each network")
		batch := flags.Int("batch", 32, "pictures in a batch")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if *out == "" || *steps < 1 || *batch < 2 {
				return cli.Usage("-out is needed, -steps must be positive and -batch at least 2")
			}
			if _, err := os.Stat(filepath.Join(*out, "run.json")); err == nil && !*resume {
				return fmt.Errorf("%s holds a run already; -resume goes on with it", *out)
			} else if *resume && errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("%s holds no run to resume", *out)
			}
			game := newGame(rand.New(rand.NewPCG(*seed, 0)))
			run := train.Run{
				Dir: *out, Steps: *steps, Seed: *seed,
				Config: map[string]string{"batch": fmt.Sprint(*batch)},
				Sample: gan.Gallery{Game: game}.Samples,
				Export: func(v *train.View) error {
					about := checkpoint.Manifest{Architecture: "custom", Seed: *seed, Step: v.Step}
					return checkpoint.Save(filepath.Join(v.Dir, "model.safetensors"), train.Average(v, game.Generator), about)
				},
			}
			pictures := gan.Labelled(load().Batches(*batch, labelled.BatchOptions{Signed: true}))
			return train.Play(ctx, gan.Watch(run), game.Players(optim.Adam{Rate: 5e-4, Beta1: 0.5}), pictures)
		}
	},
}
