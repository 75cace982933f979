package main

import (
	"context"
	"flag"
	"fmt"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var paintCommand = cli.Command{
	Name:  "paint",
	Usage: "[-run RUN] [flags] PICTURE",
	Help:  "Draw a row for each class: one picture from coarse to fine, and -n more.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sampling
		o.flags(flags, 8)
		return func(_ context.Context, args []string) error {
			p, want, names, err := o.open(args)
			if err != nil {
				return err
			}
			if len(want.Classes) == 0 {
				names, want.Classes = []string{""}, []int{0}
			}
			return save(args[0], strips(p, o, want.Classes, names))
		}
	},
}

// strips draws a row for each class.
func strips(p lapgan.Pyramid, o sampling, classes []int, names []string) *imaging.Image {
	rng := o.rng()
	g := imaging.Grid{Columns: len(p.Sizes) + o.n, Zoom: o.zoom}
	for _, side := range p.Sizes {
		g.ColumnLabels = append(g.ColumnLabels, fmt.Sprintf("%d×%d", side, side))
	}
	var cells []*tensor.Tensor
	for _, k := range classes {
		g.RowLabels = append(g.RowLabels, names[k])
		want := lapgan.Many(1 + o.n)
		if names[k] != "" {
			want.Classes = []int{k}
		}
		c := p.Sample(rng, want)
		for _, s := range c.Stages {
			cells = append(cells, tensor.Resize(p.Show(s.Image).Rows(0, 1), p.Finest(), p.Finest(), tensor.NearestExact))
		}
		cells = append(cells, p.Show(c.Result()).Rows(1, 1+o.n))
	}
	return g.Compose(cells...)
}
