package main

import (
	"context"
	"flag"
	"fmt"
	"image/gif"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data/placed"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/gander-ml/gander/txt2img/draw"
	"github.com/gander-ml/gander/txt2img/draw/digits"
)

type sampleOptions struct {
	model, encoder           string
	out, strip, words, movie string
	sharpen                  string
	n                        int
	seed                     uint64
}

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "[flags] [CAPTION…]",
	Help:  "Paint: a row for each caption, from the same noise, so that captions which differ in a word show what the word does.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sampleOptions
		flags.StringVar(&o.model, "model", "", "model `file` of a run; without it, the embedded one, which knows captions of digits")
		flags.StringVar(&o.encoder, "encoder", "", "`file` of the encoder of sentences, for a model of the kind sentence or one that sharpens")
		flags.StringVar(&o.sharpen, "sharpen", "", "`file` of a level that sharpens the finished pictures, made by sharpen; a row of them follows each caption's")
		flags.StringVar(&o.out, "out", "draw.png", "`file` of the sheet")
		flags.StringVar(&o.strip, "strip", "", "`file` of a strip of steps, a row for each caption")
		flags.StringVar(&o.words, "words", "", "`file` of what the model attended to, of the first picture of the first caption")
		flags.StringVar(&o.movie, "gif", "", "`file` of an animation of all steps")
		flags.IntVar(&o.n, "n", 8, "pictures of each caption")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if o.n < 1 || o.n > 1000 || len(args) > 100 {
				return cli.Usage("-n must be 1 to 1000, and there are 100 captions at most")
			}
			if err := o.checkFiles(); err != nil {
				return err
			}
			return runSample(o, args)
		}
	},
}

// checkFiles returns an error of package cli unless pictures are to be written to picture files, each to its own: no file of
// another kind, such as a model, is written over.
func (o *sampleOptions) checkFiles() error {
	given := map[string]string{}
	for _, f := range []struct{ name, path string }{{"-out", o.out}, {"-strip", o.strip}, {"-words", o.words}, {"-gif", o.movie}} {
		if f.path == "" && f.name != "-out" {
			continue
		}
		format, err := imaging.FormatOf(f.path)
		path := filepath.Clean(f.path)
		switch {
		case err != nil:
			return cli.Usage(f.name + ": " + err.Error())
		case f.name == "-gif" && format != imaging.GIF:
			return cli.Usage(fmt.Sprintf("-gif: %s; the name of an animation ends with .gif", f.path))
		case given[path] != "":
			return cli.Usage(fmt.Sprintf("%s and %s both name %s; give each its own file", given[path], f.name, f.path))
		}
		given[path] = f.name
	}
	return nil
}

func runSample(o sampleOptions, sentences []string) error {
	m, about, err := openModel(o.model)
	if err != nil {
		return err
	}
	switch text := m.Options.Text; {
	case text == draw.Free && len(sentences) > 0:
		return fmt.Errorf("%s paints without text, and was given %q", o.model, captions.Short(sentences[0], 40))
	case text == draw.Free:
		sentences = []string{""}
	case len(sentences) == 0 && strings.HasPrefix(about.Facts["data"], "captioned "):
		sentences = demoCaptions
	case len(sentences) == 0:
		return cli.Usage("say what to paint, in quotes")
	}
	if o.words != "" && m.Options.Text != draw.Aligned {
		return cli.Usage(fmt.Sprintf("-words shows what a model of the kind %s attends to; this one paints from %v", draw.Aligned, m.Options.Text))
	}
	var paintings []*draw.Painting
	for _, s := range sentences {
		t, err := read(m, s, o.encoder)
		if err != nil {
			return err
		}
		paintings = append(paintings, m.Sample(o.n, t.Repeat(o.n), rand.New(rand.NewPCG(o.seed, 0))))
	}
	var sharp []*tensor.Tensor
	if o.sharpen != "" {
		if sharp, err = o.sharpenAll(m, paintings, sentences); err != nil {
			return err
		}
	}
	ban, err := banOf(about)
	if err != nil {
		return err
	}
	labels := make([]string, len(sentences))
	for i, s := range sentences {
		labels[i] = captions.Short(s, 60)
		if scene, ok := placed.Parse(s); ok && ban.Holds(scene) {
			labels[i] += " (never seen)"
		}
	}
	return o.show(paintings, sharp, sentences, labels)
}

// banOf returns what was kept from a model's training, nothing if it did not learn captions of digits.
func banOf(about checkpoint.Manifest) (placed.Ban, error) {
	none := placed.Ban{}
	for i := range none {
		none[i] = -1
	}
	if !strings.HasPrefix(about.Facts["data"], "captioned ") || about.Facts["ban"] == "" {
		return none, nil
	}
	seed, err := strconv.ParseUint(about.Facts["ban"], 10, 64)
	if err != nil {
		return none, fmt.Errorf("the model says that its ban is %q, which is no number", about.Facts["ban"])
	}
	return placed.NewBan(seed), nil
}

// openModel reads a model, the embedded one if there is no file.
func openModel(path string) (*draw.Model, checkpoint.Manifest, error) {
	if path == "" {
		return draw.Open(digits.Weights, "embedded weights")
	}
	return draw.OpenFile(path)
}

// read returns the text of a caption.
func read(m *draw.Model, sentence, encoder string) (draw.Text, error) {
	switch {
	case m.Options.Text == draw.Free:
		return draw.Text{}, nil
	case m.Options.Text == draw.Sentence:
		if encoder == "" {
			return draw.Text{}, cli.Usage("the model paints from vectors of sentences: -encoder is needed, the file it was trained with")
		}
		e, err := charcnnrnn.OpenFile(encoder)
		if err != nil {
			return draw.Text{}, err
		}
		v, err := txt2img.Embed(e, [][]string{{sentence}})
		if err != nil {
			return draw.Text{}, err
		}
		if got, want := v[0].Dim(1), m.Options.Sentence; got != want {
			return draw.Text{}, fmt.Errorf("%s makes vectors of %d numbers, the model wants %d; give the encoder that it was trained with", encoder, got, want)
		}
		return draw.Text{Vectors: v[0]}, nil
	}
	t, err := m.Vocabulary.Read(sentence)
	if missing := m.Vocabulary.Unknown(sentence); err == nil && missing != nil {
		fmt.Fprintf(os.Stderr, "draw: the model does not know %s, and reads the rest\n", strings.Join(missing, ", "))
	}
	return t, err
}

// sharpenAll sharpens the finished pictures of each sentence.
func (o sampleOptions) sharpenAll(m *draw.Model, paintings []*draw.Painting, sentences []string) ([]*tensor.Tensor, error) {
	var vectors []*tensor.Tensor
	told := 0
	if o.encoder != "" {
		e, err := charcnnrnn.OpenFile(o.encoder)
		if err != nil {
			return nil, err
		}
		all, err := txt2img.Embed(e, [][]string{sentences})
		if err != nil {
			return nil, err
		}
		told = e.Width()
		for i := range sentences {
			vectors = append(vectors, tensor.BroadcastTo(all[0].Rows(i, i+1), o.n, told))
		}
	}
	g, err := openSharpener(o.sharpen, m.Options.Height, m.Options.Channels, told)
	if err != nil {
		return nil, err
	}
	var out []*tensor.Tensor
	for i, p := range paintings {
		var texts *tensor.Tensor
		if g.Options.Classes > 0 {
			texts = vectors[i]
		}
		out = append(out, sharpened(g, p.Last(), texts))
	}
	return out, nil
}

// show writes what was asked for. sharp are sharpened pictures of each sentence, nil without, and labels are what rows are called.
func (o sampleOptions) show(paintings []*draw.Painting, sharp []*tensor.Tensor, sentences, labels []string) error {
	all := paintings[0]
	if len(paintings) > 1 {
		all = &draw.Painting{}
		for t := range paintings[0].Canvases {
			var row []*tensor.Tensor
			for _, p := range paintings {
				row = append(row, p.Canvases[t])
			}
			all.Canvases = append(all.Canvases, tensor.Concat(0, row...))
		}
	}
	grid := imaging.Grid{Columns: min(o.n, 16), Zoom: zoomOf(all.Last().Dim(1))}
	var rows []*tensor.Tensor
	for i, p := range paintings {
		rows = append(rows, p.Last())
		grid.RowLabels = append(grid.RowLabels, labels[i])
		if sharp != nil {
			rows = append(rows, sharp[i])
			grid.RowLabels = append(grid.RowLabels, "sharpened")
		}
	}
	if o.n > 16 || sentences[0] == "" {
		grid.RowLabels = nil
	}
	if err := imaging.Save(o.out, grid.Compose(rows...), imaging.EncodeOptions{}); err != nil {
		return err
	}
	written := []string{o.out}
	if o.strip != "" {
		first := &draw.Painting{}
		for t := range all.Canvases {
			var row []*tensor.Tensor
			for _, p := range paintings {
				row = append(row, p.Canvases[t].Rows(0, 1))
			}
			first.Canvases = append(first.Canvases, tensor.Concat(0, row...))
		}
		if err := imaging.Save(o.strip, strip(first, labels), imaging.EncodeOptions{}); err != nil {
			return err
		}
		written = append(written, o.strip)
	}
	if o.words != "" {
		if err := imaging.Save(o.words, words(paintings[0], 0, sentences[0]), imaging.EncodeOptions{}); err != nil {
			return err
		}
		written = append(written, o.words)
	}
	if o.movie != "" {
		if err := atomicfile.Write(o.movie, func(w io.Writer) error { return gif.EncodeAll(w, animate(all)) }); err != nil {
			return err
		}
		written = append(written, o.movie)
	}
	fmt.Println("painted", strings.Join(written, ", "))
	return nil
}
