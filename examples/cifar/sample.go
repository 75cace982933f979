package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "-model FILE [flags] PICTURE",
	Help:  "Draw a sheet of pictures: a row for each class, with the same noise down each column, or rows of one class.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		rows := flags.Int("rows", 10, "rows of the sheet, unless there is one for each class")
		columns := flags.Int("columns", 10, "columns of the sheet")
		class := flags.String("class", "", "the only class to make: its `name` or number")
		walk := flags.Bool("walk", false, "in each row, go from one latent to another")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args, "PICTURE"); err != nil {
				return err
			}
			if *model == "" || *rows < 1 || *columns < 2 || *rows > 1000 || *columns > 1000 {
				return cli.Usage("-model is needed, -rows must be 1 to 1000 and -columns 2 to 1000")
			}
			if _, err := imaging.FormatOf(args[0]); err != nil {
				return err
			}
			game, about, err := open(*model)
			if err != nil {
				return err
			}
			g := sheet(game, about)
			g.Rows, g.Columns = *rows, *columns
			if *class != "" {
				k, err := about.class(*class)
				if err != nil {
					return err
				}
				g.Given = gan.Class(len(about.Classes)).Encode(k)
			}
			m, err := drawSheet(g, *walk, *class != "", &train.View{Rand: rand.New(rand.NewPCG(*seed, 0))})
			if err != nil {
				return err
			}
			return imaging.Save(args[0], imaging.FromImage(m), imaging.EncodeOptions{})
		}
	},
}

// class returns the number of a class by its name or number.
func (o options) class(name string) (int, error) {
	if len(o.Classes) == 0 {
		return 0, cli.Usage("-class: the model was told no classes")
	}
	if k := slices.Index(o.Classes, name); k >= 0 {
		return k, nil
	}
	if k, err := strconv.Atoi(name); err == nil && k >= 0 && k < len(o.Classes) {
		return k, nil
	}
	return 0, cli.Usage(fmt.Sprintf("no class %q; there are %q", name, o.Classes))
}

// drawSheet draws walks, a table of classes, or samples.
func drawSheet(g gan.Gallery, walk, one bool, v *train.View) (image.Image, error) {
	switch {
	case walk:
		return g.Walks(v)
	case g.Game.Condition != nil && !one:
		g.Rows = int(g.Game.Condition.(gan.Class))
		return g.Table(v)
	}
	return g.Samples(v)
}

// samplesOf draws n pictures with values in [0, 1], of the classes in turn, which it returns.
func samplesOf(game gan.Game, about options, n int, seed uint64) (metric.Images, []int) {
	rng := rand.New(rand.NewPCG(seed, 0))
	asked := make([]int, n)
	for i := range asked {
		asked[i] = i % max(1, len(about.Classes))
	}
	return metric.Generated(n, func(lo, hi int) (*tensor.Tensor, error) {
		var y *tensor.Tensor
		if game.Condition != nil {
			y = gan.Class(len(about.Classes)).Encode(asked[lo:hi]...)
		}
		x := gan.Draw(game.Generator, game.Latent.Draw(hi-lo, rng), y)
		tensor.AffineInto(x, x, 0.5, 0.5)
		return x, nil
	}), asked
}
