package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

type trainOptions struct {
	data             captions.Flags
	out, encoder     string
	resume, half     bool
	variants         []txt2img.Variant
	net              string
	nets             txt2img.Options
	set              txt2img.Captioned
	loaded           int // side at which pictures are loaded
	pairs, schedule  string
	game             txt2img.Game
	epochs, steps    int
	rate, criticRate float64
	memory           int // MiB
	calibrate        int
	seed             uint64
	checkpoint       int
}

var trainCommand = cli.Command{
	Name:  "train",
	Usage: "-encoder FILE -out RUN [flags]",
	Help: "Train a generator to paint captions that an encoder of \"encode\" reads: checkpoints, curves, sheets of samples and\n" +
		"model.safetensors in RUN. -variant all trains the four games that the paper compares, in RUN/gan to RUN/gan-int-cls.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		o := trainOptions{variants: []txt2img.Variant{txt2img.GANINTCLS}}
		o.data.Define(flags, "coloured shapes", 4000)
		flags.StringVar(&o.encoder, "encoder", "", "`file` with the encoder of captions")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.Func("variant", "gan, gan-cls, gan-int, gan-int-cls or all (default `gan-int-cls`); \"gan-\" may be left out", o.parseVariant)
		flags.StringVar(&o.net, "net", "released", "the `networks`: released or plain, as in the code or the text of the paper, or custom, those of custom.go")
		flags.IntVar(&o.nets.Size, "size", 64, "side of the pictures, a power of 2 from 16")
		flags.IntVar(&o.nets.Latent, "latent", 100, "numbers in the noise")
		flags.IntVar(&o.nets.Text, "text", 128, "numbers to which the networks reduce a caption's vector")
		flags.IntVar(&o.nets.GWidth, "g-width", 128, "feature maps of the generator next to the picture")
		flags.IntVar(&o.nets.DWidth, "d-width", 64, "feature maps of the discriminator next to the picture")
		flags.BoolVar(&o.nets.NoResidualD, "no-residual-d", false, "leave out the discriminator's bottleneck, which the released code never attached")
		flags.BoolVar(&o.nets.NoTextBN, "no-text-bn", false, "leave out batch norm after the discriminator's text layer, as the code for GAN-CLS")
		flags.BoolVar(&o.nets.DropThirdAct, "drop-third-act", false, "leave out an activation of the discriminator, as the code for GAN-INT")
		flags.BoolVar(&o.nets.ExtraBlock, "extra-block", false, "a second bottleneck in each stage of the generator, as the code for MS-COCO")
		flags.IntVar(&o.set.Batch, "batch", 64, "pairs in a batch")
		flags.IntVar(&o.set.Average, "average", 4, "captions of a picture whose mean vector is taken")
		flags.BoolVar(&o.set.Distinct, "distinct", false, "never take a caption twice for a mean, as for MS-COCO")
		flags.StringVar(&o.pairs, "pairs", "class", "what makes a pair wrong: another class, or, where classes are broad, another picture: `class or picture`")
		flags.BoolVar(&o.set.NoFlip, "no-flip", false, "do not mirror pictures")
		flags.IntVar(&o.loaded, "load", 0, "`side` at which pictures are loaded, of which a random square of -size is taken; 0 means 76/64 of -size")
		flags.Func("augment", "what is done to all that the discriminator sees: some of `colour,translation,cutout`, or all (default none)", o.parseAugment)
		flags.Func("smooth", "by how much the `target` for right pairs is below 1, such as 0.1", number32(&o.game.Smooth))
		flags.BoolVar(&o.game.OtherText, "other-text", false, "make wrong pairs of another caption, as the text of the paper, not of another picture, as its code")
		flags.BoolVar(&o.game.Extrapolate, "extrapolate", false, "for gan-int and gan-int-cls, go up to as far beyond captions as between them")
		flags.IntVar(&o.epochs, "epochs", 600, "epochs; the rate is halved after each sixth of them")
		flags.IntVar(&o.steps, "steps", 0, "updates of each player; 0 means those of -epochs")
		flags.Float64Var(&o.rate, "rate", 2e-4, "learning rate of Adam")
		flags.Float64Var(&o.criticRate, "d-rate", 0, "learning rate of the discriminator, if it has another")
		flags.StringVar(&o.schedule, "schedule", "paper", "how the rate falls: `paper`, constant or cosine")
		flags.Float64Var(&o.game.EMA, "ema", 0.999, "decay of the average of the generator that is shown and saved; 0 means the generator itself, as in the paper")
		flags.IntVar(&o.calibrate, "calibrate", 20, "batches by which the saved generator's norms are measured anew; 0 means not")
		flags.BoolVar(&o.half, "half", false, "store 16-bit numbers in model.safetensors: half the size, and no difference to see")
		flags.IntVar(&o.memory, "memory", 4096, "`MiB` that pictures and captions may take")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 500, "`updates` between checkpoints")
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

func (o *trainOptions) parseVariant(s string) error {
	if strings.EqualFold(s, "all") {
		o.variants = txt2img.Variants()
		return nil
	}
	v, err := txt2img.ParseVariant(s)
	if err != nil {
		if v, err = txt2img.ParseVariant("gan-" + s); err != nil {
			return fmt.Errorf("%q is none of gan, gan-cls, gan-int, gan-int-cls and all", s)
		}
	}
	o.variants = []txt2img.Variant{v}
	return nil
}

func (o *trainOptions) parseAugment(s string) error {
	o.game.Augment = gan.Augment{}
	for _, what := range strings.Split(s, ",") {
		switch strings.TrimSpace(what) {
		case "colour", "color":
			o.game.Augment.Colour = true
		case "translation":
			o.game.Augment.Translation = true
		case "cutout":
			o.game.Augment.Cutout = true
		case "all":
			o.game.Augment = gan.FullAugment
		default:
			return fmt.Errorf("%q is none of colour, translation, cutout and all", what)
		}
	}
	return nil
}

func number32(to *float32) func(string) error {
	return func(s string) error {
		var v float64
		if _, err := fmt.Sscan(s, &v); err != nil {
			return errors.New("not a number")
		}
		*to = float32(v)
		return nil
	}
}

func (o *trainOptions) check() error {
	o.set.Size, o.nets.Plain = o.nets.Size, o.net == "plain"
	if o.set.Others = o.pairs == "picture"; !o.set.Others && o.pairs != "class" {
		return cli.Usage(fmt.Sprintf("-pairs is class or picture, not %q", o.pairs))
	}
	if o.loaded == 0 {
		o.loaded = txt2img.Uncropped(o.nets.Size)
	}
	switch {
	case o.out == "" || o.encoder == "":
		return cli.Usage("-encoder and -out are needed; \"encode\" makes an encoder")
	case o.net != "released" && o.net != "plain" && o.net != "custom":
		return cli.Usage(fmt.Sprintf("no networks %q; there are released, plain and custom", o.net))
	case o.schedule != "paper" && o.schedule != "constant" && o.schedule != "cosine":
		return cli.Usage(fmt.Sprintf("-schedule is paper, constant or cosine, not %q", o.schedule))
	case o.set.Batch < 2 || o.set.Average < 1 || o.epochs < 1 || o.checkpoint < 1 || o.memory < 1 || !(o.rate > 0):
		return cli.Usage("-batch must be at least 2, and -average, -epochs, -checkpoint, -memory and -rate positive")
	case o.steps < 0 || o.calibrate < 0 || !(o.criticRate >= 0):
		return cli.Usage("-steps, -calibrate and -d-rate must not be negative")
	case !(o.game.EMA >= 0 && o.game.EMA < 1) || !(o.game.Smooth >= 0 && o.game.Smooth < 1):
		return cli.Usage("-ema and -smooth must be from 0 to less than 1")
	case o.nets.Size < 16 || o.nets.Latent < 1 || o.nets.Text < 1 || o.nets.GWidth < 1 || o.nets.DWidth < 1:
		return cli.Usage("-size must be at least 16, and -latent, -text, -g-width and -d-width positive")
	case o.net == "custom" && o.nets.Size != customSide:
		return cli.Usage(fmt.Sprintf("the networks of custom.go are for -size %d", customSide))
	case o.loaded < o.nets.Size:
		return cli.Usage(fmt.Sprintf("-load %d is less than -size %d", o.loaded, o.nets.Size))
	}
	for _, v := range o.variants {
		if game := v.Of(o.game); game.Extrapolate && !game.Interpolate {
			if len(o.variants) == 1 {
				return cli.Usage(fmt.Sprintf("-extrapolate is for gan-int and gan-int-cls, not %v", v))
			}
		}
		if v.Of(o.game).Interpolate && o.set.Batch%2 != 0 {
			return cli.Usage(fmt.Sprintf("%v pairs up the captions of a batch: -batch must be even", v))
		}
	}
	if err := o.nets.Check(); err != nil {
		return cli.Usage(err.Error())
	}
	return o.data.Check()
}

func runTrain(ctx context.Context, o trainOptions) error {
	several := len(o.variants) > 1
	if !several {
		if err := freshOrResumed(o.out, o.resume); err != nil {
			return err
		}
	} else if err := freshOrResumed(o.dir(o.variants[0]), o.resume); err != nil {
		return err
	}
	encoder, err := openEncoder(o.encoder)
	if err != nil {
		return err
	}
	c, err := o.data.Load(o.loaded)
	if err != nil {
		return err
	}
	if err := o.fits(c, encoder.Width()); err != nil {
		return err
	}
	if o.set.Texts, err = txt2img.Embed(encoder, c.Learn.Captions); err != nil {
		return err
	}
	o.set.Images = c.Learn.Images
	if err := o.set.Check(); err != nil {
		return fmt.Errorf("%s: %w", c.Name, err)
	}
	shown, err := chooseShown(c, encoder, o.nets.Size)
	if err != nil {
		return err
	}
	for _, v := range o.variants {
		if several {
			fmt.Fprintf(os.Stderr, "%v in %s\n", v, o.dir(v))
		}
		if err := o.play(ctx, v, c, encoder, shown); err != nil {
			if several {
				return fmt.Errorf("%v: %w", v, err)
			}
			return err
		}
	}
	return nil
}

// dir returns the folder of a variant's run.
func (o *trainOptions) dir(v txt2img.Variant) string {
	if len(o.variants) == 1 {
		return o.out
	}
	return filepath.Join(o.out, strings.ToLower(v.String()))
}

// fits returns an error if the captions' vectors would take too much memory beside the pictures.
func (o *trainOptions) fits(c captions.Corpus, width int) error {
	captions := 0
	for _, of := range c.Learn.Captions {
		captions += len(of)
	}
	const mib = 1 << 20
	need := (len(c.Learn.Images.Pixels) + captions*width*4) / mib
	if need > o.memory {
		return fmt.Errorf("%d pictures of %d×%d pixels with %d captions take %d MiB, and -memory allows %d: take fewer with -most, or allow more",
			c.Learn.Len(), o.loaded, o.loaded, captions, need, o.memory)
	}
	return nil
}

// play trains one variant.
func (o *trainOptions) play(ctx context.Context, v txt2img.Variant, c captions.Corpus, encoder *charcnnrnn.Encoder, shown shown) error {
	source, err := o.set.Source()
	if err != nil {
		return err
	}
	game := o.game
	game.Extrapolate = game.Extrapolate && (v == txt2img.GANINT || v == txt2img.GANINTCLS)
	game = v.Of(game)
	net := newNetworks(o, encoder.Width())
	game.Generator, game.Discriminator, game.Latent = net.generator, net.discriminator, net.latent

	facts := game.Facts()
	facts["variant"], facts["data"], facts["encoder"], facts["seed"] = v.String(), c.Name, metric.Fingerprint(encoder), fmt.Sprint(o.seed)
	config := map[string]string{
		"net": o.net, "options": fmt.Sprintf("%+v", o.nets), "pictures": fmt.Sprint(c.Learn.Len()), "loaded": fmt.Sprint(o.loaded),
		"batch":   fmt.Sprintf("%d, mean of %d captions, distinct %t", o.set.Batch, o.set.Average, o.set.Distinct),
		"pairs":   o.pairs,
		"mirror":  fmt.Sprint(!o.set.NoFlip),
		"encoder": facts["encoder"],
	}
	for k, s := range facts {
		config[k] = s
	}
	dir := o.dir(v)
	run := train.Run{
		Dir: dir, Steps: o.updates(), Seed: o.seed, CheckpointEvery: o.checkpoint, Config: config,
		Sample: func(view *train.View) (image.Image, error) {
			return shown.sheet(train.Average(view, game.Generator), net.latent, view), nil
		},
		Export: func(view *train.View) error {
			m := &txt2img.Model{Generator: train.Average(view, game.Generator), Encoder: encoder, Step: view.Step, Facts: facts}
			return o.export(filepath.Join(view.Dir, modelName), m, net.latent, source)
		},
	}
	return train.Play(ctx, gan.Watch(run), game.Players(o.optimisers()...), source)
}

// modelName is the file of a run that the other commands read.
const modelName = "model.safetensors"

// export writes a model. Its norms are measured on a copy: what the running generator shares with its average has to stay.
func (o *trainOptions) export(path string, m *txt2img.Model, latent gan.Latent, source data.Source[txt2img.Batch]) error {
	if err := saveModel(path, m, o.half && o.calibrate == 0); err != nil || o.calibrate == 0 {
		return err
	}
	exact, err := openModel(path)
	if err != nil {
		return err
	}
	if err := txt2img.Calibrate(exact.Generator, latent, source, o.calibrate, o.seed); err != nil {
		return err
	}
	return saveModel(path, exact, o.half)
}

// updates returns how many updates each player makes.
func (o *trainOptions) updates() int {
	if o.steps > 0 {
		return o.steps
	}
	return o.epochs * o.set.Batches()
}

// optimisers returns how the discriminator and the generator learn.
func (o *trainOptions) optimisers() []optim.Optimizer {
	steps, batches := o.updates(), o.set.Batches()
	epochs := (steps + batches - 1) / batches
	generator := txt2img.Recipe{Epochs: epochs, Halve: max(1, epochs/6), Rate: o.rate}.Adam(batches)
	switch o.schedule {
	case "constant":
		generator.Schedule = nil
	case "cosine":
		generator.Schedule = optim.Cosine{Over: steps, Floor: 0.01}
	}
	discriminator := generator
	if o.criticRate > 0 {
		discriminator.Rate = o.criticRate
	}
	return []optim.Optimizer{discriminator, generator}
}

// openEncoder reads an encoder to train with.
func openEncoder(path string) (*charcnnrnn.Encoder, error) {
	encoder, err := charcnnrnn.OpenFile(path)
	if err != nil {
		return nil, err
	}
	about, err := checkpoint.ReadManifest(path)
	if err != nil {
		return nil, err
	}
	if about.Facts[judgeFact] != "" {
		return nil, fmt.Errorf("%s is a judge, which has to be kept apart from training: make an encoder with \"encode\" without -judge", path)
	}
	return encoder, nil
}
