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
	"slices"
	"strconv"
	"strings"

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
	Help:  "Train the levels of a pyramid: checkpoints, curves, sample pictures, model.safetensors and best.safetensors in RUN/level-N.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		o := trainOptions{sizes: []int{8, 16, 32}, operator: lapgan.Bilinear{}}
		flags.StringVar(&o.data, "data", "", "`folder` of CIFAR-10 or STL-10 binaries or of pictures; without it, shapes are drawn")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoints of the run")
		flags.Func("sizes", "sides of the pyramid, coarse to fine (default `8,16,32`)", o.parseSizes)
		flags.StringVar(&o.kinds, "levels", "", "`kinds` of the levels: dense, conv, lsun, pixelcnn, row or diagonal, such as row,conv,conv (default dense,conv,…)")
		flags.IntVar(&o.only, "only", 0, "train the level of this `size` alone, so that levels can be trained at the same time")
		flags.BoolVar(&o.unconditional, "unconditional", false, "tell the networks no classes")
		flags.Func("operator", "how images change size: bilinear, box, burt or burt:A (default `bilinear`)", func(s string) (err error) {
			o.operator, err = lapgan.ParseOperator(s)
			return err
		})
		flags.StringVar(&o.norm, "norm", "pixel", "normalise each `pixel`, channel, or neither (signed)")
		flags.IntVar(&o.width, "width", 64, "feature maps of conv levels")
		flags.IntVar(&o.hidden, "hidden", 32, "units of pixelcnn, row and diagonal levels")
		flags.IntVar(&o.layers, "layers", 5, "layers of pixelcnn, row and diagonal levels")
		flags.IntVar(&o.batch, "batch", 128, "examples that a network sees in an update")
		flags.IntVar(&o.steps, "steps", 10_000, "updates of each level")
		flags.StringVar(&o.rule, "rule", "paper", "how adversarial levels learn: SGD as in the `paper`, code, lsun, or adam")
		flags.Float64Var(&o.ema, "ema", 0.999, "decay of the average of an adversarial generator that is shown and saved; 0 means the generator itself, as in the paper")
		flags.StringVar(&o.augment, "augment", "", "`changes` to all that discriminators see, for small sets: colour, translation and cutout, or all")
		flags.BoolVar(&o.noMirror, "no-mirror", false, "do not mirror pictures")
		flags.BoolVar(&o.gated, "gated", false, "let the players wait for each other, as the code for LSUN does")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpointEvery, "checkpoint", 500, "`updates` between checkpoints, samples and scores")
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

type trainOptions struct {
	data, out, kinds, norm, rule string
	sizes                        []int
	operator                     lapgan.Operator
	only                         int
	resume, unconditional, gated bool
	noMirror                     bool
	ema                          float64
	augment                      string
	changes                      gan.Augment
	width, hidden, layers        int
	batch, steps                 int
	checkpointEvery              int
	seed                         uint64
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

func (o *trainOptions) check() error {
	switch {
	case o.out == "":
		return cli.Usage("-out is needed")
	case o.steps < 1 || o.batch < 2 || o.batch%2 != 0 || o.checkpointEvery < 1:
		return cli.Usage("-steps, -checkpoint and -batch must be positive, and -batch even")
	case !(o.ema >= 0 && o.ema < 1):
		return cli.Usage("-ema must be from 0 to below 1")
	case o.width < 1 || o.hidden < 3 || o.layers < 1:
		return cli.Usage("-width and -layers must be positive, and -hidden at least 3")
	case o.norm != "pixel" && o.norm != "channel" && o.norm != "signed":
		return cli.Usage("-norm must be pixel, channel or signed")
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
		case "dense":
			if k > 0 {
				return cli.Usage("a dense level can only be the coarsest")
			}
		case "conv", "lsun":
			if k == 0 {
				return cli.Usage("a conv or lsun level cannot be the coarsest")
			}
		case "pixelcnn", "row", "diagonal":
		default:
			return cli.Usage(fmt.Sprintf("no kind of level %q; there are dense, conv, lsun, pixelcnn, row and diagonal", kind))
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
	m, err := load(o.data, o.sizes[len(o.sizes)-1])
	if err != nil {
		return err
	}
	var norm *lapgan.Norm
	switch o.norm {
	case "pixel":
		norm = lapgan.PixelNorm(m.Learn)
	case "channel":
		norm = lapgan.ChannelNorm(m.Learn, 0)
	default:
		norm = lapgan.SignedNorm(m.Learn.Channels)
	}
	for k, side := range o.sizes {
		if o.only != 0 && o.only != side {
			continue
		}
		if err := trainLevel(ctx, o, k, m, norm); err != nil {
			return fmt.Errorf("level of size %d: %w", side, err)
		}
	}
	return nil
}

func trainLevel(ctx context.Context, o trainOptions, k int, m pictures.Set, norm *lapgan.Norm) error {
	side := o.sizes[k]
	dir := filepath.Join(o.out, fmt.Sprintf("level-%d", side))
	if _, err := os.Stat(filepath.Join(dir, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", dir)
	}
	d := lapgan.Data{Images: m.Learn, Sizes: o.sizes, Level: k, Operator: o.operator, Norm: norm, Batch: 2 * o.batch, NoMirror: o.noMirror}
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
		switch g := t.Level.(type) {
		case *lapgan.Dense:
			t.Level = train.Average(v, g)
		case *lapgan.Conv:
			t.Level = train.Average(v, g)
		case *lapgan.LSUN:
			t.Level = train.Average(v, g)
		}
		return t
	}
	run := train.Run{
		Dir: dir, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpointEvery,
		Config: map[string]string{
			"data": o.data, "sizes": fmt.Sprint(o.sizes), "level": fmt.Sprint(side), "kinds": o.kinds, "operator": o.operator.String(),
			"norm": o.norm, "batch": fmt.Sprint(o.batch), "rule": o.rule, "gated": fmt.Sprint(o.gated), "ema": fmt.Sprint(o.ema), "augment": o.augment, "mirror": fmt.Sprint(!o.noMirror),
		},
		Sample: func(v *train.View) (image.Image, error) {
			return sheet(averaged(v).Level, examples.Rows(0, min(6, examples.Len())), trained, v.Rand), nil
		},
		Export: func(v *train.View) error {
			return lapgan.Save(filepath.Join(v.Dir, "model.safetensors"), averaged(v), v.Step, nil)
		},
	}
	score := func(v *train.View) (float64, error) {
		f, err := lapgan.Score(averaged(v).Level, examples.Rows(0, min(l.judged, examples.Len())), l.draws, v.Rand)
		return f.Value, err
	}
	run = lapgan.KeepBest(run, score, averaged)
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
