package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
)

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-data DIR -out RUN [flags]",
	Help: "Train a network on the photographs of a folder: checkpoints, curves, sample pictures and model.safetensors in RUN.\n" +
		"A variant with a discriminator begins with an SRResNet of its own, in RUN/pretrain, unless -init names one.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o trainOptions
		flags.StringVar(&o.data, "data", "", "`folder` of photographs to learn from")
		flags.StringVar(&o.val, "val", "", "`folder` of photographs to measure on; without it, none are measured")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.StringVar(&o.init, "init", "", "weights `file` to begin with, of a network with the same options")
		flags.StringVar(&o.grow, "grow", "", "weights `file` to grow from, of a network with fewer channels or blocks and without normalisation")
		flags.Func("variant", "what the network is trained for: SRResNet-MSE (if not given), SRResNet-VGG22, SRGAN-MSE, SRGAN-VGG22, SRGAN-VGG54 or SRGAN, the last",
			func(s string) (err error) { o.variant, err = srgan.ParseVariant(s); return err })
		flags.IntVar(&o.steps, "steps", 0, "updates; 0 means the paper's: 1,000,000, or 200,000 for a variant with a discriminator")
		flags.IntVar(&o.pretrain, "pretrain", 0, "updates of the SRResNet that a variant with a discriminator begins with; 0 means the paper's 1,000,000")
		flags.DurationVar(&o.budget, "budget", 0, "shrink the paper's numbers of updates to what this machine does in so much `time`, such as 8h")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.shards, "shards", 1, "parts that a batch is cut into; the result is the same for any number of cores")
		flags.StringVar(&o.arch, "net", "srresnet", "srresnet, or one of the small `networks` it is compared with: srcnn, espcn")
		flags.IntVar(&o.net.Scale, "scale", 4, "how many times larger")
		flags.IntVar(&o.net.Channels, "channels", 64, "feature maps")
		flags.IntVar(&o.net.Blocks, "blocks", 16, "residual blocks")
		flags.BoolVar(&o.net.NoNorm, "no-norm", false, "leave batch normalisation out")
		flags.StringVar((*string)(&o.net.Upsampler), "upsampler", string(srgan.PixelShuffle), "pixel-shuffle, or deconv as in the paper's first `version`")
		flags.BoolVar(&o.net.Reflect, "reflect", false, "pad by reflection, not by zeros")
		flags.BoolVar(&o.net.ICNR, "icnr", false, "begin with sub-pixel convolutions that show no checkerboard")
		flags.IntVar(&o.patch.Batch, "batch", 16, "patches in a batch")
		flags.IntVar(&o.patch.Size, "crop", 96, "side of a patch, in `pixels` of the original")
		flags.Func("shrink", "use the photographs also at these sizes, such as `0.7,0.5`", o.parseShrink)
		flags.Float64Var(&o.patch.Vivid, "vivid", 0, "use the photographs also with their saturation multiplied by so much; 0 means not")
		flags.BoolVar(&o.patch.SwapColours, "swap-colours", false, "exchange red, green and blue at random")
		flags.IntVar(&o.patch.Choices, "choices", 1, "places looked at for each patch, of which the most detailed is taken")
		flags.StringVar(&o.loss, "loss", "mse", "`mse`, as in the paper, or l1: what compares pixels where no features are compared")
		flags.StringVar(&o.features, "features", "", "weights `file` of the network whose features are compared: torchvision's VGG19, or one of \"srgan perception\"; an embedded one of the latter kind if not given")
		flags.Func("taps", "feature maps that are compared, such as `2.2,5.4`; those of the variant if not given", o.parseTaps)
		flags.Float64Var(&o.scale, "feature-scale", 0, "what features are multiplied by; 0 means the paper's 1/12.75 for VGG19, and for the embedded ones what makes their loss as large")
		flags.Float64Var(&o.adversarial, "adversarial", srgan.AdversarialWeight, "`weight` of the adversarial loss")
		flags.Float64Var(&o.pixels, "pixels", 0, "`weight` of the squared error of pixels beside a loss on features; none in the paper")
		flags.Float64Var(&o.tv, "tv", 0, "`weight` of the total variation; 2e-8 in the paper's first version")
		flags.IntVar(&o.critic, "critic-channels", 64, "feature maps of the discriminator's first convolution")
		flags.Float64Var(&o.lattice, "lattice", 0, "`weight` of the lattice that windows of the result have and the original has not; none in the paper")
		flags.BoolVar(&o.criticNoNorm, "critic-no-norm", false, "leave batch normalisation out of the discriminator")
		flags.IntVar(&o.criticFirst, "critic-first", 0, "first `updates` in which the discriminator learns alone")
		flags.Float64Var(&o.criticRate, "critic-rate", 0, "learning `rate` of the discriminator; 0 means that of the generator")
		flags.Float64Var(&o.rate, "rate", srgan.Rate, "learning rate of Adam; it falls to a tenth half-way for a variant with a discriminator")
		flags.BoolVar(&o.cosine, "cosine", false, "lower the rate along a cosine to a hundredth at the end instead")
		flags.IntVar(&o.warmUp, "warm-up", 0, "`updates` in which the rate rises to what it is")
		flags.Float64Var(&o.clip, "clip", 0, "largest `norm` of the generator's gradient, which is shortened to it; 0 means any. A little above the usual norm in log.csv keeps a network without normalisation from exploding at high rates")
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
	data, val, out   string
	init, loss, arch string
	grow             string
	warmUp           int
	clip             float64
	features         string
	taps             []vgg.Tap
	scale            float64 // of features
	adversarial, tv  float64
	pixels           float64
	critic           int
	criticNoNorm     bool
	criticFirst      int
	lattice          float64
	resume, cosine   bool
	half             bool
	variant          srgan.Variant
	steps, pretrain  int
	budget           time.Duration
	shards           int
	checkpointEvery  int
	seed             uint64
	rate, criticRate float64
	net              srgan.Options
	patch            srgan.PatchOptions
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

func (o *trainOptions) parseTaps(s string) error {
	for _, f := range strings.Split(s, ",") {
		tap, err := vgg.ParseTap(strings.TrimSpace(f))
		if err != nil {
			return err
		}
		o.taps = append(o.taps, tap)
	}
	return nil
}

func (o *trainOptions) check() error {
	o.patch.Scale = o.net.Scale
	tap, byFeatures := o.variant.Tap()
	if byFeatures && o.taps == nil {
		o.taps = []vgg.Tap{tap}
	}
	switch {
	case o.data == "" || o.out == "":
		return cli.Usage("-data and -out are needed")
	case o.steps < 0 || o.pretrain < 0 || o.budget < 0:
		return cli.Usage("-steps, -pretrain and -budget must not be negative")
	case o.budget > 0 && (o.steps > 0 || o.pretrain > 0):
		return cli.Usage("-budget finds the numbers of updates itself: leave -steps and -pretrain out")
	case o.pretrain > 0 && (!o.variant.Adversarial() || o.init != ""):
		return cli.Usage("-pretrain is for a variant with a discriminator that begins without -init")
	case o.shards < 1 || o.patch.Batch < 1 || o.checkpointEvery < 1 || o.critic < 1 || !(o.rate > 0):
		return cli.Usage("-shards, -batch, -checkpoint, -critic-channels and -rate must be positive")
	case o.warmUp < 0 || !(o.clip >= 0) || !(o.criticRate >= 0) || o.criticFirst < 0:
		return cli.Usage("-warm-up, -clip, -critic-rate and -critic-first must not be negative")
	case o.grow != "" && (o.init != "" || o.arch != "srresnet"):
		return cli.Usage("-grow is for an srresnet that begins without -init")
	case o.loss != "mse" && o.loss != "l1":
		return cli.Usage(fmt.Sprintf("-loss is mse or l1, not %q", o.loss))
	case !byFeatures && o.features != "":
		return cli.Usage(fmt.Sprintf("%v compares pixels and takes no -features", o.variant))
	case !byFeatures && o.taps != nil:
		return cli.Usage(fmt.Sprintf("%v compares pixels and takes no -taps", o.variant))
	case o.adversarial <= 0 || o.tv < 0 || o.scale < 0 || o.pixels < 0:
		return cli.Usage("-adversarial must be positive, and -tv, -pixels and -feature-scale not negative")
	case o.pixels > 0 && !byFeatures:
		return cli.Usage(fmt.Sprintf("%v compares pixels in any case and takes no -pixels", o.variant))
	case o.patch.Vivid < 0:
		return cli.Usage("-vivid must not be negative")
	case o.patch.Choices < 1:
		return cli.Usage("-choices must be positive")
	case o.patch.Batch%o.shards != 0:
		return cli.Usage(fmt.Sprintf("a batch of %d cannot be cut into %d equal shards", o.patch.Batch, o.shards))
	case o.patch.Size < o.net.Scale || o.patch.Size%max(o.net.Scale, 1) != 0:
		return cli.Usage(fmt.Sprintf("-crop must be a multiple of the scale, %d", o.net.Scale))
	}
	// Batch normalisation needs two values: the smallest maps are those of the generator, and of the discriminator's end.
	side := o.patch.Size / o.net.Scale
	if o.variant.Adversarial() {
		side = (o.patch.Size + 15) / 16
	}
	if each := o.patch.Batch / o.shards; each*side*side < 2 {
		return cli.Usage(fmt.Sprintf("-batch %d and -crop %d leave a single value to normalise by: more patches, larger ones, or fewer -shards are needed",
			o.patch.Batch, o.patch.Size))
	}
	if _, err := o.newNetwork(); err != nil {
		return cli.Usage(err.Error())
	}
	return nil
}
