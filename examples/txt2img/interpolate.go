package main

import (
	"context"
	"flag"
	"fmt"
	"image"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/tensor/imaging"
)

var interpolateCommand = cli.Command{
	Name:  "interpolate",
	Usage: "[flags] FROM [TO]",
	Help: "Paint -n rows of pictures on the way from one sentence to another, each row from the same noise;\n" +
		"or, of one sentence alone, on the way from one noise to another.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o painting
		o.flags(flags, 4, "`rows`")
		steps := flags.Int("steps", 9, "pictures of a row")
		return func(_ context.Context, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return cli.Usage(fmt.Sprintf("want one sentence or two, in quotes, got %d arguments", len(args)))
			}
			if *steps < 2 || *steps > 100 {
				return cli.Usage("-steps must be from 2 to 100")
			}
			return runInterpolate(o, args, *steps)
		}
	},
}

func runInterpolate(o painting, sentences []string, steps int) error {
	m, err := o.open(sentences)
	if err != nil {
		return err
	}
	var rows [][]image.Image
	title := captions.Short(sentences[0], 60)
	if len(sentences) == 1 {
		rows, err = m.BetweenNoises(sentences[0], steps, o.paint)
	} else {
		rows, err = m.BetweenSentences(sentences[0], sentences[1], steps, o.paint)
		title += " → " + captions.Short(sentences[1], 60)
	}
	if err != nil {
		return err
	}
	if err := saveSheet(o.out, imaging.Grid{Columns: steps, Zoom: o.zoom, Title: title}, rows); err != nil {
		return err
	}
	fmt.Printf("Painted %s on the way, in %s: %s\n", count(steps*len(rows), "picture"), count(len(rows), "row"), o.out)
	return nil
}
