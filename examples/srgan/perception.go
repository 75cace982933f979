package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan/perception"
)

var perceptionCommand = cli.Command{
	Name:  "perception",
	Usage: "-data DIR -out RUN [flags]",
	Help:  "Train a network whose features are compared where VGG19 is not at hand, from photographs alone: RUN/model.safetensors.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o perceptionOptions
		flags.StringVar(&o.data, "data", "", "`folder` of photographs, which the network learns to tell apart")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.StringVar(&o.name, "name", "", "what the features are `called` in tables; the number of photographs if not given")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.IntVar(&o.steps, "steps", 6000, "updates")
		flags.IntVar(&o.width, "width", perception.Width, "channels of the first block; VGG19 has 64")
		flags.IntVar(&o.pieces.Batch, "batch", 32, "pieces in a batch")
		flags.IntVar(&o.pieces.Size, "crop", 64, "side of a piece, in `pixels`")
		flags.Float64Var(&o.rate, "rate", 1e-3, "learning rate of Adam, lowered along a cosine")
		flags.BoolVar(&o.half, "half", false, "store 16-bit numbers in model.safetensors: half the size")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			switch {
			case o.data == "" || o.out == "":
				return cli.Usage("-data and -out are needed")
			case o.steps < 1 || o.width < 1 || o.pieces.Batch < 1 || !(o.rate > 0):
				return cli.Usage("-steps, -width, -batch and -rate must be positive")
			case o.width > 1024:
				return cli.Usage("-width must be at most 1024")
			case o.pieces.Size < 16 || o.pieces.Size%4 != 0:
				return cli.Usage("-crop must be a multiple of 4 and at least 16, which five blocks halve to one pixel")
			}
			return runPerception(ctx, o)
		}
	},
}

type perceptionOptions struct {
	data, out, name string
	resume, half    bool
	steps, width    int
	rate            float64
	seed            uint64
	pieces          perception.PieceOptions
}

func runPerception(ctx context.Context, o perceptionOptions) error {
	if err := freshOrResumed(o.out, o.resume); err != nil {
		return err
	}
	photos, err := loadPhotos(o.data)
	if err != nil {
		return err
	}
	pieces, err := perception.NewPieces(photos, o.pieces)
	if err != nil {
		return fmt.Errorf("%s: %w", o.data, err)
	}
	if o.name == "" {
		o.name = fmt.Sprintf("of %d photographs", len(photos))
	}
	r := perception.NewRecogniser(pieces.Photos(), o.width, rand.New(rand.NewPCG(o.seed, 0)))
	player := r.Player(optim.Adam{Rate: o.rate, Schedule: optim.Cosine{Over: o.steps, Floor: 0.01}})
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed,
		Config: map[string]string{"data": o.data, "pieces": fmt.Sprintf("%+v", o.pieces), "width": fmt.Sprint(o.width)},
		Eval: func(v *train.View) (map[string]float64, error) {
			// Other pieces than those that were learned, of the same photographs.
			const batches = 8
			out := map[string]float64{}
			for i := range batches {
				b, err := pieces.Batch(i, data.Stream(o.seed, 1<<32, uint64(i)))
				if err != nil {
					return nil, err
				}
				photo, damage := train.Average(v, r).Recognised(b)
				out["recognised/photo"] += photo / batches
				out["recognised/damage"] += damage / batches
			}
			return out, nil
		},
		Export: func(v *train.View) error {
			b, err := pieces.Batch(0, data.Stream(o.seed, 1<<33))
			if err != nil {
				return err
			}
			save := vgg.Save
			if o.half {
				save = vgg.SaveHalf
			}
			return save(filepath.Join(v.Dir, modelName), train.Average(v, r).Features(o.name, b.Images))
		},
	}
	return train.Play(ctx, run, []train.Player[perception.Batch]{player}, pieces)
}

// freshOrResumed returns an error if a folder holds a run and none is to be gone on with, or the other way around.
func freshOrResumed(dir string, resume bool) error {
	_, err := os.Stat(filepath.Join(dir, "run.json"))
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case !missing && !resume:
		return fmt.Errorf("%s holds a run already; -resume goes on with it", dir)
	case missing && resume:
		return fmt.Errorf("%s holds no run to resume", dir)
	}
	return nil
}
