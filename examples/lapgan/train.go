package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help: "Train the levels of a pyramid: checkpoints, curves, sample pictures, model.safetensors and best.safetensors in RUN/level-N.\n" +
		"Presets: the pyramids of the paper (cifar, stl, lsun), plain GANs (gan, and cgan of the size of cifar), Row LSTM at the base\n" +
		"(mixed), and one for some hundred pictures (small).",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		o := trainOptions{sizes: []int{8, 16, 32}, operator: lapgan.Bilinear{}, widths: []int{64}}
		o.source.flags(flags)
		preset := flags.String("preset", "", "`name` of a set of flags, see above; flags that are given win")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoints of the run")
		flags.Func("sizes", "sides of the pyramid, coarse to fine (default `8,16,32`)", o.parseSizes)
		flags.StringVar(&o.kinds, "levels", "", "`kinds` of the levels: dense, conv, lsun, deep, custom, pixelcnn, row or diagonal, such as row,conv,conv (default dense,conv,…); "+
			"or dense/conv, a dense generator against a conv discriminator")
		flags.IntVar(&o.only, "only", 0, "train the level of this `size` alone")
		flags.IntVar(&o.together, "together", 0, "`levels` to train at the same time; 0 means one for every four cores")
		flags.BoolVar(&o.unconditional, "unconditional", false, "tell the networks no classes")
		flags.Func("operator", "how images change size: bilinear, box, burt or burt:A (default `bilinear`)", func(s string) (err error) {
			o.operator, err = lapgan.ParseOperator(s)
			return err
		})
		flags.StringVar(&o.norm, "norm", "pixel", "normalise each `pixel` or channel, or neither: signed, or white for pictures on white")
		flags.Func("width", "feature maps of conv, deep and custom levels, or one number for each level (default `64`)", o.parseWidths)
		flags.IntVar(&o.units, "units", 0, "units of both hidden layers of dense networks; 0 means 1200 for generators and 600 for discriminators, as in the paper")
		flags.IntVar(&o.hidden, "hidden", 32, "units of pixelcnn, row and diagonal levels")
		flags.IntVar(&o.layers, "layers", 5, "layers of pixelcnn, row and diagonal levels")
		flags.IntVar(&o.batch, "batch", 128, "examples that a network sees in an update")
		flags.IntVar(&o.steps, "steps", 10_000, "updates of each level")
		flags.StringVar(&o.rule, "rule", "paper", "how adversarial levels learn: SGD as in the `paper`, code, lsun, or adam")
		flags.Float64Var(&o.ema, "ema", 0.999, "decay of the average of an adversarial generator that is shown and saved; 0 means the generator itself, as in the paper")
		flags.Float64Var(&o.r1, "r1", 0, "weight of an R1 penalty on the finest discriminator, at every 8th update, and in proportion to their sides on others; 0 means none, as in the paper")
		flags.Float64Var(&o.disturb, "disturb", 0, "`deviation` of noise on the coarser images that levels are trained on, so that they mend what those before them do wrong; 0 means none, as in the paper")
		flags.Float64Var(&o.content, "content", 0, "weight of the mean absolute difference from real residuals in the loss of generators; 0 means none, as in the paper")
		flags.Float64Var(&o.lattice, "lattice", 0, "weight of dots and stripes at every 4 pixels that real images do not have, in the loss of generators; 0 means none, as in the paper")
		flags.StringVar(&o.augment, "augment", "", "`changes` to all that discriminators see, for small sets: colour, translation and cutout, or all")
		flags.BoolVar(&o.noMirror, "no-mirror", false, "do not mirror pictures")
		flags.BoolVar(&o.gated, "gated", false, "let the players wait for each other, as the code for LSUN does")
		flags.StringVar(&o.choose, "choose", "parzen", "what is best: the lowest approximate `parzen` score, as in the paper's code, the lowest fid of the enlarged results, or the last")
		flags.StringVar(&o.judge, "judge", "", "`file` of the classifier by whose features -choose fid measures; eval makes one")
		flags.BoolVar(&o.half, "half", false, "write models with 16-bit weights")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpointEvery, "checkpoint", 500, "`updates` between checkpoints, samples and scores")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if err := applyPreset(flags, *preset); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			return runTrain(ctx, o)
		}
	},
}

type trainOptions struct {
	source
	out, kinds, norm, rule, choose, judge string
	sizes, widths                         []int
	operator                              lapgan.Operator
	only, together                        int
	resume, unconditional, gated          bool
	noMirror, half                        bool
	ema, r1, disturb, content, lattice    float64
	augment                               string
	changes                               gan.Augment
	units, hidden, layers                 int
	batch, steps                          int
	checkpointEvery                       int
	seed                                  uint64
}

func (o *trainOptions) parseSizes(s string) error {
	o.sizes = nil
	for _, f := range strings.Split(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil || n < 1 || n > 1024 || len(o.sizes) > 0 && n <= o.sizes[len(o.sizes)-1] {
			return errors.New("want sides that grow, such as 8,16,32")
		}
		o.sizes = append(o.sizes, n)
	}
	return nil
}

func (o *trainOptions) parseWidths(s string) error {
	o.widths = nil
	for _, f := range strings.Split(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil || n < 1 || n > 4096 {
			return errors.New("want positive numbers, such as 64,32,16")
		}
		o.widths = append(o.widths, n)
	}
	return nil
}

func (o *trainOptions) check() error {
	switch {
	case o.out == "":
		return cli.Usage("-out is needed")
	case o.steps < 1 || o.batch < 2 || o.batch%2 != 0 || o.checkpointEvery < 1:
		return cli.Usage("-steps, -checkpoint and -batch must be positive, and -batch even")
	case !(o.ema >= 0 && o.ema < 1):
		return cli.Usage("-ema must be from 0 to below 1")
	case o.units < 0 || o.units > 1<<14:
		return cli.Usage("-units must be from 0 to 16384")
	case o.hidden < 3 || o.layers < 1 || o.together < 0:
		return cli.Usage("-layers must be positive, -together not negative, and -hidden at least 3")
	case !(o.r1 >= 0) || !(o.disturb >= 0) || !(o.content >= 0) || !(o.lattice >= 0):
		return cli.Usage("-r1, -disturb, -content and -lattice must not be negative")
	case len(o.widths) != 1 && len(o.widths) != len(o.sizes):
		return cli.Usage(fmt.Sprintf("%d -width for %d -sizes", len(o.widths), len(o.sizes)))
	case o.choose != "parzen" && o.choose != "fid" && o.choose != "last":
		return cli.Usage("-choose must be parzen, fid or last")
	case o.choose == "fid" && o.judge == "":
		return cli.Usage("-choose fid needs a -judge, which the command eval makes")
	case o.norm != "pixel" && o.norm != "channel" && o.norm != "signed" && o.norm != "white":
		return cli.Usage("-norm must be pixel, channel, signed or white")
	case o.rule != "paper" && o.rule != "code" && o.rule != "lsun" && o.rule != "adam":
		return cli.Usage("-rule must be paper, code, lsun or adam")
	}
	kinds := strings.Split(o.kinds, ",")
	if o.kinds == "" {
		kinds = []string{"dense"}
		for range len(o.sizes) - 1 {
			kinds = append(kinds, "conv")
		}
		o.kinds = strings.Join(kinds, ",")
	}
	if len(kinds) != len(o.sizes) {
		return cli.Usage(fmt.Sprintf("%d -levels for %d -sizes", len(kinds), len(o.sizes)))
	}
	for k, kind := range kinds {
		switch kind {
		case "dense", "dense/conv":
			if k > 0 {
				return cli.Usage("a dense level can only be the coarsest")
			}
		case "conv", "lsun", "custom":
			if k == 0 {
				return cli.Usage("a conv, lsun or custom level cannot be the coarsest")
			}
		case "deep":
			if err := (lapgan.DeepOptions{Side: o.sizes[k]}).Check(); err != nil {
				return cli.Usage(err.Error())
			}
		case "pixelcnn", "row", "diagonal":
		default:
			return cli.Usage(fmt.Sprintf("no kind of level %q; there are dense, dense/conv, conv, lsun, deep, custom, pixelcnn, row and diagonal", kind))
		}
	}
	if o.augment != "" {
		for change := range strings.SplitSeq(o.augment, ",") {
			switch strings.TrimSpace(change) {
			case "all":
				o.changes = gan.Augment{Colour: true, Translation: true, Cutout: true}
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
	}
	if o.only != 0 && !slices.Contains(o.sizes, o.only) {
		return cli.Usage(fmt.Sprintf("-only %d is none of the sizes", o.only))
	}
	return nil
}

func runTrain(ctx context.Context, o trainOptions) error {
	m, err := o.read(o.sizes[len(o.sizes)-1])
	if err != nil {
		return err
	}
	if n := m.Learn.Len(); n < 2*o.batch {
		return fmt.Errorf("%d pictures to learn from, and -batch %d takes %d at a time, half of them for each player; give a smaller one", n, o.batch, 2*o.batch)
	}
	var norm *lapgan.Norm
	switch o.norm {
	case "pixel":
		norm = lapgan.PixelNorm(m.Learn)
	case "channel":
		norm = lapgan.ChannelNorm(m.Learn, 0)
	case "white":
		norm = lapgan.WhiteNorm(m.Learn.Channels)
	default:
		norm = lapgan.SignedNorm(m.Learn.Channels)
	}
	if o.together == 0 {
		o.together = max(runtime.GOMAXPROCS(0)/4, 1)
	}
	ctx, cancel := context.WithCancel(ctx) // an error of one level stops the others, which can be resumed
	defer cancel()
	var wait sync.WaitGroup
	failed, turn := make([]error, len(o.sizes)), make(chan struct{}, o.together)
	for k, side := range o.sizes {
		if o.only != 0 && o.only != side {
			continue
		}
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			if ctx.Err() != nil {
				return
			}
			if err := trainLevel(ctx, o, k, m, norm); err != nil {
				failed[k] = fmt.Errorf("level of size %d: %w", side, err)
				cancel()
			}
		})
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(failed...)
}

func trainLevel(ctx context.Context, o trainOptions, k int, m pictures.Set, norm *lapgan.Norm) error {
	side := o.sizes[k]
	dir := filepath.Join(o.out, fmt.Sprintf("level-%d", side))
	if _, err := os.Stat(filepath.Join(dir, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", dir)
	}
	d := lapgan.Data{Images: m.Learn, Sizes: o.sizes, Level: k, Operator: o.operator, Norm: norm, Batch: 2 * o.batch, NoMirror: o.noMirror, Disturb: o.disturb}
	held := d
	held.Images = m.Held
	source, err := d.Source()
	if err != nil {
		return err
	}
	examples, err := held.Examples(0, min(200, m.Held.Len()))
	if err != nil {
		return err
	}
	l, err := newLevel(o, d)
	if err != nil {
		return err
	}
	trained := lapgan.Trained{
		Level: l.level, Index: k, Sizes: o.sizes, Operator: o.operator, Norm: norm.Crop(o.sizes[len(o.sizes)-1]), Classes: m.Learn.Classes,
	}
	// averaged is the level as it is shown, judged and saved.
	averaged := func(v *train.View) lapgan.Trained {
		t := trained
		t.Level = train.Average(v, t.Level)
		return t
	}
	write := lapgan.Save
	if o.half {
		write = lapgan.SaveHalf
	}
	run := train.Run{
		Dir: dir, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpointEvery,
		Config: map[string]string{
			"data": o.data, "sizes": fmt.Sprint(o.sizes), "level": fmt.Sprint(side), "kinds": o.kinds, "operator": o.operator.String(),
			"norm": o.norm, "batch": fmt.Sprint(o.batch), "rule": o.rule, "gated": fmt.Sprint(o.gated), "ema": fmt.Sprint(o.ema), "augment": o.augment, "mirror": fmt.Sprint(!o.noMirror),
			"widths": fmt.Sprint(o.widths), "r1": fmt.Sprint(o.r1), "disturb": fmt.Sprint(o.disturb), "content": fmt.Sprint(o.content), "classes": o.classes, "load": fmt.Sprint(o.load),
			"held": o.held,
		},
		Sample: func(v *train.View) (image.Image, error) {
			return sheet(averaged(v).Level, examples.Rows(0, min(6, examples.Len())), trained, v.Rand), nil
		},
		Export: func(v *train.View) error {
			return write(filepath.Join(v.Dir, "model.safetensors"), averaged(v), v.Step, nil)
		},
	}
	if o.together > 1 {
		fmt.Fprintf(os.Stderr, "lapgan: level of size %d begins\n", side)
		run.Progress = io.Discard // bars of several levels would write over each other
	}
	if o.lattice != 0 {
		run.Config["lattice"] = fmt.Sprint(o.lattice)
	}
	if o.units != 0 {
		run.Config["units"] = strconv.Itoa(o.units)
	}
	var score func(v *train.View) (float64, error)
	switch o.choose {
	case "parzen":
		score = func(v *train.View) (float64, error) {
			f, err := lapgan.Score(averaged(v).Level, examples.Rows(0, min(l.judged, examples.Len())), l.draws, v.Rand)
			return f.Value, err
		}
	case "fid":
		fid, err := newLevelFID(o, d, m, norm)
		if err != nil {
			return err
		}
		score = func(v *train.View) (float64, error) { return fid.of(averaged(v).Level, v.Rand) }
	}
	if score != nil {
		run = lapgan.KeepBest(run, score, averaged)
	}
	return train.Play(ctx, run, l.players, source)
}

// sheet shows real images, their low-pass images, and the low-pass images with two draws of details.
func sheet(l lapgan.Level, b lapgan.Batch, t lapgan.Trained, rng *rand.Rand) image.Image {
	p := lapgan.Pyramid{Norm: t.Norm}
	grid := imaging.Grid{Columns: b.Len(), Zoom: 3}
	cells := []*tensor.Tensor{p.Show(b.Image())}
	if b.Low != nil {
		cells = append(cells, p.Show(b.Low))
	}
	for range 2 {
		drawn := lapgan.Batch{Target: l.Sample(b.Given(), rng), Low: b.Low}
		cells = append(cells, p.Show(drawn.Image()))
	}
	return grid.Compose(cells...).ToImage()
}

// optimiser returns how the players of an adversarial level learn.
func (o trainOptions) optimiser(epoch int) optim.Optimizer {
	switch o.rule {
	case "code":
		return lapgan.CodeSGD(epoch)
	case "lsun":
		return lapgan.LSUNSGD(epoch)
	case "adam":
		return optim.Adam{Rate: 2e-4, Beta1: 0.5}
	}
	return lapgan.PaperSGD(epoch)
}
