package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/draw"
)

type trainOptions struct {
	source
	kind           string
	out            string
	resume         bool
	shape          draw.Options
	steps, decayAt int
	rate           float64
	adam, half     bool
	deviation      float64
	seed           uint64
	checkpoint     int
	measured       int
}

// kinds are the models that can be trained.
var kinds = map[string]struct {
	text      draw.Conditioning
	attention bool
	about     string
}{
	"draw":     {draw.Free, true, "without text"},
	"plain":    {draw.Free, false, "without text and attention to a part of the canvas"},
	"aligned":  {draw.Aligned, true, "attends to the words of a caption: alignDRAW"},
	"averaged": {draw.Averaged, true, "sees the mean over the words of a caption: noalignDRAW"},
	"final":    {draw.Final, true, "sees what reading a caption ended with"},
	"sentence": {draw.Sentence, true, "sees a vector of the whole sentence, made by -encoder"},
}

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help:  "Train a model: checkpoints, curves, a sheet of each stage and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		o.source.flags(flags)
		flags.StringVar(&o.kind, "kind", "aligned", "`model`: aligned, averaged, final or sentence, which paint from text, or draw or plain, which do without")
		flags.IntVar(&o.shape.Steps, "strokes", 0, "steps in which a picture is painted; 0 means that of the paper: 64 without text, 32 with it")
		flags.IntVar(&o.shape.Hidden, "hidden", 0, "units of encoder and decoder; 0 means that of the paper")
		flags.IntVar(&o.shape.Latent, "latent", 0, "random numbers in a step; 0 means that of the paper")
		flags.IntVar(&o.shape.Read, "read", 0, "points a side of the window it reads through; 0 means that of the paper")
		flags.IntVar(&o.shape.Write, "write", 0, "points a side of the window it writes through; 0 means that of the paper")
		flags.IntVar(&o.shape.Language, "language", 0, "units that read a caption in each direction; 0 means 128")
		flags.IntVar(&o.shape.Align, "align", 0, "units that compare words with what is painted; 0 means 512")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.Float64Var(&o.rate, "rate", 1e-3, "learning rate, of Adam without text and of RMSprop with it unless -adam is given")
		flags.BoolVar(&o.adam, "adam", false, "learn by Adam with text, too")
		flags.Float64Var(&o.deviation, "deviation", 0.01, "of the first weights of a model with text; 0 means weights as large as their layers' inputs ask for, from which it learns sooner what captions say")
		flags.IntVar(&o.batch, "batch", 100, "pictures in a batch")
		flags.BoolVar(&o.half, "half", false, "write model.safetensors in 16 bits, half as large")
		flags.IntVar(&o.decayAt, "decay-at", 0, "`update` from which on the rate is a tenth; 0 means never")
		flags.IntVar(&o.steps, "steps", 20_000, "updates, with 100 pictures each")
		flags.IntVar(&o.measured, "measured", 5, "`batches` of held-out pictures that the bound is measured on at every checkpoint")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 250, "`updates` between checkpoints")
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
	if err := o.source.check(); err != nil {
		return err
	}
	_, known := kinds[o.kind]
	switch {
	case !known:
		return cli.Usage(fmt.Sprintf("no kind %q; there are aligned, averaged, final, sentence, draw and plain", o.kind))
	case o.out == "":
		return cli.Usage("-out is needed")
	case o.steps < 1 || o.checkpoint < 1 || o.measured < 1 || o.batch < 1 || !(o.rate > 0) || o.decayAt < 0 || !(o.deviation >= 0):
		return cli.Usage("-steps, -checkpoint, -measured, -batch and -rate must be positive, and -decay-at and -deviation not negative")
	}
	return nil
}

// options returns the sizes of the model: those of the paper for such pictures, where none are given.
func (o *trainOptions) options(c *corpus) (draw.Options, error) {
	kind := kinds[o.kind]
	paper := draw.MNIST
	switch {
	case kind.text != draw.Free && c.channel == 1:
		paper = draw.CaptionedMNIST
	case kind.text != draw.Free:
		paper = draw.COCO
	}
	out := paper
	out.Height, out.Width, out.Channels, out.Text = c.height, c.width, c.channel, kind.text
	for _, f := range []struct {
		to    *int
		given int
		kept  bool // whether the model has it
	}{
		{&out.Steps, o.shape.Steps, true}, {&out.Hidden, o.shape.Hidden, true}, {&out.Latent, o.shape.Latent, true},
		{&out.Read, o.shape.Read, kind.attention}, {&out.Write, o.shape.Write, kind.attention},
		{&out.Language, o.shape.Language, c.vocabulary != nil}, {&out.Align, o.shape.Align, kind.text == draw.Aligned},
		{&out.Words, len(c.vocabulary), true}, {&out.Sentence, c.sentence, true},
	} {
		switch {
		case !f.kept && f.given != 0:
			return out, cli.Usage(fmt.Sprintf("-kind %s, which is %s, has no part of size %d", o.kind, kind.about, f.given))
		case !f.kept:
			*f.to = 0
		case f.given != 0:
			*f.to = f.given
		}
	}
	out.Words, out.Sentence = len(c.vocabulary), c.sentence
	if err := out.Check(); err != nil {
		return out, cli.Usage(err.Error())
	}
	return out, nil
}

func runTrain(ctx context.Context, o trainOptions) error {
	if _, err := os.Stat(filepath.Join(o.out, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	c, err := o.load(kinds[o.kind].text, nil)
	if err != nil {
		return err
	}
	options, err := o.options(c)
	if err != nil {
		return err
	}
	m := o.model(options)
	m.Vocabulary = c.vocabulary
	var fall optim.Schedule
	if o.decayAt > 0 {
		fall = optim.Milestones{Updates: []int{o.decayAt}, Factor: 0.1}
	}
	var opt optim.Optimizer = optim.Adam{Rate: o.rate, Beta1: 0.5, Schedule: fall}
	if options.Text != draw.Free && !o.adam {
		opt = optim.RMSProp{Rate: o.rate, Alpha: 0.9, Eps: 1e-6, EpsInside: true, Schedule: fall}
	}
	facts := map[string]string{"data": c.name, "kind": o.kind, "ban": fmt.Sprint(o.ban)}
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{"data": c.name, "kind": o.kind, "ban": fmt.Sprint(o.ban), "batch": fmt.Sprint(o.batch), "deviation": fmt.Sprint(o.deviation), "options": fmt.Sprintf("%+v", options)},
		Eval:   func(*train.View) (map[string]float64, error) { return o.measure(m, c) },
		Sample: func(v *train.View) (image.Image, error) { return c.sheet(m, v.Rand) },
		Export: func(v *train.View) error {
			path := filepath.Join(v.Dir, "model.safetensors")
			if o.half {
				return m.SaveHalf(path, v.Step, facts)
			}
			return m.Save(path, v.Step, facts)
		},
	}
	return train.Play(ctx, run, []train.Player[draw.Batch]{m.Player(opt)}, c.learn)
}

// model returns an untrained model.
func (o *trainOptions) model(options draw.Options) *draw.Model {
	rng := rand.New(rand.NewPCG(o.seed, 1))
	if options.Text == draw.Free || o.deviation == 0 {
		return draw.NewFrom(options, nil, rng)
	}
	return draw.NewFrom(options, nn.Normal(o.deviation), rng)
}

// measure returns the bound on held-out pictures and, with text, by how much it grows if each has the text of another.
func (o *trainOptions) measure(m *draw.Model, c *corpus) (map[string]float64, error) {
	n, err := m.Measure(c.held, o.measured, o.seed)
	if err != nil || m.Options.Text == draw.Free {
		return map[string]float64{"held-out bound": n.Bound}, err
	}
	other, err := m.Measure(draw.Swapped(c.held), o.measured, o.seed)
	return map[string]float64{"held-out bound": n.Bound, "nats saved by text": other.Bound - n.Bound}, err
}

// sheet shows what a model paints now: without text a row for each stage of some pictures, with it a row for each of some captions.
func (c *corpus) sheet(m *draw.Model, rng *rand.Rand) (image.Image, error) {
	const columns = 10
	if m.Options.Text == draw.Free {
		return strip(m.Sample(6, draw.Text{}, rng), nil).ToImage(), nil
	}
	texts, labels, err := c.shown(8)
	if err != nil {
		return nil, err
	}
	var rows []*tensor.Tensor
	for _, t := range texts {
		rows = append(rows, m.Sample(columns, t.Repeat(columns), rng).Last())
	}
	return imaging.Grid{Columns: columns, RowLabels: labels, Zoom: zoomOf(c.height)}.Compose(rows...).ToImage(), nil
}

// shown returns n texts to look at, with their captions.
func (c *corpus) shown(n int) (texts []draw.Text, labels []string, err error) {
	if c.captioned == nil {
		for i, scenes := range [][]placed.Scene{c.allowed, c.banned} {
			for _, s := range captions.Spread(scenes, n/2) {
				t, err := c.read([]placed.Scene{s})
				if err != nil {
					return nil, nil, err
				}
				label := s.Caption()
				if i == 1 {
					label += " (never seen)"
				}
				texts, labels = append(texts, t), append(labels, label)
			}
		}
		return texts, labels, nil
	}
	for i, of := range []*draw.Captioned{c.captioned, c.captionedHeld} {
		if of == nil {
			continue
		}
		batches, text, err := of.First(n / 2)
		if err != nil {
			return nil, nil, err
		}
		for k, b := range batches {
			label := captions.Short(text[k], 60)
			if i == 1 {
				label += " (held out)"
			}
			texts, labels = append(texts, b.Text), append(labels, label)
		}
	}
	return texts, labels, nil
}
