package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/examples/internal/judge"
	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor/imaging"
)

// source are the flags that say what to learn from.
type source struct {
	data        string
	size, drawn int
}

func (s *source) flags(flags *flag.FlagSet) {
	flags.StringVar(&s.data, "data", "", "`folder` of CIFAR-10 binaries or of pictures, with classes as sub-folders; without it, shapes are drawn")
	flags.IntVar(&s.size, "size", 32, "`side` that pictures of a folder are brought to, and of drawn shapes: 8, 16, 32, …")
	flags.IntVar(&s.drawn, "drawn", 10_000, "shapes that are drawn")
}

func (s *source) load() (pictures.Set, error) {
	if s.size < 8 || s.size > 256 || s.size&(s.size-1) != 0 || s.drawn < 100 {
		return pictures.Set{}, cli.Usage("-size must be 8, 16, 32 … 256, and -drawn at least 100")
	}
	set, err := pictures.Load(s.data, s.size, s.drawn)
	if err != nil {
		return set, err
	}
	for _, bad := range set.Bad {
		fmt.Fprintln(os.Stderr, "cifar: left out:", bad)
	}
	if m := set.Learn; m.Height != m.Width || m.Channels != 3 {
		return set, fmt.Errorf("%s holds pictures of %d×%d pixels in %d colours; want squares in 3", s.data, m.Width, m.Height, m.Channels)
	}
	return set, nil
}

type trainOptions struct {
	options
	source
	out, judge    string
	resume        bool
	unconditional bool
	augment       string
	changes       gan.Augment
	noMirror      bool
	steps, batch  int
	seed          uint64
	rate, r1, ema float64
	checkpoint    int
	measured      int
}

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help:  "Train a generator: checkpoints, curves, a table of each stage and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		o.source.flags(flags)
		flags.StringVar(&o.Game, "game", "dcgan", "dcgan, wgan-gp, or resnet with spectral norm and hinge loss")
		flags.BoolVar(&o.unconditional, "unconditional", false, "tell the networks no classes")
		flags.IntVar(&o.Width, "width", 64, "feature maps of the layers next to the pictures; for resnet of every layer")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.StringVar(&o.judge, "judge", "", "`file` of a classifier, made by eval, by whose features FID is logged at every checkpoint")
		flags.IntVar(&o.measured, "n", 2000, "samples for that FID")
		flags.StringVar(&o.augment, "augment", "", "`changes` to all that the discriminator sees, for small sets: colour, translation and cutout, or all")
		flags.BoolVar(&o.noMirror, "no-mirror", false, "do not mirror pictures left to right")
		flags.Float64Var(&o.r1, "r1", 0, "weight of an R1 penalty, at every 16th update, for dcgan and resnet; 0 means none")
		flags.Float64Var(&o.ema, "ema", 0.999, "decay of the average of the generator that is shown and saved; 0 means the generator itself")
		flags.Float64Var(&o.rate, "rate", 0, "learning rate of Adam; 0 means that of the paper")
		flags.IntVar(&o.steps, "steps", 20_000, "updates of the generator")
		flags.IntVar(&o.batch, "batch", 64, "pictures in a batch")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 500, "`updates` between checkpoints")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			return runTrain(ctx, o)
		}
	},
}

func (o *trainOptions) check() error {
	shape := o.options
	shape.Size = 32 // of the pictures, which are not read yet
	switch err := shape.check(); {
	case err != nil:
		return cli.Usage(err.Error())
	case o.out == "":
		return cli.Usage("-out is needed")
	case o.steps < 1 || o.checkpoint < 1 || o.batch < 2 || o.measured < 2:
		return cli.Usage("-steps and -checkpoint must be positive, and -batch and -n at least 2")
	case !(o.rate >= 0) || !(o.r1 >= 0) || !(o.ema >= 0 && o.ema < 1):
		return cli.Usage("-rate and -r1 must not be negative, and -ema from 0 to below 1")
	case o.r1 > 0 && o.Game == "wgan-gp":
		return cli.Usage("-r1 is for dcgan and resnet; wgan-gp has a penalty of its own")
	}
	if o.augment == "" {
		return nil
	}
	for change := range strings.SplitSeq(o.augment, ",") {
		switch strings.TrimSpace(change) {
		case "all":
			o.changes = gan.FullAugment
		case "colour":
			o.changes.Colour = true
		case "translation":
			o.changes.Translation = true
		case "cutout":
			o.changes.Cutout = true
		default:
			return cli.Usage(fmt.Sprintf("no change %q; there are colour, translation and cutout, or all", change))
		}
	}
	return nil
}

func runTrain(ctx context.Context, o trainOptions) error {
	if _, err := os.Stat(filepath.Join(o.out, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	set, err := o.load()
	if err != nil {
		return err
	}
	if set.Learn.Len() < o.batch {
		return cli.Usage(fmt.Sprintf("%d pictures cannot fill a batch of %d", set.Learn.Len(), o.batch))
	}
	about := o.options
	about.Data, about.Size = set.Name, set.Learn.Height
	if !o.unconditional && len(set.Learn.Classes) > 1 {
		about.Classes = set.Learn.Classes
	}
	if err := about.check(); err != nil {
		return err
	}
	game, opt := newGame(about, o.seed)
	game.EMA, game.Augment = o.ema, o.changes
	if o.r1 > 0 {
		game.Penalty = gan.R1{Weight: o.r1, Every: 16}
	}
	if o.rate > 0 {
		opt.Rate = o.rate
	}
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{
			"game": o.Game, "data": set.Name, "pictures": fmt.Sprint(set.Learn.Len()), "classes": fmt.Sprint(len(about.Classes)),
			"width": fmt.Sprint(o.Width), "batch": fmt.Sprint(o.batch), "augment": o.augment, "r1": fmt.Sprint(o.r1),
		},
		Sample: sheet(game, about).Samples,
		Export: func(v *train.View) error {
			return save(filepath.Join(v.Dir, "model.safetensors"), train.Average(v, game.Generator), about, v.Step, o.seed)
		},
	}
	if game.Condition != nil {
		run.Sample = sheet(game, about).Table
	}
	if o.judge != "" {
		if run.Eval, err = fidOf(o, game, about, set); err != nil {
			return err
		}
	}
	return train.Play(ctx, gan.Watch(run), game.Players(opt), batches(set.Learn, o.batch, !o.noMirror))
}

// fidOf returns a hook that measures the generator by the features of a classifier.
func fidOf(o trainOptions, game gan.Game, about options, set pictures.Set) (func(*train.View) (map[string]float64, error), error) {
	judge, err := judge.Open(o.judge, set)
	if err != nil {
		return nil, err
	}
	real, err := metric.Measure(judge, set.Held)
	if err != nil {
		return nil, err
	}
	return func(v *train.View) (map[string]float64, error) {
		shown := game
		shown.Generator = train.Average(v, game.Generator)
		samples, _ := samplesOf(shown, about, o.measured, v.Rand.Uint64())
		fake, err := metric.Measure(judge, samples)
		if err != nil {
			return nil, err
		}
		fid, err := metric.FID(real, fake, metric.FIDOptions{Few: true})
		return map[string]float64{"fid": fid.Value}, err
	}, nil
}

// batches makes batches for a game, with values in [−1, 1].
func batches(m *labelled.Images, size int, mirror bool) data.Source[gan.Batch] {
	o := labelled.BatchOptions{Signed: true}
	if mirror {
		o.Transform = data.RandomMirror
	}
	return gan.Labelled(m.Batches(size, o))
}

// sheet draws samples of a game, enlarged twice.
func sheet(game gan.Game, about options) gan.Gallery {
	return gan.Gallery{Game: game, Columns: 10, Grid: imaging.Grid{Zoom: 2}, Labels: about.Classes}
}
