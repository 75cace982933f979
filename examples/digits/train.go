package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor/imaging"
)

type trainOptions struct {
	net, data, out string
	drawn          int
	resume, paper  bool
	steps          int
	seed           uint64
	rate           float64
	checkpoint     int
}

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help:  "Train a generator of digits: checkpoints, curves, sheets of samples and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		flags.StringVar(&o.net, "net", "gan", "gan; cgan, which is told the digit to make and, but for dropout, makes one picture of each; or dcgan, which is told it and varies")
		flags.StringVar(&o.data, "data", "", "`folder` with the four files of MNIST; without it, digits are drawn from fonts")
		flags.IntVar(&o.drawn, "drawn", 24_000, "digits that are drawn to learn from")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.BoolVar(&o.paper, "paper", false, "learn by SGD at the rates of the papers, which takes hundreds of epochs, instead of Adam; not for dcgan")
		flags.Float64Var(&o.rate, "rate", 2e-4, "learning rate of Adam")
		flags.IntVar(&o.steps, "steps", 20_000, "updates of each player, with 100 digits each")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 1000, "`updates` between checkpoints")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			return runTrain(ctx, o)
		}
	},
}

func runTrain(ctx context.Context, o trainOptions) error {
	switch {
	case o.out == "":
		return cli.Usage("-out is needed")
	case o.steps < 1 || o.checkpoint < 1 || !(o.rate > 0):
		return cli.Usage("-steps, -checkpoint and -rate must be positive")
	case o.data == "" && o.drawn < 120:
		return cli.Usage("-drawn must be at least 120")
	case o.paper && o.net == "dcgan":
		return cli.Usage("-paper is for gan and cgan; Adam is what DCGAN's paper has")
	}
	if _, err := newGame(o.net, nil, 0); err != nil {
		return cli.Usage(err.Error())
	}
	if _, err := os.Stat(filepath.Join(o.out, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	digits, _, _, name, err := load(o.data, o.drawn)
	if err != nil {
		return err
	}
	game, err := newGame(o.net, digits, o.seed)
	if err != nil {
		return err
	}
	game.EMA = 0.999
	recipe, opt := network.MNISTRecipe, optim.Optimizer(optim.Adam{Rate: o.rate, Beta1: 0.5})
	if o.net == "cgan" {
		recipe = network.CGANRecipe
	}
	const size = 100
	if o.paper {
		opt = recipe(digits.Len() / size).Opt
	}
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{"net": o.net, "data": name, "digits": fmt.Sprint(digits.Len()), "paper": fmt.Sprint(o.paper)},
		Sample: sheet(game).Samples,
		Export: func(v *train.View) error {
			path := filepath.Join(v.Dir, "model.safetensors")
			return save(path, train.Average(v, game.Generator), options{o.net, name}, v.Step, o.seed)
		},
	}
	if game.Condition != nil {
		run.Sample = sheet(game).Table
	}
	return train.Play(ctx, gan.Watch(run), game.Players(opt), batches(digits, size))
}

// sheet draws samples of a game, enlarged twice.
func sheet(game gan.Game) gan.Gallery {
	return gan.Gallery{Game: game, Columns: 10, Grid: imaging.Grid{Range: [2]float32{0, 1}, Zoom: 2}}
}
