package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"math/rand/v2"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor/imaging"
)

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "-model FILE [flags] PICTURE",
	Help:  "Draw a sheet of digits: of one that is told the digit, a row for each digit, with the same noise down each column.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		rows := flags.Int("rows", 10, "rows of the sheet, unless there is one for each digit")
		columns := flags.Int("columns", 10, "columns of the sheet")
		digit := flags.Int("class", -1, "the only `digit` to make; for cgan and dcgan")
		walk := flags.Bool("walk", false, "in each row, go from one latent to another")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args, "PICTURE"); err != nil {
				return err
			}
			if *model == "" || *rows < 1 || *columns < 2 || *rows**columns > 10_000 {
				return cli.Usage("-model is needed, -rows must be positive, -columns at least 2, and there are 10000 pictures at most")
			}
			game, _, err := open(*model)
			if err != nil {
				return err
			}
			g := sheet(game)
			g.Rows, g.Columns = *rows, *columns
			if *digit >= 0 {
				if game.Condition == nil || *digit >= classes {
					return cli.Usage(fmt.Sprintf("-class %d: want 0 to 9, and a model that was trained with -net cgan or dcgan", *digit))
				}
				g.Given = gan.Class(classes).Encode(*digit)
			}
			m, err := drawSheet(g, *walk, *digit >= 0, &train.View{Rand: rand.New(rand.NewPCG(*seed, 0))})
			if err != nil {
				return err
			}
			return imaging.Save(args[0], imaging.FromImage(m), imaging.EncodeOptions{})
		}
	},
}

// drawSheet draws walks, a table of classes, or samples.
func drawSheet(g gan.Gallery, walk, one bool, v *train.View) (image.Image, error) {
	switch {
	case walk:
		return g.Walks(v)
	case g.Game.Condition != nil && !one:
		g.Rows = classes
		return g.Table(v)
	}
	return g.Samples(v)
}
