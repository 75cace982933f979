package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"image"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/draw"
)

type evalOptions struct {
	source
	model, judge    string
	batches, n      int
	judgeSteps, few int
	seed            uint64
}

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "[flags]",
	Help:  "Measure a model: the bound in nats; of captioned digits, which are recognised where they were asked for; of pictures with captions, how captions find their pictures, and how alike what is painted is to the real one.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		o.source.flags(flags)
		flags.StringVar(&o.model, "model", "", "model `file` of a run; without it, the embedded one")
		flags.StringVar(&o.judge, "judge", "", "`file` of a classifier of digits, made if it does not exist, to see what is painted of captions")
		flags.IntVar(&o.judgeSteps, "judge-steps", 2000, "updates of the classifier, with 100 digits each")
		flags.IntVar(&o.batches, "batches", 20, "batches of 100 pictures to measure the bound on")
		flags.IntVar(&o.n, "n", 1000, "pictures to paint")
		flags.IntVar(&o.few, "retrieve", 100, "pictures with captions that are to find each other")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if err := o.source.check(); err != nil {
				return err
			}
			if o.batches < 1 || o.n < 10 || o.few < 2 || o.judgeSteps < 1 {
				return cli.Usage("-batches and -judge-steps must be positive, -n at least 10 and -retrieve at least 2")
			}
			return runEval(ctx, o)
		}
	},
}

func runEval(ctx context.Context, o evalOptions) error {
	m, about, err := openModel(o.model)
	if err != nil {
		return err
	}
	if ban := about.Facts["ban"]; ban != "" {
		if _, err := fmt.Sscan(ban, &o.ban); err != nil {
			return fmt.Errorf("%s says that its ban is %q, which is no number", o.model, ban)
		}
	}
	c, err := o.load(m.Options.Text, m.Vocabulary)
	if err != nil {
		return err
	}
	if c.name != about.Facts["data"] {
		return fmt.Errorf("%s has learned %s, and -data or -digits says to compare it with %s", o.model, about.Facts["data"], c.name)
	}
	if m.Options.Height != c.height || m.Options.Width != c.width || m.Options.Channels != c.channel {
		return fmt.Errorf("%s paints %d×%d pixels in %d channels, the pictures are %d×%d in %d; give the -size it was trained with",
			o.model, m.Options.Width, m.Options.Height, m.Options.Channels, c.width, c.height, c.channel)
	}
	for _, part := range []struct {
		name string
		src  interface {
			Batch(int, *rand.Rand) (draw.Batch, error)
		}
	}{{"learned", c.learn}, {"held out", c.held}} {
		n, err := m.Measure(part.src, o.batches, o.seed)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %v\n", part.name, n)
	}
	switch {
	case c.test != nil:
		return o.recognise(ctx, m, c)
	case c.captioned != nil:
		return o.retrieve(m, c)
	}
	return nil
}

// recognise tells which digits a classifier finds at the places where captions asked for them.
func (o evalOptions) recognise(ctx context.Context, m *draw.Model, c *corpus) error {
	if o.judge == "" {
		fmt.Println("with -judge FILE it is told which digits are found where they were asked for")
		return nil
	}
	judge, err := o.openJudge(ctx, c)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(o.seed, 5))
	fmt.Printf("digits recognised where they were asked for (chance 10 %%), by %s, in %d pictures of each kind; of combinations never seen only the digits that training never had there count:\n", judge.Name(), o.n)
	ban := placed.NewBan(o.ban)
	for _, kind := range []struct {
		name   string
		scenes []placed.Scene
		counts func(placed.Part) bool
	}{
		{"combinations that were learned", c.allowed, func(placed.Part) bool { return true }},
		{"combinations never seen", c.banned, ban.HoldsPart},
	} {
		scenes := make([]placed.Scene, o.n)
		for i := range scenes {
			scenes[i] = kind.scenes[rng.IntN(len(kind.scenes))]
		}
		painted, err := c.paint(m, scenes, rng)
		if err != nil {
			return err
		}
		for _, of := range []struct {
			name string
			x    *tensor.Tensor
		}{{"real", c.test.Draw(scenes, rng)}, {"painted", painted}} {
			all, elsewhere, err := found(judge, of.x, scenes, kind.counts)
			if err != nil {
				return err
			}
			line := fmt.Sprintf("  %s, %s: %.1f %%", kind.name, of.name, 100*all)
			if of.name == "painted" {
				line += fmt.Sprintf(" (were the captions those of other pictures: %.1f %%)", 100*elsewhere)
			}
			fmt.Println(line)
		}
	}
	return nil
}

// paint paints a picture of each scene.
func (c *corpus) paint(m *draw.Model, scenes []placed.Scene, rng *rand.Rand) (*tensor.Tensor, error) {
	var parts []*tensor.Tensor
	for lo := 0; lo < len(scenes); lo += batchSize {
		some := scenes[lo:min(lo+batchSize, len(scenes))]
		t, err := c.read(some)
		if err != nil {
			return nil, err
		}
		parts = append(parts, m.Sample(len(some), t, rng).Last())
	}
	return tensor.Concat(0, parts...), nil
}

// found returns the share of the digits that count which a judge finds where scenes have them, and were the scenes those of other
// pictures.
func found(judge *metric.Classifier, x *tensor.Tensor, scenes []placed.Scene, counts func(placed.Part) bool) (right, shuffled float64, err error) {
	share := func(scenes []placed.Scene) (float64, error) {
		var cuts []*tensor.Tensor
		var digits []int
		for i, s := range scenes {
			for _, p := range s.Parts() {
				if !counts(p) {
					continue
				}
				cuts = append(cuts, placed.Cut(x.Rows(i, i+1), []image.Rectangle{p.Place}))
				digits = append(digits, p.Digit)
			}
		}
		f, err := metric.Recognised(judge, metric.InMemory(tensor.Concat(0, cuts...)), digits)
		return f.Value, err
	}
	if right, err = share(scenes); err != nil {
		return 0, 0, err
	}
	shuffled, err = share(append(scenes[1:len(scenes):len(scenes)], scenes[0]))
	return right, shuffled, err
}

// openJudge reads the classifier of digits, or trains one and writes it.
func (o evalOptions) openJudge(ctx context.Context, c *corpus) (*metric.Classifier, error) {
	name := c.name[len("captioned "):]
	if _, err := os.Stat(o.judge); err == nil {
		judge, err := metric.OpenClassifier(o.judge)
		if err != nil {
			return nil, err
		}
		if judge.Options.Label != name || judge.Options.Classes != 10 {
			return nil, fmt.Errorf("%s is a classifier of %s in %d classes, not of %s in 10", o.judge, judge.Options.Label, judge.Options.Classes, name)
		}
		return judge, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "training a classifier of %s, to be kept in %s\n", name, o.judge)
	judge := metric.NewClassifier(metric.ClassifierOptions{Label: name, Height: c.digits.Height, Classes: 10}, rand.New(rand.NewPCG(o.seed, 3)))
	players := []train.Player[labelled.Batch]{
		metric.Classify(judge, optim.Adam{Rate: 1e-3, Schedule: optim.Cosine{Over: o.judgeSteps, Floor: 0.01}}),
	}
	if err := train.Play(ctx, train.Run{Steps: o.judgeSteps, Seed: o.seed}, players, c.digits.Batches(100, labelled.BatchOptions{})); err != nil {
		return nil, err
	}
	return judge, metric.SaveClassifier(o.judge, judge, o.judgeSteps, nil)
}

// retrieve tells how captions find their own pictures, and how alike what is painted of them is to those.
func (o evalOptions) retrieve(m *draw.Model, c *corpus) error {
	for _, set := range []struct {
		name string
		of   *draw.Captioned
	}{{"learned", c.captioned}, {"held out", c.captionedHeld}} {
		if set.of == nil {
			continue
		}
		batches, _, err := set.of.First(o.few)
		if err != nil {
			return err
		}
		var pictures []*tensor.Tensor
		var texts []draw.Text
		own := make([]int, len(batches))
		ssi, squares := 0.0, 0.0
		rng := rand.New(rand.NewPCG(o.seed, 6))
		for i, b := range batches {
			pictures, texts, own[i] = append(pictures, b.Images), append(texts, b.Text), i
			s, err := (imaging.Protocol{}).SSIM(m.Sample(1, b.Text, rng).Last(), b.Images)
			if err != nil {
				return err
			}
			ssi, squares = ssi+s/float64(len(batches)), squares+s*s/float64(len(batches))
		}
		scores := m.Scores(tensor.Concat(0, pictures...), texts, o.seed)
		fmt.Printf("%s, pictures found by captions: %v\n", set.name, draw.Retrieve(draw.Relative(scores), own))
		fmt.Printf("%s, the same by the bound itself: %v\n", set.name, draw.Retrieve(scores, own))
		fmt.Printf("%s, SSI of painted and real pictures: %.3f ± %.2f (deviation over %d)\n", set.name, ssi, math.Sqrt(squares-ssi*ssi), len(batches))
	}
	fmt.Println("in the paper, of all test pictures of MS-COCO: R@1 3.0, R@5 14.0, R@10 22.9, R@50 68.5 %, median rank 31, SSI 0.156 ± 0.11")
	return nil
}
