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

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
)

// options are what the model file says about a network.
type options struct {
	Mixture string `json:"mixture"`
	Latent  int    `json:"latent"`
	Width   int    `json:"width"`
	Depth   int    `json:"depth"`
}

// architecture names the networks in model files.
const architecture = "toy2d"

type trainOptions struct {
	options
	out, loss   string
	resume      bool
	steps, size int
	seed        uint64
	rate        float64
	penalty     float64
	criticDepth int
	noise, fade float64
}

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-out RUN [flags]",
	Help:  "Train a generator: checkpoints, curves, a picture of each stage and model.safetensors in RUN.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.StringVar(&o.Mixture, "mixture", "grid", "what to learn: ring (8 Gaussians) or grid (25)")
		flags.StringVar(&o.loss, "loss", "r1", "r1 (non-saturating with R1) or wgan-gp (Wasserstein with gradient penalty)")
		flags.IntVar(&o.steps, "steps", 0, "rounds; 0 means 20000 for r1 and 12000 for wgan-gp")
		flags.IntVar(&o.size, "batch", 256, "points in a batch")
		flags.IntVar(&o.Latent, "latent", 2, "numbers that a point is made from")
		flags.IntVar(&o.Width, "width", 128, "units of a hidden layer")
		flags.IntVar(&o.Depth, "depth", 8, "hidden layers of the generator, which has to be steep between the Gaussians")
		flags.IntVar(&o.criticDepth, "d-depth", 3, "hidden layers of the discriminator")
		flags.Float64Var(&o.rate, "rate", 1e-3, "learning rate of Adam, which falls along a cosine to a hundredth")
		flags.Float64Var(&o.penalty, "penalty", 0, "weight of the penalty; 0 means 0.2 for r1 and 0.1 for wgan-gp")
		flags.Float64Var(&o.noise, "noise", 0.5, "deviation of the noise on all points at first")
		flags.Float64Var(&o.fade, "fade", 0.3, "part of the rounds over which the noise fades")
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
	if o.out == "" {
		return cli.Usage("-out is needed")
	}
	if o.steps < 0 || o.size < 2 || o.Latent < 1 || o.Width < 1 || o.Depth < 1 || o.criticDepth < 1 || !(o.rate > 0) {
		return cli.Usage("-batch must be at least 2, and -latent, -width, -depth, -d-depth and -rate positive")
	}
	if !(o.fade >= 0 && o.fade <= 1) || !(o.noise >= 0) || !(o.penalty >= 0) {
		return cli.Usage("-fade must be from 0 to 1, and -noise and -penalty not negative")
	}
	m, err := newMixture(o.Mixture, o.size)
	if err != nil {
		return cli.Usage(err.Error())
	}
	if _, err := os.Stat(filepath.Join(o.out, "run.json")); err == nil && !o.resume {
		return fmt.Errorf("%s holds a run already; -resume goes on with it", o.out)
	} else if o.resume && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds no run to resume", o.out)
	}
	g := newGenerator(o.options, o.seed)
	game := gan.Game{
		Generator:     g,
		Discriminator: newCritic(o.Width, o.criticDepth, rand.New(rand.NewPCG(o.seed, 2))),
		Latent:        gan.Normal(o.Latent),
		EMA:           0.999,
	}
	steps := o.steps
	opt := optim.Adam{Rate: o.rate, Beta1: optim.Zero, Beta2: 0.99}
	switch o.loss {
	case "r1":
		game.Loss, game.Penalty = gan.NonSaturating{}, gan.R1{Weight: either(o.penalty, r1Weight)}
		if steps == 0 {
			steps = 20000
		}
	case "wgan-gp":
		game.Loss, game.Penalty, game.Turns = gan.Wasserstein{}, gan.GradientPenalty{Weight: either(o.penalty, gpWeight)}, 3
		if steps == 0 {
			steps = 12000
		}
	default:
		return cli.Usage(fmt.Sprintf("no loss %q; there are r1 and wgan-gp", o.loss))
	}
	// Noise that fades shows the players the whole of the mixture first and its details later, so that fewer modes are lost.
	game.Noise = gan.InstanceNoise{Std: o.noise, Over: max(1, int(o.fade*float64(steps)))}
	players := func(updates int) optim.Optimizer {
		opt.Schedule = optim.Cosine{Over: updates, Floor: 0.01}
		return opt
	}
	run := train.Run{
		Dir: o.out, Steps: steps, Seed: o.seed, CheckpointEvery: 1000, LogEvery: 50,
		Config: map[string]string{"loss": o.loss, "options": fmt.Sprintf("%+v, discriminator %d", o.options, o.criticDepth), "batch": fmt.Sprint(o.size)},
		Sample: func(v *train.View) (image.Image, error) {
			return picture(m, generate(train.Average(v, g), o.options, 2500, v.Rand)), nil
		},
		Eval: func(v *train.View) (map[string]float64, error) {
			s := m.measure(generate(train.Average(v, g), o.options, 10_000, v.Rand))
			return map[string]float64{"modes": float64(s.covered), "near": s.near}, nil
		},
		Export: func(v *train.View) error {
			about := checkpoint.NewManifest(architecture, o.options)
			about.Step, about.Seed = v.Step, o.seed
			return checkpoint.Save(filepath.Join(v.Dir, "model.safetensors"), train.Average(v, g), about)
		},
	}
	if err := train.Play(ctx, gan.Watch(run), game.Players(players(steps*max(game.Turns, 1)), players(steps)), m); err != nil {
		return err
	}
	return runEval(filepath.Join(o.out, "model.safetensors"), 10_000, o.seed)
}

// The weights of the penalties. The points are one apart and their Gaussians much narrower, so the discriminator has to be
// steeper than one for pictures. With R1 at a fiftieth of this, the Gaussians do not keep their shares when the noise is gone.
const (
	r1Weight = 0.2
	gpWeight = 0.1
)

func either(v, usual float64) float64 {
	if v == 0 {
		return usual
	}
	return v
}
