package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/lapgan/emoji"
	"github.com/gander-ml/gander/lapgan/photos"
	"github.com/gander-ml/gander/tensor/imaging"
)

// openEmbedded returns the pyramid of a name and its classes.
func openEmbedded(name string) (p lapgan.Pyramid, classes []string, err error) {
	switch name {
	case emoji.Name:
		return emoji.Open()
	case photos.Name:
		p, err = photos.Open()
		return p, nil, err
	}
	return p, nil, cli.Usage(fmt.Sprintf("no embedded pyramid is called %q; there are %s and %s, and -run is for those of a folder", name, emoji.Name, photos.Name))
}

// openRun reads the levels of a run: the best of each, or its last model where it was never scored, or where last is set. names are
// the classes.
func openRun(dir string, last bool) (p lapgan.Pyramid, names []string, err error) {
	folders, err := filepath.Glob(filepath.Join(dir, "level-*"))
	if err != nil || len(folders) == 0 {
		return p, nil, fmt.Errorf("%s holds no folders level-N, which the command train makes", dir)
	}
	var levels []lapgan.Trained
	for _, f := range folders {
		path := filepath.Join(f, lapgan.BestName)
		if _, err := os.Stat(path); err != nil || last {
			path = filepath.Join(f, "model.safetensors")
		}
		t, err := lapgan.OpenFile(path, customKinds...)
		if err != nil {
			return p, nil, err
		}
		levels = append(levels, t)
	}
	p, err = lapgan.Assemble(levels...)
	return p, levels[0].Classes, err
}

// sampling are the flags of the commands that draw.
type sampling struct {
	run     string
	model   string
	last    bool
	n, zoom int
	seed    uint64
	class   string
	from    string // of the commands that can begin with a picture
}

func (o *sampling) flags(flags *flag.FlagSet, n int) {
	flags.StringVar(&o.run, "run", "", "`folder` that the command train made; without it, an embedded pyramid")
	flags.StringVar(&o.model, "model", emoji.Name, "`name` of the embedded pyramid: "+emoji.Name+", or "+photos.Name+", which knows no classes")
	flags.BoolVar(&o.last, "last", false, "take the last models of the levels, not those with the best scores")
	flags.IntVar(&o.n, "n", n, "how many images")
	flags.IntVar(&o.zoom, "zoom", 2, "pixels a side for one of the image")
	flags.StringVar(&o.class, "class", "", "`name` or number of a class (default: classes in turn)")
	flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
}

func (o *sampling) fromFlag(flags *flag.FlagSet) {
	flags.StringVar(&o.from, "from", "", "begin with this `picture`, its middle shrunk to the coarsest size, and not with drawn images")
}

// open returns the pyramid and what to draw of it.
func (o *sampling) open(args []string) (p lapgan.Pyramid, want lapgan.Wanted, names []string, err error) {
	if err = cli.WantArgs(args, "PICTURE"); err != nil {
		return p, want, nil, err
	}
	if o.n < 1 || o.n > 1000 || o.zoom < 1 || o.zoom > 16 {
		return p, want, nil, cli.Usage("-n must be from 1 to 1000, and -zoom to 16")
	}
	if _, err = imaging.FormatOf(args[0]); err != nil {
		return p, want, nil, err
	}
	if o.run == "" {
		p, names, err = openEmbedded(o.model)
	} else {
		p, names, err = openRun(o.run, o.last)
	}
	if err != nil {
		return p, want, nil, err
	}
	want.N = o.n
	switch at := slices.Index(names, o.class); {
	case o.class != "" && len(names) == 0:
		return p, want, nil, cli.Usage("-class: the pyramid knows no classes")
	case o.class == "":
		for k := range names {
			want.Classes = append(want.Classes, k)
		}
	case at >= 0:
		want.Classes = []int{at}
	default:
		k, err := strconv.Atoi(o.class)
		if err != nil || k < 0 || k >= len(names) {
			return p, want, nil, cli.Usage(fmt.Sprintf("no class %q; there are %q", o.class, names))
		}
		want.Classes = []int{k}
	}
	return p, want, names, nil
}

func (o *sampling) rng() *rand.Rand { return rand.New(rand.NewPCG(o.seed, 0)) }

func save(path string, m *imaging.Image) error {
	return imaging.Save(path, m, imaging.EncodeOptions{})
}

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "[-run RUN] [flags] PICTURE",
	Help:  "Draw a table of all classes, -n images of each, or images of one class.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sampling
		o.flags(flags, 10)
		return func(_ context.Context, args []string) error {
			p, want, names, err := o.open(args)
			if err != nil {
				return err
			}
			if len(want.Classes) == 0 {
				return save(args[0], imaging.Grid{Zoom: o.zoom}.Compose(p.Show(p.Sample(o.rng(), want).Result())))
			}
			return save(args[0], p.Table(o.rng(), want.Classes, o.n, o.zoom, names))
		}
	},
}

var chainCommand = cli.Command{
	Name:  "chain",
	Usage: "[-run RUN] [flags] PICTURE",
	Help:  "Draw images with every step on the way to them: each size, what it is enlarged to, and what is added.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sampling
		o.flags(flags, 4)
		o.fromFlag(flags)
		return func(_ context.Context, args []string) error {
			p, want, _, err := o.open(args)
			if err != nil {
				return err
			}
			rng := o.rng()
			start, err := o.start(p, want, rng)
			if err != nil {
				return err
			}
			return save(args[0], p.Picture(p.Redraw(rng, start), o.zoom))
		}
	},
}

var redrawCommand = cli.Command{
	Name:  "redraw",
	Usage: "[-run RUN] [flags] PICTURE",
	Help:  "Draw -n coarsest images, and eight times other details on each, a row for each start.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sampling
		o.flags(flags, 4)
		o.fromFlag(flags)
		return func(_ context.Context, args []string) error {
			p, want, _, err := o.open(args)
			if err != nil {
				return err
			}
			const variants = 8
			rng := o.rng()
			start, err := o.start(p, want, rng)
			if err != nil {
				return err
			}
			again := p.Redraw(rng, start.Repeat(variants))
			return save(args[0], imaging.Grid{Columns: variants, Zoom: o.zoom}.Compose(p.Show(again.Result())))
		}
	},
}
