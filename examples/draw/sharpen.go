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

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

type sharpenOptions struct {
	pictures     captions.Flags
	size, width  int
	encoder, out string
	resume       bool
	steps, batch int
	rate         float64
	seed         uint64
	checkpoint   int
}

var sharpenCommand = cli.Command{
	Name:  "sharpen",
	Usage: "-data DIR -out RUN [flags]",
	Help:  "Train a level of a Laplacian pyramid that sharpens what a model painted: of pictures with captions it learns to add the edges that half the size lacks (Mansimov et al. 2016). sample -sharpen uses it.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sharpenOptions
		o.pictures.Define(flags, "coloured shapes", 4000)
		flags.IntVar(&o.size, "size", 32, "`side` of the pictures, which must be even")
		flags.IntVar(&o.width, "width", 128, "feature maps")
		flags.StringVar(&o.encoder, "encoder", "", "`file` of an encoder of sentences made by examples/txt2img, so that the edges depend on the caption; without it they do not")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.IntVar(&o.steps, "steps", 5000, "updates of each player")
		flags.IntVar(&o.batch, "batch", 64, "pictures in a batch of each player")
		flags.Float64Var(&o.rate, "rate", 2e-4, "learning rate of Adam")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 250, "`updates` between checkpoints")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if err := o.pictures.Check(); err != nil {
				return err
			}
			switch {
			case o.out == "":
				return cli.Usage("-out is needed")
			case o.size < 8 || o.size > 256 || o.size%2 != 0:
				return cli.Usage("-size must be even, from 8 to 256")
			case o.steps < 1 || o.batch < 2 || o.batch%2 != 0 || o.checkpoint < 1 || o.width < 1 || !(o.rate > 0):
				return cli.Usage("-steps, -batch, -checkpoint, -width and -rate must be positive, and -batch even")
			}
			return runSharpen(ctx, o)
		}
	},
}

func runSharpen(ctx context.Context, o sharpenOptions) error {
	if _, err := os.Stat(filepath.Join(o.out, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	c, err := o.pictures.Load(o.size)
	if err != nil {
		return err
	}
	var texts []*tensor.Tensor
	told := 0
	if o.encoder != "" {
		encoder, err := charcnnrnn.OpenFile(o.encoder)
		if err != nil {
			return err
		}
		if texts, err = txt2img.Embed(encoder, c.Learn.Captions); err != nil {
			return err
		}
		told = encoder.Width()
	}
	shape := lapgan.ConvOptions{Side: o.size, Channels: 3, Classes: told, Width: o.width}
	g := lapgan.NewConv(shape, rand.New(rand.NewPCG(o.seed, 1)))
	game := lapgan.Game{Generator: g, Discriminator: lapgan.NewConvDiscriminator(shape, rand.New(rand.NewPCG(o.seed, 2))), Classes: told, EMA: 0.999}
	sizes := []int{o.size / 2, o.size}
	adam := optim.Adam{Rate: o.rate, Beta1: 0.5}
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{"data": c.Name, "size": fmt.Sprint(o.size), "width": fmt.Sprint(o.width), "batch": fmt.Sprint(o.batch), "told": fmt.Sprint(told)},
		Export: func(v *train.View) error {
			level := lapgan.Trained{Level: train.Average(v, g), Index: 1, Sizes: sizes}
			return lapgan.Save(filepath.Join(v.Dir, "model.safetensors"), level, v.Step, map[string]string{"data": c.Name})
		},
		Sample: func(v *train.View) (image.Image, error) {
			b, err := edges(c.Learn, texts, sizes, 8).Batch(0, v.Rand)
			if err != nil {
				return nil, err
			}
			sharp := sharpened(train.Average(v, g), b.Low, b.Vectors)
			grid := imaging.Grid{Columns: 8, Zoom: zoomOf(o.size), RowLabels: []string{"half the size", "sharpened", "real"}}
			return grid.Compose(b.Low, sharp, b.Image()).ToImage(), nil
		},
	}
	return train.Play(ctx, run, game.Players(adam, adam), edges(c.Learn, texts, sizes, 2*o.batch))
}

// edges makes batches of what half the size lacks of real pictures, with a caption of each.
func edges(p *caption.Pictures, texts []*tensor.Tensor, sizes []int, n int) data.Source[lapgan.Batch] {
	return data.Func[lapgan.Batch](func(_ int, rng *rand.Rand) (lapgan.Batch, error) {
		var images, vectors []*tensor.Tensor
		for range n {
			i := rng.IntN(p.Len())
			x, err := p.Images.Block(i, i+1)
			if err != nil {
				return lapgan.Batch{}, err
			}
			images = append(images, x)
			if texts != nil {
				k := rng.IntN(texts[i].Dim(0))
				vectors = append(vectors, texts[i].Rows(k, k+1))
			}
		}
		b := lapgan.Examples(tensor.Concat(0, images...), sizes, 1, nil, nil)
		if vectors != nil {
			b.Vectors = tensor.Concat(0, vectors...)
		}
		return b, nil
	})
}

// sharpened adds the edges that a level paints to pictures (N,H,W,3) with values in [0,1]. texts (N,S) is nil for a level that
// hears none. The plane of noise is zero, as in the paper.
func sharpened(g *lapgan.Conv, pictures, texts *tensor.Tensor) *tensor.Tensor {
	n, side := pictures.Dim(0), g.Options.Side
	var told *autograd.Var
	if texts != nil {
		told = autograd.Const(texts)
	}
	edges := g.Forward(autograd.Const(tensor.New(n, side, side, 1)), autograd.Const(pictures), told, nil).Value()
	return tensor.Clamp(tensor.Add(pictures, edges), 0, 1)
}

// openSharpener reads a level that sharpens pictures of a side and hears vectors of so many numbers, 0 for none.
func openSharpener(path string, side, channels, told int) (*lapgan.Conv, error) {
	t, err := lapgan.OpenFile(path)
	if err != nil {
		return nil, err
	}
	g, ok := t.Level.(*lapgan.Conv)
	switch {
	case !ok || t.Norm != nil:
		return nil, fmt.Errorf("%s holds a level of a pyramid that is not one to sharpen with; \"draw sharpen\" makes one", path)
	case g.Options.Side != side || g.Options.Channels != channels:
		return nil, fmt.Errorf("%s sharpens pictures of %d×%d in %d channels, and the model paints %d×%d in %d", path, g.Options.Side, g.Options.Side,
			g.Options.Channels, side, side, channels)
	case g.Options.Classes != told && told == 0:
		return nil, fmt.Errorf("%s hears vectors of %d numbers: give the -encoder that it was trained with", path, g.Options.Classes)
	case g.Options.Classes != told && g.Options.Classes != 0:
		return nil, fmt.Errorf("%s hears vectors of %d numbers, and the encoder makes %d: give the one that it was trained with", path, g.Options.Classes, told)
	}
	return g, nil
}
