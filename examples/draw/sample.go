package main

import (
	"context"
	"flag"
	"fmt"
	"image/gif"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/gander-ml/gander/txt2img/draw"
)

type sampleOptions struct {
	model, encoder           string
	out, strip, words, movie string
	n                        int
	seed                     uint64
}

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "-model FILE [flags] [CAPTION…]",
	Help:  "Paint: a row for each caption, from the same noise, so that captions which differ in a word show what the word does.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o sampleOptions
		flags.StringVar(&o.model, "model", "", "model `file` of a run")
		flags.StringVar(&o.encoder, "encoder", "", "`file` of the encoder of sentences, for a model of the kind sentence")
		flags.StringVar(&o.out, "out", "painted.png", "`file` of the sheet")
		flags.StringVar(&o.strip, "strip", "", "`file` of a strip of steps, a row for each caption")
		flags.StringVar(&o.words, "words", "", "`file` of what the model attended to, of the first picture of the first caption")
		flags.StringVar(&o.movie, "gif", "", "`file` of an animation of all steps")
		flags.IntVar(&o.n, "n", 8, "pictures of each caption")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if o.model == "" || o.n < 1 || o.n > 1000 || len(args) > 100 {
				return cli.Usage("-model is needed, -n must be 1 to 1000, and there are 100 captions at most")
			}
			return runSample(o, args)
		}
	},
}

func runSample(o sampleOptions, sentences []string) error {
	m, about, err := draw.OpenFile(o.model)
	if err != nil {
		return err
	}
	switch text := m.Options.Text; {
	case text == draw.Free && len(sentences) > 0:
		return fmt.Errorf("%s paints without text, and was given %q", o.model, captions.Short(sentences[0], 40))
	case text == draw.Free:
		sentences = []string{""}
	case len(sentences) == 0 && strings.HasPrefix(about.Facts["data"], "captioned"):
		sentences = []string{"the digit seven is on the left of the digit two .", "the digit seven is on the right of the digit two ."}
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
	return o.show(paintings, sentences)
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

// show writes what was asked for.
func (o sampleOptions) show(paintings []*draw.Painting, sentences []string) error {
	all := paintings[0]
	labels := make([]string, len(sentences))
	for i, s := range sentences {
		labels[i] = captions.Short(s, 60)
	}
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
	if o.n <= 16 && sentences[0] != "" {
		grid.RowLabels = labels
	}
	if err := imaging.Save(o.out, grid.Compose(all.Last()), imaging.EncodeOptions{}); err != nil {
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
		if err := imaging.Save(o.strip, strip(first, grid.RowLabels), imaging.EncodeOptions{}); err != nil {
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
