package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

type trainOptions struct {
	source
	out, kind              string
	hidden, layers, values int
	told, skips, resume    bool
	rate, ema              float64
	steps, batch           int
	checkpoint, measured   int
	seed                   uint64
}

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help:  "Train a model: checkpoints, curves with the likelihood of held-out pictures, samples and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		o.source.flags(flags)
		flags.StringVar(&o.kind, "kind", "diagonal", "pixelcnn, row or diagonal")
		flags.IntVar(&o.hidden, "hidden", 32, "units of a layer")
		flags.IntVar(&o.layers, "layers", 1, "layers")
		flags.IntVar(&o.values, "values", 256, "values of a colour; digits have 2")
		flags.BoolVar(&o.skips, "skips", false, "connect every layer to the output")
		flags.BoolVar(&o.told, "told", false, "tell the model the class")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.Float64Var(&o.rate, "rate", 2e-3, "learning rate of Adam at the start; it falls along a cosine to a hundredth")
		flags.Float64Var(&o.ema, "ema", 0.999, "decay of the average of the weights that is measured and saved; 0 means the weights themselves")
		flags.IntVar(&o.steps, "steps", 20_000, "updates")
		flags.IntVar(&o.batch, "batch", 16, "pictures in a batch")
		flags.IntVar(&o.checkpoint, "checkpoint", 1000, "`updates` between checkpoints, samples and measurements")
		flags.IntVar(&o.measured, "measured", 200, "held-out pictures to measure at checkpoints")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
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
	case o.steps < 1 || o.batch < 1 || o.checkpoint < 1 || o.measured < 1 || !(o.rate > 0) || o.drawn < 20 || o.side < 0:
		return cli.Usage("-steps, -batch, -checkpoint, -measured and -rate must be positive, -drawn at least 20 and -side not negative")
	case !(o.ema >= 0 && o.ema < 1):
		return cli.Usage("-ema must be from 0 to below 1")
	}
	shape := pixelrnn.Options{
		Kind: pixelrnn.Kind(o.kind), Height: 8, Width: 8, Channels: 1, Values: o.values, Hidden: o.hidden, Layers: o.layers, Skips: o.skips,
	}
	if err := shape.Check(); err != nil {
		return cli.Usage(err.Error())
	}
	if held := exists(filepath.Join(o.out, "run.json")); held != o.resume {
		if held {
			return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
		}
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	c, err := o.read()
	if err != nil {
		return err
	}
	if n := c.learn.Len(); n < o.batch {
		return fmt.Errorf("%d pictures to learn from, and a -batch of %d; give a smaller one", n, o.batch)
	}
	shape.Height, shape.Width, shape.Channels = c.learn.Height, c.learn.Width, c.learn.Channels
	if c.digits {
		shape.Values = 2
	}
	if o.told {
		if shape.Classes = len(c.learn.Classes); shape.Classes == 0 {
			return cli.Usage("-told: the pictures have no classes")
		}
	}
	if err := shape.Check(); err != nil {
		return err
	}
	m := pixelrnn.New(shape, rand.New(rand.NewPCG(o.seed, 0)))
	fmt.Printf("%s, %d layers of %d units, %d parameters\n", m.Options.Kind, m.Options.Layers, m.Options.Hidden, nn.NumParams(m))
	player := m.Player(optim.Adam{Rate: o.rate, Schedule: optim.Cosine{Over: o.steps, Floor: 0.01}})
	player.EMA = o.ema
	test := c.test(o.measured, shape.Values, shape.Classes)
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{
			"data": c.name, "pictures": fmt.Sprint(c.learn.Len()), "batch": fmt.Sprint(o.batch), "rate": fmt.Sprint(o.rate),
			"steps": fmt.Sprint(o.steps), "ema": fmt.Sprint(o.ema), "model": fmt.Sprintf("%+v", m.Options),
		},
		Sample: func(v *train.View) (image.Image, error) {
			return sheet(train.Average(v, m), 16, c.learn.Classes, v.Rand).ToImage(), nil
		},
		Eval: func(v *train.View) (map[string]float64, error) {
			nats, bits, _ := likelihood(train.Average(v, m), test)
			return map[string]float64{"nats": nats, "bits/dim": bits}, nil
		},
		Export: func(v *train.View) error {
			return pixelrnn.Save(filepath.Join(v.Dir, "model.safetensors"), train.Average(v, m), v.Step, map[string]string{"data": c.name})
		},
	}
	return train.Play(ctx, run, []train.Player[pixelrnn.Batch]{player}, c.batches(o.batch, shape.Values, shape.Classes))
}
