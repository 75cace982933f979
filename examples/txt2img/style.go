package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/style"
)

type styleOptions struct {
	data         captions.Flags
	model, out   string
	resume, half bool
	width        int
	batchStats   bool
	steps, batch int
	average      int
	rate         float64
	seed         uint64
	checkpoint   int
}

var styleCommand = cli.Command{
	Name:  "style",
	Usage: "-out RUN [flags]",
	Help: "Train a style encoder, which recovers from a picture the noise that a model would have painted it from: style.safetensors in\n" +
		"RUN for \"transfer\". Then tell pairs of one style from pairs of two by it, and by the captions: RUN/roc.png.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o styleOptions
		o.data.Define(flags, "coloured shapes", 4000)
		flags.StringVar(&o.model, "model", "", "model `file` of a run; without it, the embedded one")
		flags.StringVar(&o.out, "out", "", "`folder` of the run")
		flags.BoolVar(&o.resume, "resume", false, "go on from the last checkpoint of the run")
		flags.IntVar(&o.width, "width", 64, "feature maps of the first layer, doubled at each of the others")
		flags.BoolVar(&o.batchStats, "batch-statistics", false, "let the model paint as in training, each batch with its own statistics")
		flags.IntVar(&o.steps, "steps", 10_000, "updates")
		flags.IntVar(&o.batch, "batch", 64, "pictures in a batch")
		flags.IntVar(&o.average, "average", 4, "captions of a picture whose mean vector is taken, as for \"train\"")
		flags.Float64Var(&o.rate, "rate", 2e-4, "learning rate of Adam")
		flags.BoolVar(&o.half, "half", false, "store 16-bit numbers in style.safetensors")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		flags.IntVar(&o.checkpoint, "checkpoint", 500, "`updates` between checkpoints")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			switch {
			case o.out == "":
				return cli.Usage("-out is needed")
			case o.steps < 1 || o.checkpoint < 1 || o.width < 1 || o.average < 1 || !(o.rate > 0):
				return cli.Usage("-steps, -checkpoint, -width, -average and -rate must be positive")
			case o.batch < 2 || o.batch > 4096:
				return cli.Usage("-batch must be from 2 to 4096")
			}
			if err := o.data.Check(); err != nil {
				return err
			}
			return runStyle(ctx, o)
		}
	},
}

func runStyle(ctx context.Context, o styleOptions) error {
	if err := freshOrResumed(o.out, o.resume); err != nil {
		return err
	}
	m, err := openModel(o.model)
	if err != nil {
		return err
	}
	side, latent := sizesOf(m)
	options := style.Options{Size: side, Latent: latent, Width: o.width}
	if err := options.Check(); err != nil {
		return cli.Usage(err.Error())
	}
	c, err := o.data.Load(side)
	if err != nil {
		return err
	}
	texts, err := txt2img.Embed(m.Encoder, c.Learn.Captions)
	if err != nil {
		return err
	}
	bank := style.Bank(texts)
	if err := bank.Check(2); err != nil {
		return err
	}
	encoder := style.New(options, data.Stream(o.seed, 1))
	game := style.Game{Generator: m.Generator, Encoder: encoder, Latent: latent, BatchStatistics: o.batchStats}
	facts := map[string]string{"model": metric.Fingerprint(m.Generator), "data": c.Name, "seed": fmt.Sprint(o.seed)}
	file := filepath.Join(o.out, styleName)
	columns, rows, err := chooseTransfer(c, m.Encoder)
	if err != nil {
		return err
	}
	run := train.Run{
		Dir: o.out, Steps: o.steps, Seed: o.seed, CheckpointEvery: o.checkpoint,
		Config: map[string]string{
			"model": facts["model"], "data": c.Name, "pictures": fmt.Sprint(c.Learn.Len()), "options": fmt.Sprintf("%+v", options),
			"batch": fmt.Sprintf("%d, mean of %d captions, own statistics %t", o.batch, o.average, o.batchStats),
		},
		Sample: func(*train.View) (image.Image, error) {
			painted := style.Transfer(m.Generator, encoder, columns, rows.texts)
			return style.Sheet(columns, painted, rows.labels, zoomOf(side)).ToImage(), nil
		},
		Export: func(v *train.View) error {
			if o.half {
				return style.SaveHalf(file, encoder, v.Step, facts)
			}
			return style.Save(file, encoder, v.Step, facts)
		},
	}
	players := []train.Player[*tensor.Tensor]{game.Player(optim.Adam{Rate: o.rate, Beta1: 0.5})}
	if err := train.Play(ctx, run, players, bank.Batches(o.batch, o.average)); err != nil {
		return err
	}
	if encoder, err = style.OpenFile(file); err != nil {
		return err
	}
	return verify(m, encoder, c, o.average, o.seed, filepath.Join(o.out, "roc.png"))
}

// styleName is the file of a run that "transfer" and "eval" read.
const styleName = "style.safetensors"

// transferRows are the sentences of a transfer sheet.
type transferRows struct {
	texts  *tensor.Tensor // (R,E)
	labels []string
}

// chooseTransfer returns pictures whose style is shown, (8,S,S,3), and sentences to paint in it, of other pictures.
func chooseTransfer(c captions.Corpus, encoder txt2img.TextEncoder) (*tensor.Tensor, transferRows, error) {
	var rows transferRows
	of := c.Held
	if of == nil {
		of = c.Learn
	}
	const columns, sentences = 8, 6
	var pictures []*tensor.Tensor
	for i := range min(columns, of.Len()) {
		at := i * of.Len() / min(columns, of.Len())
		x, err := of.Images.Block(at, at+1)
		if err != nil {
			return nil, rows, err
		}
		pictures = append(pictures, tensor.Affine(x, 2, -1))
	}
	var captions []string
	for i := range min(sentences, c.Learn.Len()) {
		at := (2*i + 1) * c.Learn.Len() / (2 * min(sentences, c.Learn.Len()))
		captions = append(captions, c.Learn.Captions[at][0])
	}
	texts, err := txt2img.Embed(encoder, [][]string{captions})
	if err != nil {
		return nil, rows, err
	}
	rows.texts, rows.labels = texts[0], shortAll(captions)
	return tensor.Concat(0, pictures...), rows, nil
}

// verify prints how well a style encoder, and captions, tell pairs of one style from pairs of two, and draws the curves. Styles
// are known of painted pictures; those of real ones are clusters of their backgrounds.
func verify(m *txt2img.Model, encoder *style.Encoder, c captions.Corpus, average int, seed uint64, chart string) error {
	texts, err := txt2img.Embed(m.Encoder, c.Learn.Captions)
	if err != nil {
		return err
	}
	_, latent := sizesOf(m)
	curves := style.Chart{Title: "pairs of one style told from pairs of two"}
	report := func(pictures string, folds []style.Fold, x, baseline *tensor.Tensor) {
		ours, theirs := style.Verify(folds, style.Cosine(x)), style.Verify(folds, style.Cosine(baseline))
		fmt.Printf("%s pairs, by style    %v\n%s pairs, by captions %v\n", pictures, ours, pictures, theirs)
		curves.Add(pictures+", by style", ours)
		curves.Add(pictures+", by captions", theirs)
	}
	painted, err := style.Paint(m.Generator, texts, style.PaintOptions{Each: min(4, c.Learn.Len()), Latent: latent, Average: average, Seed: seed})
	if err != nil {
		return err
	}
	folds, err := style.Pairs(painted.Styles, style.PairOptions{Groups: painted.Captions, Seed: seed})
	if err != nil {
		return err
	}
	report("painted", folds, style.Of(encoder, painted.Pictures), painted.Texts)
	if err := realPairs(m, encoder, c, seed, report); err != nil {
		fmt.Fprintf(os.Stderr, "txt2img: no test of style on real pictures: %v\n", err)
	}
	picture, err := curves.Draw()
	if err != nil {
		return err
	}
	return imaging.Save(chart, imaging.FromImage(picture), imaging.EncodeOptions{})
}

// realPairs makes pairs of real pictures, of all classes.
func realPairs(m *txt2img.Model, encoder *style.Encoder, c captions.Corpus, seed uint64,
	report func(pictures string, folds []style.Fold, x, baseline *tensor.Tensor)) error {
	all, err := c.All()
	if err != nil {
		return err
	}
	traits, err := backgrounds(all)
	if err != nil {
		return err
	}
	folds, err := style.Pairs(style.KMeans{Seed: seed}.Sort(traits), style.PairOptions{Seed: seed})
	if err != nil {
		return err
	}
	texts, err := txt2img.Embed(m.Encoder, all.Captions)
	if err != nil {
		return err
	}
	side, _ := sizesOf(m)
	x, err := signed(all, side)
	if err != nil {
		return err
	}
	report("real", folds, style.Of(encoder, x), style.Bank(texts).Mean())
	return nil
}

// backgrounds returns the colour at the border of each picture.
func backgrounds(p *caption.Pictures) ([][]float64, error) {
	traits := make([][]float64, p.Len())
	for i := range traits {
		x, err := p.Images.Block(i, i+1)
		if err != nil {
			return nil, err
		}
		if traits[i], err = style.Background(x.Reshape(x.Shape()[1:]...), nil); err != nil {
			return nil, err
		}
	}
	return traits, nil
}

// signed returns all pictures (N,side,side,3) with values in [-1,1].
func signed(p *caption.Pictures, side int) (*tensor.Tensor, error) {
	x, err := p.Images.Block(0, p.Len())
	if err != nil {
		return nil, err
	}
	return resized(tensor.Affine(x, 2, -1), side), nil
}
