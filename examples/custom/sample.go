package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "-model FILE [flags] SHEET",
	Help:  "Paint a sheet of pictures.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		rows := flags.Int("rows", 8, "rows of pictures")
		columns := flags.Int("columns", 8, "columns of pictures")
		walk := flags.Bool("walk", false, "show in each row the way from one picture to another")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args, "SHEET"); err != nil {
				return err
			}
			if *rows < 1 || *columns < 1 {
				return cli.Usage("-rows and -columns must be positive")
			}
			game, err := open(*model)
			if err != nil {
				return err
			}
			gallery := gan.Gallery{Game: game, Rows: *rows, Columns: *columns}
			draw := gallery.Samples
			if *walk {
				draw = gallery.Walks
			}
			sheet, err := draw(&train.View{Rand: rand.New(rand.NewPCG(*seed, 0))})
			if err != nil {
				return err
			}
			return imaging.Save(args[0], imaging.FromImage(sheet), imaging.EncodeOptions{})
		}
	},
}

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "-model FILE [flags]",
	Help:  "Report the Fréchet distance from the pictures to learn from, over plain pixels, beside that of noise.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		n := flags.Int("n", 2000, "pictures to paint; at least twice as many as a picture has values")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if *n < 2 {
				return cli.Usage("-n must be at least 2")
			}
			game, err := open(*model)
			if err != nil {
				return err
			}
			rng := rand.New(rand.NewPCG(*seed, 0))
			painted := gan.Draw(game.Generator, game.Latent.Draw(*n, rng), nil)
			painted = tensor.Affine(painted, 0.5, 0.5) // to [0,1], as the data set has them
			for _, set := range []struct {
				name     string
				pictures *tensor.Tensor
			}{{"painted", painted}, {"noise", tensor.RandU(rng, 0, 1, painted.Shape()...)}} {
				distance, err := fid(set.pictures)
				if err != nil {
					return err
				}
				fmt.Printf("%-8s %v\n", set.name, distance)
			}
			return nil
		}
	},
}

// fid is how far pictures are from those to learn from.
func fid(x *tensor.Tensor) (metric.Figure, error) {
	real, err := metric.Measure(metric.Pixels{}, load())
	if err != nil {
		return metric.Figure{}, err
	}
	fake, err := metric.Measure(metric.Pixels{}, metric.InMemory(x))
	if err != nil {
		return metric.Figure{}, err
	}
	return metric.FID(real, fake, metric.FIDOptions{})
}

// open returns a game with the painter of a file.
func open(model string) (gan.Game, error) {
	game := newGame(rand.New(rand.NewPCG(0, 0)))
	if model == "" {
		return game, cli.Usage("-model is needed")
	}
	return game, checkpoint.Load(game.Generator, model)
}
