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
	"strconv"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-data DIR -out RUN [flags]",
	Help:  "Train an SRResNet on the photographs of a folder: checkpoints, curves, sample pictures and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		flags.StringVar(&o.data, "data", "", "`folder` of photographs to learn from")
		flags.StringVar(&o.val, "val", "", "`folder` of photographs to measure on; without it, none are measured")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.StringVar(&o.init, "init", "", "weights `file` to begin with, of a network with the same options")
		flags.IntVar(&o.steps, "steps", 20_000, "updates in all; the paper makes 1,000,000")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.shards, "shards", 1, "parts that a batch is cut into; the result is the same for any number of cores")
		flags.IntVar(&o.net.Scale, "scale", 4, "how many times larger")
		flags.IntVar(&o.net.Channels, "channels", 64, "feature maps")
		flags.IntVar(&o.net.Blocks, "blocks", 16, "residual blocks")
		flags.BoolVar(&o.net.NoNorm, "no-norm", false, "leave batch normalisation out")
		flags.IntVar(&o.patch.Batch, "batch", 16, "patches in a batch")
		flags.IntVar(&o.patch.Size, "crop", 96, "side of a patch, in `pixels` of the original")
		flags.Func("shrink", "use the photographs also at these sizes, such as `0.7,0.5`", o.parseShrink)
		flags.Float64Var(&o.patch.Vivid, "vivid", 0, "use the photographs also with their saturation multiplied by so much; 0 means not")
		flags.BoolVar(&o.patch.SwapColours, "swap-colours", false, "exchange red, green and blue at random")
		flags.IntVar(&o.patch.Choices, "choices", 1, "places looked at for each patch, of which the most detailed is taken")
		flags.StringVar(&o.loss, "loss", "mse", "`mse`, as in the paper, or l1")
		flags.Float64Var(&o.rate, "rate", 1e-4, "learning rate of Adam")
		flags.BoolVar(&o.cosine, "cosine", false, "lower the rate along a cosine to a hundredth at the end")
		flags.BoolVar(&o.half, "half", false, "store 16-bit numbers in model.safetensors: half the size, and no difference to see")
		flags.IntVar(&o.checkpointEvery, "checkpoint", 500, "`updates` between checkpoints")
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
	data, val, out  string
	init, loss      string
	resume, cosine  bool
	half            bool
	steps, shards   int
	checkpointEvery int
	seed            uint64
	rate            float64
	net             srgan.Options
	patch           srgan.PatchOptions
}

func (o *trainOptions) parseShrink(s string) error {
	for _, f := range strings.Split(s, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
		if err != nil || v <= 0 || v >= 1 {
			return fmt.Errorf("%q is not a number between 0 and 1", f)
		}
		o.patch.Shrink = append(o.patch.Shrink, v)
	}
	return nil
}

func (o *trainOptions) check() error {
	o.patch.Scale = o.net.Scale
	switch {
	case o.data == "" || o.out == "":
		return cli.Usage("-data and -out are needed")
	case o.steps < 1 || o.shards < 1 || o.patch.Batch < 1 || o.checkpointEvery < 1 || !(o.rate > 0):
		return cli.Usage("-steps, -shards, -batch, -checkpoint and -rate must be positive")
	case losses[o.loss] == nil:
		return cli.Usage(fmt.Sprintf("-loss is mse or l1, not %q", o.loss))
	case o.patch.Vivid < 0:
		return cli.Usage("-vivid must not be negative")
	case o.patch.Choices < 1:
		return cli.Usage("-choices must be positive")
	case o.patch.Batch%o.shards != 0:
		return cli.Usage(fmt.Sprintf("a batch of %d cannot be cut into %d equal shards", o.patch.Batch, o.shards))
	case o.net.Check() != nil:
		return cli.Usage(o.net.Check().Error())
	case o.patch.Size < o.net.Scale || o.patch.Size%o.net.Scale != 0:
		return cli.Usage(fmt.Sprintf("-crop must be a multiple of the scale, %d", o.net.Scale))
	}
	return nil
}

var losses = map[string]func(srgan.Generator, optim.Optimizer) train.Player[srgan.Pair]{"mse": srgan.MSE, "l1": srgan.L1}

// emaDecay of the network that is measured, shown and saved.
const emaDecay = 0.999

func runTrain(ctx context.Context, o trainOptions) error {
	if _, err := os.Stat(filepath.Join(o.out, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	photos, err := loadPhotos(o.data)
	if err != nil {
		return err
	}
	patches, err := srgan.NewPatches(photos, o.patch)
	if err != nil {
		return fmt.Errorf("%s: %w", o.data, err)
	}
	shown := photos
	if o.val != "" {
		if shown, err = loadPhotos(o.val); err != nil {
			return err
		}
	}
	g := srgan.NewSRResNet(o.net, rand.New(rand.NewPCG(o.seed, 0)))
	if o.init != "" {
		if err := checkpoint.Load(g, o.init); err != nil {
			return err
		}
	}
	opt := optim.Adam{Rate: o.rate}
	if o.cosine {
		opt.Schedule = optim.Cosine{Over: o.steps, Floor: 0.01}
	}
	player := losses[o.loss](g, opt)
	player.EMA = emaDecay
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, Shards: o.shards, CheckpointEvery: o.checkpointEvery,
		Config: map[string]string{"data": o.data, "patches": fmt.Sprintf("%+v", o.patch), "net": fmt.Sprintf("%+v", o.net), "init": o.init, "loss": o.loss},
		Sample: func(v *train.View) (image.Image, error) { return sample(ctx, train.Average(v, g), shown) },
		Export: func(v *train.View) error {
			save := srgan.Save
			if o.half {
				save = srgan.SaveHalf
			}
			return save(filepath.Join(v.Dir, "model.safetensors"), train.Average(v, g), v.Step)
		},
	}
	if o.val != "" {
		run.Eval = func(v *train.View) (map[string]float64, error) { return measure(ctx, train.Average(v, g), shown) }
	}
	return train.Play(ctx, run, []train.Player[srgan.Pair]{player}, patches)
}

// loadPhotos reads every picture of a folder as (H,W,3).
func loadPhotos(dir string) ([]*tensor.Tensor, error) {
	files, err := data.ImageFiles(dir)
	if err != nil {
		return nil, err
	}
	var photos []*tensor.Tensor
	for _, f := range files {
		m, err := data.LoadImage(f)
		if err != nil {
			return nil, err
		}
		photos = append(photos, m.RGB())
	}
	return photos, nil
}

// measure returns the mean Y-PSNR over the photographs, of the network and of bicubic interpolation.
func measure(ctx context.Context, g *srgan.SRResNet, photos []*tensor.Tensor) (map[string]float64, error) {
	u := srgan.NewUpscaler(g)
	out := map[string]float64{}
	for _, p := range photos {
		scores, _, err := srgan.Evaluate(ctx, p, u.Scale(), srgan.Bicubic(u.Scale()), u.Method("network"))
		if err != nil {
			return nil, err
		}
		for _, s := range scores {
			out["psnr_y/"+s.Method] += s.PSNR / float64(len(photos))
		}
	}
	return out, nil
}

// sample shows the middles of the first photographs: bicubic, the network, and the original.
func sample(ctx context.Context, g *srgan.SRResNet, photos []*tensor.Tensor) (image.Image, error) {
	const side = 160
	u := srgan.NewUpscaler(g)
	grid := imaging.Grid{Columns: 3, ColumnLabels: []string{"bicubic", "network", "original"}}
	var cells []*tensor.Tensor
	for _, p := range photos[:min(4, len(photos))] {
		h, w := min(side, p.Dim(0)), min(side, p.Dim(1))
		y, x := (p.Dim(0)-h)/2, (p.Dim(1)-w)/2
		crop := imaging.Crop(p, image.Rect(x, y, x+w, y+h))
		_, pictures, err := srgan.Evaluate(ctx, crop, u.Scale(), srgan.Bicubic(u.Scale()), u.Method("network"))
		if err != nil {
			return nil, err
		}
		cells = append(cells, pictures.Enlarged[0], pictures.Enlarged[1], pictures.HR)
	}
	return grid.Compose(cells...).ToImage(), nil
}
