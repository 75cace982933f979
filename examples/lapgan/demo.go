package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/lapgan/emoji"
	"github.com/gander-ml/gander/lapgan/photos"
	"github.com/gander-ml/gander/tensor/imaging"
)

var demoCommand = cli.Command{
	Usage: "[flags]",
	Help: "Paint with the embedded pyramids: a table of the classes of emoji, every step from coarse to fine, other details on the same\n" +
		"starts, and the steps of pictures that look like parts of photographs.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		o := demoOptions{sampling: sampling{n: 8}}
		flags.StringVar(&o.table, "out", "lapgan.png", "`file` of the table")
		flags.StringVar(&o.chain, "chain", "lapgan-chain.png", "`file` of the steps")
		flags.StringVar(&o.redraw, "redraw", "lapgan-redraw.png", "`file` of the other details")
		flags.StringVar(&o.photos, "photos", "lapgan-photos.png", "`file` of the steps to parts of photographs")
		flags.IntVar(&o.zoom, "zoom", 2, "pixels a side for one of the image")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from: another seed, other pictures")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if o.zoom < 1 || o.zoom > 16 {
				return cli.Usage("-zoom must be from 1 to 16")
			}
			return runDemo(o)
		}
	},
}

type demoOptions struct {
	sampling
	table, chain, redraw, photos string
}

// check returns an error unless the four are picture files, each of its own.
func (o demoOptions) check() error {
	given := map[string]string{}
	for _, f := range []struct{ name, path string }{{"-out", o.table}, {"-chain", o.chain}, {"-redraw", o.redraw}, {"-photos", o.photos}} {
		if _, err := imaging.FormatOf(f.path); err != nil {
			return cli.Usage(f.name + ": " + err.Error())
		}
		path := filepath.Clean(f.path)
		if other, ok := given[path]; ok {
			return cli.Usage(fmt.Sprintf("%s and %s both name %s; give each its own file", other, f.name, f.path))
		}
		given[path] = f.name
	}
	return nil
}

func runDemo(o demoOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	p, classes, err := emoji.Open()
	if err != nil {
		return err
	}
	start := time.Now()
	all := make([]int, len(classes))
	for k := range all {
		all[k] = k
	}
	if err := save(o.table, p.Table(o.rng(), all, o.n, o.zoom, classes)); err != nil {
		return err
	}
	fmt.Printf("%d pictures of each of %d classes: %s\n", o.n, len(classes), o.table)

	shown := lapgan.Class(some(all, 5)...)
	chain := p.Sample(o.rng(), shown)
	if err := save(o.chain, p.Picture(chain, o.zoom)); err != nil {
		return err
	}
	fmt.Printf("Every step from %d×%d to %d×%d pixels, with what each level adds: %s\n", p.Sizes[0], p.Sizes[0], p.Finest(), p.Finest(), o.chain)

	again := p.Redraw(o.rng(), chain.Coarsest().Repeat(o.n))
	if err := save(o.redraw, imaging.Grid{Columns: o.n, Zoom: o.zoom}.Compose(p.Show(again.Result()))); err != nil {
		return err
	}
	fmt.Printf("Other details, in a row, on the same %d×%d pixels: %s\n", p.Sizes[0], p.Sizes[0], o.redraw)

	if p, err = photos.Open(); err != nil {
		return err
	}
	if err := save(o.photos, p.Picture(p.Sample(o.rng(), lapgan.Many(5)), o.zoom)); err != nil {
		return err
	}
	fmt.Printf("The same steps by a pyramid that has seen photographs: %s\n\n", o.photos)
	fmt.Printf("Painted in %.1f s by weights that were trained here. More of a class: go run ./examples/lapgan sample -class %s -seed 2 more.png\n",
		time.Since(start).Seconds(), classes[0])
	return nil
}

// some returns at most n of the numbers, spread evenly.
func some(all []int, n int) []int {
	n = min(n, len(all))
	out := make([]int, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}
