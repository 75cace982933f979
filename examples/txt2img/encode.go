package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

type encodeOptions struct {
	data       captions.Flags
	out        string
	resume     bool
	training   charcnnrnn.Training
	steps      int
	rule       string
	rate       float64
	pairs      string
	seed       uint64
	judge      uint64
	checkpoint int
}

var encodeCommand = cli.Command{
	Name:  "encode",
	Usage: "-out RUN [flags]",
	Help: "Train an encoder of captions together with one of pictures, so that a caption's vector points where those of its pictures do:\n" +
		"encoder.safetensors for \"train\", and pair.safetensors with both, in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o encodeOptions
		t := &o.training
		o.data.Define(flags, "coloured shapes", 4000)
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.Uint64Var(&o.judge, "judge", 0, "train a judge for \"eval\" from this `seed`: it learns held-out pictures, too, and is never trained with")
		flags.StringVar((*string)(&t.Encoder.Variant), "net", string(charcnnrnn.ICML), "icml or cvpr, the `network` of one of the papers")
		flags.IntVar(&t.Encoder.Length, "length", charcnnrnn.Length, "characters of a caption that are read")
		flags.Func("conv", "channels of the three convolutions, such as `128,192,192`; those of the paper if not given",
			func(s string) (err error) { t.Encoder.Conv, err = parseConv(s); return err })
		flags.IntVar(&t.Encoder.RNN, "rnn", 0, "`width` of the recurrent network; 0 means that of the last convolution")
		flags.IntVar(&t.Encoder.Out, "embedding", 1024, "numbers in a caption's vector")
		flags.IntVar(&t.Image.Width, "image-width", 64, "channels of the first convolution for pictures, doubled at each of the others")
		flags.IntVar(&t.Image.Size, "size", 64, "side of the pictures, a power of 2 from 16")
		flags.IntVar(&t.Batch, "batch", 40, "pairs in a batch")
		flags.StringVar(&o.pairs, "pairs", "class", "what makes a pair wrong: another class, or, where classes are broad, another picture: `class or picture`")
		flags.Float64Var(&t.Reword, "reword", 0, "how often, from 0 to 1, a caption is put in slightly other words")
		flags.BoolVar(&t.NoMirror, "no-flip", false, "do not mirror pictures")
		flags.IntVar(&t.ClassifierSteps, "classifier", 0, "train the pictures' encoder first, for so many `updates`, to tell classes apart, and leave it so; 0 means together")
		flags.IntVar(&o.steps, "steps", 0, "updates; 0 means the paper's 200 epochs")
		flags.StringVar(&o.rule, "rule", "rmsprop", "rmsprop, as published, or adam, with a rate that falls to a twentieth")
		flags.Float64Var(&o.rate, "rate", 0, "learning rate; 0 means 7e-4 for rmsprop and 1e-3 for adam")
		flags.Float64Var(&t.EMA, "ema", 0, "decay of the average of the weights that is kept, such as 0.998; 0 means the weights themselves")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 500, "`updates` between checkpoints")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			return runEncode(ctx, o)
		}
	},
}

func parseConv(s string) (conv [3]int, err error) {
	parts := strings.Split(s, ",")
	if len(parts) != len(conv) {
		return conv, errors.New("want three numbers, such as 128,192,192")
	}
	for i, p := range parts {
		if conv[i], err = strconv.Atoi(strings.TrimSpace(p)); err != nil || conv[i] < 1 {
			return conv, fmt.Errorf("%q is not a number of channels", p)
		}
	}
	return conv, nil
}

func (o *encodeOptions) check() error {
	t := &o.training
	if t.ByPicture = o.pairs == "picture"; !t.ByPicture && o.pairs != "class" {
		return cli.Usage(fmt.Sprintf("-pairs is class or picture, not %q", o.pairs))
	}
	switch {
	case o.out == "":
		return cli.Usage("-out is needed")
	case o.steps < 0 || t.ClassifierSteps < 0 || o.rate < 0:
		return cli.Usage("-steps, -classifier and -rate must not be negative")
	case t.Batch < 2 || o.checkpoint < 1:
		return cli.Usage("-batch must be at least 2 and -checkpoint positive")
	case o.rule != "rmsprop" && o.rule != "adam":
		return cli.Usage(fmt.Sprintf("-rule is rmsprop or adam, not %q", o.rule))
	case !(t.Reword >= 0 && t.Reword <= 1) || !(t.EMA >= 0 && t.EMA < 1):
		return cli.Usage("-reword must be from 0 to 1, and -ema from 0 to less than 1")
	case t.Image.Size < 16 || t.Image.Width < 1 || t.Encoder.Length < 1 || t.Encoder.Out < 1:
		return cli.Usage("-size must be at least 16, and -image-width, -length and -embedding positive")
	}
	if err := t.Encoder.Check(); err != nil {
		return cli.Usage(err.Error())
	}
	if err := t.Image.Check(); err != nil {
		return cli.Usage(err.Error())
	}
	return o.data.Check()
}

func runEncode(ctx context.Context, o encodeOptions) error {
	if err := freshOrResumed(o.out, o.resume); err != nil {
		return err
	}
	c, err := o.data.Load(o.training.Image.Size)
	if err != nil {
		return err
	}
	o.training.Facts = map[string]string{"data": c.Name}
	if o.judge != 0 {
		o.seed = o.judge
		o.training.Facts[judgeFact] = fmt.Sprint(o.judge)
		if c.Learn, err = c.All(); err != nil {
			return err
		}
		c.Held = nil
	}
	steps := o.steps
	if steps == 0 {
		steps = 200 * o.epoch(c)
	}
	switch {
	case o.rule == "adam":
		rate := o.rate
		if rate == 0 {
			rate = 1e-3
		}
		o.training.Opt = optim.Adam{Rate: rate, Schedule: optim.Linear{From: 1, To: 0.05, Over: steps}}
	case o.rate > 0:
		rule := charcnnrnn.RMSProp(o.epoch(c)).(optim.RMSProp)
		rule.Rate = o.rate
		o.training.Opt = rule
	}
	if n := o.epoch(c); !o.training.ByPicture && n < o.training.Batch {
		return cli.Usage(fmt.Sprintf("a batch takes one picture of a class, and there are %d classes for -batch %d: make it smaller, or give "+
			"-pairs picture", n, o.training.Batch))
	}
	run := train.Run{
		Dir: o.out, Steps: steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{"data": c.Name, "pictures": fmt.Sprint(c.Learn.Len()), "rule": o.rule, "judge": fmt.Sprint(o.judge != 0)},
	}
	_, err = charcnnrnn.Train(ctx, run, o.training, c.Learn, c.Held)
	return err
}

// epoch is how many updates an epoch has: as in the paper one for each class, and where classes do not matter as many as show
// every picture once.
func (o *encodeOptions) epoch(c captions.Corpus) int {
	if o.training.ByPicture {
		return max(1, c.Learn.Len()/o.training.Batch)
	}
	known := map[int]bool{}
	for _, l := range c.Learn.Images.Labels {
		known[l] = true
	}
	return len(known)
}

// judgeFact is what the files of a judge say beside what they hold, so that nothing is trained with it by mistake.
const judgeFact = "judge"
