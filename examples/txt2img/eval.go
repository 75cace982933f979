package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/gan/metric"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/gander-ml/gander/txt2img/style"
)

type evalOptions struct {
	data       captions.Flags
	judge      string
	style      string
	sheet      string
	neighbours string
	n          int
	candidates int
	trials     int
	average    int
	seed       uint64
}

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "-judge FILE [flags] MODEL...",
	Help: "Measure models by a judge that none of them was trained with, a pair of \"encode -judge\": how often a painted picture's own caption\n" +
		"comes first among 20, on classes that were learned and on those held out, FID over the judge's features, and the structural similarity to the real pictures.\n" +
		"Models of examples/draw that were trained with -data may stand among them.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		o.data.Define(flags, "coloured shapes", 4000)
		flags.StringVar(&o.judge, "judge", "", "pair.safetensors `file` of a judge")
		flags.StringVar(&o.style, "style", "", "style.safetensors `file` of a run of \"style\", to tell pairs of styles by; for one model")
		flags.StringVar(&o.sheet, "sheet", "", "draw captions painted by all models side by side into this picture `file`")
		flags.StringVar(&o.neighbours, "neighbours", "", "draw what the first model paints beside its nearest pictures of the set into this picture `file`")
		flags.IntVar(&o.n, "n", 1000, "captions of either kind to paint at most, one of each picture")
		flags.IntVar(&o.candidates, "candidates", 20, "captions among which a picture's own is looked for")
		flags.IntVar(&o.trials, "trials", 10, "draws of other captions for each picture")
		flags.IntVar(&o.average, "average", 1, "captions of a picture whose mean vector is painted; above 1 for pairs of styles only")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			switch {
			case o.judge == "" || len(args) == 0:
				return cli.Usage("-judge and a MODEL are needed; \"encode -judge 77\" makes a judge")
			case o.n < 2 || o.candidates < 2 || o.trials < 1 || o.average < 1:
				return cli.Usage("-n and -candidates must be at least 2, and -trials and -average positive")
			case o.style != "" && len(args) != 1:
				return cli.Usage("-style belongs to one MODEL")
			}
			for _, f := range []string{o.sheet, o.neighbours} {
				if f == "" {
					continue
				}
				if _, err := imaging.FormatOf(f); err != nil {
					return cli.Usage(err.Error())
				}
			}
			if err := o.data.Check(); err != nil {
				return err
			}
			return runEval(o, args)
		}
	},
}

// judged is captions with the pictures they belong to.
type judged struct {
	name     string
	p        *caption.Pictures
	captions []string // one of each picture
}

func runEval(o evalOptions, files []string) error {
	judge, err := charcnnrnn.OpenPairFile(o.judge)
	if err != nil {
		return err
	}
	models := make([]painter, len(files))
	for i, f := range files {
		if models[i], err = openPainter(f); err != nil {
			return err
		}
		if m, ok := models[i].(adversarial); ok && same(m.Encoder, judge.Text) {
			return fmt.Errorf("%s was trained with the encoder of %s: a judge has to be another, made by \"encode -judge 77\"", f, o.judge)
		}
	}
	c, err := o.data.Load(judge.Image.Options.Size)
	if err != nil {
		return err
	}
	sets := []judged{choose("learned", c.Learn, o.n)}
	if c.Held != nil {
		sets = append(sets, choose("held out", c.Held, o.n))
	}
	fmt.Printf("own caption first among %d (chance %.1f %%), by %s; FID over its features of the pictures\n\n", o.candidates, 100/float64(o.candidates), o.judge)
	fmt.Printf("%-24s %-10s %18s %10s %12s %16s\n", "", "classes", "first", "mean rank", "FID", "SSI")
	for _, set := range sets {
		x, err := signed(set.p, judge.Image.Options.Size)
		if err != nil {
			return err
		}
		if err := o.row("real pictures", set, judge, x, nil, "–"); err != nil {
			return err
		}
	}
	for i, m := range models {
		for _, set := range sets {
			painted, err := m.paint(set.captions, o.seed)
			if err != nil {
				return err
			}
			real, err := signed(set.p, judge.Image.Options.Size)
			if err != nil {
				return err
			}
			likeness, err := ssi(painted, resized(real, painted.Dim(1)))
			if err != nil {
				return err
			}
			if err := o.row(nameOf(files, i), set, judge, resized(painted, judge.Image.Options.Size), real, likeness); err != nil {
				return err
			}
		}
	}
	if o.style != "" {
		m, ok := models[0].(adversarial)
		if !ok {
			return fmt.Errorf("%s has no style encoder", files[0])
		}
		if err := o.verify(m.Model, c); err != nil {
			return err
		}
	}
	if o.sheet != "" {
		if err := drawVersus(o.sheet, files, models, sets, o.seed); err != nil {
			return err
		}
	}
	if o.neighbours != "" {
		return drawNeighbours(o.neighbours, models[0], judge, sets, c.Learn, o.seed)
	}
	return nil
}

// ssi returns the structural similarity of painted pictures and the real ones of their captions, both in [-1,1], and its
// deviation. Mansimov et al. 2016, table 1.
func ssi(painted, real *tensor.Tensor) (string, error) {
	n := float64(painted.Dim(0))
	sum, squares := 0.0, 0.0
	for i := range painted.Dim(0) {
		v, err := imaging.Protocol{Range: [2]float32{-1, 1}}.SSIM(painted.Rows(i, i+1), real.Rows(i, i+1))
		if err != nil {
			return "", err
		}
		sum, squares = sum+v, squares+v*v
	}
	return fmt.Sprintf("%.3f ± %.2f", sum/n, math.Sqrt(max(squares/n-sum*sum/n/n, 0))), nil
}

// row prints what the judge finds in pictures x of the captions of a set. FID needs real ones to compare with.
func (o *evalOptions) row(name string, set judged, judge *charcnnrnn.Pair, x, real *tensor.Tensor, likeness string) error {
	one := make([][]string, len(set.captions))
	for i, c := range set.captions {
		one[i] = []string{c}
	}
	r, err := charcnnrnn.Retrieval(judge.Image.Encode(x), judge.Text, one,
		charcnnrnn.RetrievalOptions{Candidates: o.candidates, Trials: o.trials, Seed: o.seed})
	if err != nil {
		return err
	}
	distance := "–"
	if real != nil {
		f, err := fid(judge, real, x)
		if err != nil {
			return err
		}
		distance = fmt.Sprintf("%.2f", f.Value)
		if f.Warning != "" {
			distance += " *"
		}
	}
	fmt.Printf("%-24s %-10s %9.1f ± %.1f %% %10.2f %12s %16s\n", name, set.name, 100*r.Top1, 100*r.StdErr, r.MeanRank, distance, likeness)
	return nil
}

// fid is the distance between real pictures and painted ones, with values in [-1,1].
func fid(judge *charcnnrnn.Pair, real, painted *tensor.Tensor) (metric.Figure, error) {
	net := features{judge.Image}
	a, err := metric.Measure(net, metric.InMemory(tensor.Affine(real, 0.5, 0.5)))
	if err != nil {
		return metric.Figure{}, err
	}
	b, err := metric.Measure(net, metric.InMemory(tensor.Affine(painted, 0.5, 0.5)))
	if err != nil {
		return metric.Figure{}, err
	}
	return metric.FID(a, b, metric.FIDOptions{Few: true})
}

// features is a judge's encoder of pictures as a network of package metric.
type features struct{ image *charcnnrnn.Image }

// Name implements [metric.Network].
func (f features) Name() string {
	return fmt.Sprintf("char-cnn-rnn judge's pictures, %d features, %s", f.image.Options.Out, metric.Fingerprint(f.image))
}

// Features implements [metric.Network].
func (f features) Features(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	return f.image.Forward(autograd.Affine(x, 2, -1), pass)
}

// choose takes up to n pictures of a set, and of each one caption, in turn the first, the second, and so on.
func choose(name string, p *caption.Pictures, n int) judged {
	at := make([]int, p.Len())
	for i := range at {
		at[i] = i
	}
	at = captions.Spread(at, n)
	s := judged{name: name, p: &caption.Pictures{Images: p.Images.Subset(at)}}
	for i, k := range at {
		s.p.Captions = append(s.p.Captions, p.Captions[k])
		s.captions = append(s.captions, p.Captions[k][i%len(p.Captions[k])])
	}
	return s
}

// same reports whether two encoders make the same of a sentence, but for rounding.
func same(a, b txt2img.TextEncoder) bool {
	if a.Width() != b.Width() {
		return false
	}
	const probe = "a red heart and a blue bird"
	x, y := a.Encode([]string{probe}), b.Encode([]string{probe})
	return tensor.Dot(x, y) > 0.999*tensor.Norm(x)*tensor.Norm(y) && math.Abs(tensor.Norm(x)-tensor.Norm(y)) < 0.01*tensor.Norm(y)
}

// nameOf is what tables call a model: its folder's name, or its file's where that does not tell it from others.
func nameOf(files []string, i int) string {
	dir := filepath.Base(filepath.Dir(files[i]))
	for k, f := range files {
		if k != i && filepath.Base(filepath.Dir(f)) == dir || dir == "." || dir == string(filepath.Separator) {
			return captions.Short(strings.TrimSuffix(strings.TrimSuffix(files[i], string(filepath.Separator)+modelName), ".safetensors"), 24)
		}
	}
	return captions.Short(dir, 24)
}

func (o *evalOptions) verify(m *txt2img.Model, c captions.Corpus) error {
	encoder, err := style.OpenFile(o.style)
	if err != nil {
		return err
	}
	side, latent := sizesOf(m)
	if s := encoder.Options; s.Size != side || s.Latent != latent {
		return fmt.Errorf("%s is not a style encoder for this model", o.style)
	}
	fmt.Println()
	return verify(m, encoder, c, o.average, o.seed, filepath.Join(filepath.Dir(o.style), "roc.png"))
}

// drawVersus draws captions in rows: the real picture, and two pictures by each model, from the same noise.
func drawVersus(path string, files []string, models []painter, sets []judged, seed uint64) error {
	const rows, each = 6, 2
	grid := imaging.Grid{Columns: 1 + each*len(models), Range: [2]float32{-1, 1}, ColumnLabels: []string{"real"}}
	for i := range models {
		grid.ColumnLabels = append(grid.ColumnLabels, nameOf(files, i), "")
	}
	var cells []*tensor.Tensor
	for k, set := range sets {
		for _, at := range captions.Spread(indices(len(set.captions)), rows) {
			x, err := set.p.Images.Block(at, at+1)
			if err != nil {
				return err
			}
			cells = append(cells, tensor.Affine(x, 2, -1))
			label := captions.Short(set.captions[at], 60)
			if k == 1 {
				label += " (held out)"
			}
			grid.RowLabels = append(grid.RowLabels, label)
			for _, m := range models {
				painted, err := m.paint([]string{set.captions[at], set.captions[at]}, seed)
				if err != nil {
					return err
				}
				cells = append(cells, resized(painted, x.Dim(1)))
			}
		}
	}
	grid.Zoom = zoomOf(cells[0].Dim(1))
	if err := imaging.Save(path, grid.Compose(cells...), imaging.EncodeOptions{}); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "models side by side in", path)
	return nil
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// drawNeighbours draws what a model paints above the pictures to learn from that are nearest in pixels and by the judge.
func drawNeighbours(path string, m painter, judge *charcnnrnn.Pair, sets []judged, learn *caption.Pictures, seed uint64) error {
	const columns = 8
	var sentences []string
	for _, set := range sets {
		sentences = append(sentences, captions.Spread(set.captions, columns/len(sets))...)
	}
	painted, err := m.paint(sentences, seed)
	if err != nil {
		return err
	}
	side := judge.Image.Options.Size
	cells := []*tensor.Tensor{resized(painted, side)}
	for _, by := range []func(x *tensor.Tensor) *tensor.Tensor{nil, judge.Image.Encode} {
		for _, n := range txt2img.Nearest(resized(painted, side), learn.Images, by) {
			x, err := learn.Images.Block(n.Index, n.Index+1)
			if err != nil {
				return err
			}
			if x = tensor.Affine(x, 2, -1); n.Mirrored {
				x = tensor.Flip(x, 2)
			}
			cells = append(cells, x)
		}
	}
	grid := imaging.Grid{
		Columns: len(sentences), Range: [2]float32{-1, 1}, Zoom: zoomOf(side), ColumnLabels: shortAll(sentences),
		RowLabels: []string{"painted", "nearest in pixels", "nearest by the judge"},
	}
	if err := imaging.Save(path, grid.Compose(cells...), imaging.EncodeOptions{}); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "nearest pictures in", path)
	return nil
}
