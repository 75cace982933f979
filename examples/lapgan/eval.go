package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/examples/internal/judge"
	"github.com/gander-ml/gander/examples/internal/pictures"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "[flags] RUN...",
	Help: "Measure pyramids on held-out pictures, the same for all: the approximate Parzen score of every level, the log-likelihood\n" +
		"factorised over the levels and that of Parzen windows around finished images, and with a -judge FID and how often the class\n" +
		"asked for is recognised; in the end all in one table. The classifier is trained first if its file does not exist. A plain GAN\n" +
		"to compare with is a run of one level (train -preset cgan). Likelihoods are of the pictures of -held, which must be held out in\n" +
		"training too. Without a RUN only the classifier is made, for pictures of -side pixels.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		o.source.flags(flags)
		flags.StringVar(&o.judge, "judge", "", "`file` of the classifier; it is made if it does not exist")
		flags.IntVar(&o.judgeSteps, "judge-steps", 3000, "updates of the classifier, with 100 pictures each")
		flags.IntVar(&o.side, "side", 32, "`pixels` of the classifier's pictures where there is no RUN")
		flags.IntVar(&o.n, "n", 200, "held-out pictures for likelihoods, half of them to choose σ; 0 means no likelihoods")
		flags.IntVar(&o.draws, "draws", 128, "samples for each of these pictures at every level")
		flags.IntVar(&o.samples, "samples", 5000, "images to compare with real ones")
		flags.BoolVar(&o.known, "known", false, "compare with all pictures, and not only with those held out, which are few in a small set")
		flags.BoolVar(&o.last, "last", false, "take the last models of the levels, not those with the best scores")
		flags.BoolVar(&o.exact, "exact", false, "take the exact likelihood of levels that know it")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(ctx context.Context, runs []string) error {
			switch {
			case o.n != 0 && o.n < 2 || o.draws < 1 || o.samples < 20 || o.judgeSteps < 1 || o.side < 4:
				return cli.Usage("-n must be at least 2, -samples 20, -side 4, and -draws and -judge-steps positive")
			case len(runs) == 0 && o.judge == "":
				return cli.Usage("want a RUN, or a -judge to make")
			}
			return runEval(ctx, o, runs)
		}
	},
}

type evalOptions struct {
	source
	judge              string
	judgeSteps, side   int
	n, draws, samples  int
	known, last, exact bool
	seed               uint64
}

// candidate is a pyramid to measure.
type candidate struct {
	name    string
	pyramid lapgan.Pyramid
	classes []string // that it was trained on
}

func runEval(ctx context.Context, o evalOptions, runs []string) error {
	var all []candidate
	for _, dir := range runs {
		p, names, err := openRun(dir, o.last)
		if err != nil {
			return err
		}
		if len(all) > 0 && p.Finest() != o.side {
			return fmt.Errorf("%s paints %d pixels and %s %d; they cannot be compared", runs[0], o.side, dir, p.Finest())
		}
		o.side = p.Finest()
		all = append(all, candidate{dir, p, names})
	}
	set, err := o.read(o.side)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := sameClasses(c.name, c.classes, set); err != nil {
			return err
		}
	}
	if min(set.Held.Height, set.Held.Width) < o.side {
		return fmt.Errorf("pictures of %d×%d pixels for a pyramid up to %d×%d", set.Held.Width, set.Held.Height, o.side, o.side)
	}
	set.Learn, set.Held = middle(set.Learn, o.side), middle(set.Held, o.side)
	if set.Apart != nil {
		set.Apart = middle(set.Apart, o.side)
	}
	reference := set.Held
	if o.known {
		if reference, err = labelled.Concat(set.Learn, set.Held); err != nil {
			return err
		}
	}
	var net *metric.Classifier
	var real *metric.Stats
	var rows []row
	if o.judge != "" {
		if net, err = judge.Make(ctx, o.judge, set, o.judgeSteps, o.seed, false); err != nil {
			return err
		}
		if real, err = metric.Measure(net, reference); err != nil {
			return err
		}
		f, err := metric.Recognised(net, set.Held, set.Held.Labels)
		if err != nil {
			return err
		}
		rows = append(rows, row{name: "held-out pictures", recognised: &f})
		f.Name += " of the held-out pictures"
		fmt.Println(f)
		if !o.known {
			// How far other real pictures are from those held out is what a perfect pyramid would reach.
			learnt, err := metric.Measure(net, set.Learn.Slice(0, min(o.samples, set.Learn.Len())))
			if err != nil {
				return err
			}
			f, err := metric.FID(real, learnt, metric.FIDOptions{Few: true})
			if err != nil {
				return err
			}
			rows = append(rows, row{name: "pictures to learn from", fid: &f})
		}
	}
	for _, c := range all {
		fmt.Printf("\n%s\n", c.name)
		r, err := o.measure(ctx, c, set, net, real)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		rows = append(rows, r)
	}
	if len(all) == 0 {
		return nil
	}
	fmt.Println()
	if err := printTable(os.Stdout, rows, set.Name); err != nil {
		return err
	}
	for _, note := range o.notes(all) {
		fmt.Println(note)
	}
	return nil
}

// notes tells what makes likelihoods hard to compare.
func (o evalOptions) notes(all []candidate) (notes []string) {
	if o.n == 0 {
		return nil
	}
	notes = []string{"ln p in nats, ± standard error (± deviation in the paper), with σ, N and D as above"}
	for _, c := range all {
		if o.held != "" && !heldOut(c.name, o.held) {
			notes = append(notes, fmt.Sprintf("beware: %s was not trained with -held %s; it may have learnt the pictures that it is measured by", c.name, o.held))
		}
		if !alike(c.pyramid.Norm, all[0].pyramid.Norm) {
			notes = append(notes, fmt.Sprintf("beware: %s and %s normalise pictures in different ways; their likelihoods cannot be compared", c.name, all[0].name))
		}
	}
	return notes
}

// heldOut tells whether all levels of a run were trained with a file, or another of its name, held out.
func heldOut(dir, held string) bool {
	logs, err := filepath.Glob(filepath.Join(dir, "level-*", "run.json"))
	if err != nil || len(logs) == 0 {
		return false
	}
	for _, path := range logs {
		var log struct {
			Config map[string]string `json:"config"`
		}
		b, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(b, &log) != nil || filepath.Base(log.Config["held"]) != filepath.Base(held) {
			return false
		}
	}
	return true
}

// alike tells whether two ways to normalise are the same but for what a few other pictures change.
func alike(a, b *lapgan.Norm) bool {
	if a == nil || b == nil {
		return a == b
	}
	const far = 0.02
	return tensor.SameShape(a.Mean, b.Mean) && tensor.Max(tensor.Abs(tensor.Sub(a.Mean, b.Mean))).Item() < far &&
		tensor.Max(tensor.Abs(tensor.Sub(a.Std, b.Std))).Item() < far
}

func (o evalOptions) measure(ctx context.Context, c candidate, set pictures.Set, net *metric.Classifier, real *metric.Stats) (row, error) {
	r := row{name: c.name}
	for _, l := range c.pyramid.Levels {
		r.parameters += nn.NumParams(l)
	}
	rng := rand.New(rand.NewPCG(o.seed, 0))
	samples, asked := o.draw(c, rng)
	if o.n > 0 {
		of := set.Held
		if set.Apart != nil {
			of = set.Apart
		}
		if err := o.likelihoods(ctx, &r, c.pyramid, of, samples, rng); err != nil {
			return r, err
		}
	}
	if net == nil {
		return r, nil
	}
	pictures := metric.InMemory(c.pyramid.Show(samples))
	if asked != nil {
		f, err := metric.Recognised(net, pictures, asked)
		if err != nil {
			return r, err
		}
		fmt.Println(f)
		r.recognised = &f
	}
	fake, err := metric.Measure(net, pictures)
	if err != nil {
		return r, err
	}
	f, err := metric.FID(real, fake, metric.FIDOptions{Few: true})
	if err != nil {
		return r, err
	}
	fmt.Println(f)
	r.fid = &f
	return r, nil
}

// draw returns images as levels work with them, of all classes in turn if it knows some.
func (o evalOptions) draw(c candidate, rng *rand.Rand) (x *tensor.Tensor, asked []int) {
	const block = 500
	var parts []*tensor.Tensor
	for lo := 0; lo < o.samples; lo += block {
		want := lapgan.Many(min(block, o.samples-lo))
		for i := range want.N * min(len(c.classes), 1) {
			want.Classes = append(want.Classes, (lo+i)%len(c.classes))
		}
		asked = append(asked, want.Classes...)
		parts = append(parts, c.pyramid.Sample(rng, want).Result())
	}
	return tensor.Concat(0, parts...), asked
}

// likelihoods prints the scores of the levels, the factorised likelihood and that of windows around finished images, and puts them
// in a row of the table.
func (o evalOptions) likelihoods(ctx context.Context, r *row, p lapgan.Pyramid, held *labelled.Images, samples *tensor.Tensor, rng *rand.Rand) error {
	n := min(o.n, held.Len())
	x, err := held.Block(0, n)
	if err != nil {
		return err
	}
	if p.Norm != nil {
		x = p.Norm.Apply(x)
	}
	var classes []int
	if held.Labels != nil {
		classes = held.Labels[:n]
	}
	for k, side := range p.Sizes {
		if err := ctx.Err(); err != nil {
			return err
		}
		f, err := lapgan.Score(p.Levels[k], lapgan.Examples(x, p.Sizes, k, p.Operator, classes), o.draws, rng)
		if err != nil {
			return err
		}
		fmt.Printf("%d×%d: %v\n", side, side, f)
	}
	half := n / 2
	part := func(lo, hi int) []int {
		if classes == nil {
			return nil
		}
		return classes[lo:hi]
	}
	figures, err := lapgan.LogLikelihood(p, x.Rows(0, half), x.Rows(half, n), part(0, half), part(half, n),
		lapgan.LikelihoodOptions{Draws: o.draws, Exact: o.exact}, rng)
	if err != nil {
		return err
	}
	joint, err := metric.ParzenLogLikelihood(samples, x.Rows(0, half), x.Rows(half, n),
		metric.ParzenOptions{Sigmas: []float64{0.1, 0.14, 0.2, 0.28, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 2, 2.8, 4}})
	if err != nil {
		return err
	}
	joint.Name = "ln p, joint"
	r.factorised, r.joint = &figures[len(p.Sizes)], &joint
	for _, f := range append(figures, joint) {
		fmt.Println(f)
	}
	return nil
}
