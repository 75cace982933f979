package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// painting are the flags of the commands that paint.
type painting struct {
	model, out string
	zoom       int
	paint      txt2img.Paint
}

func (o *painting) flags(flags *flag.FlagSet, n int, what string) {
	flags.StringVar(&o.model, "model", "", "model `file` of a run; without it, the embedded one, which knows emoji")
	flags.StringVar(&o.out, "out", "txt2img.png", "the sheet, a picture `file`")
	flags.IntVar(&o.paint.N, "n", n, what)
	flags.IntVar(&o.zoom, "zoom", 0, "pixels a side for one of the picture; 0 means as many as make it easy to see")
	flags.Float64Var(&o.paint.Truncate, "truncate", 0, "draw noise beyond ± this anew: less variety, and more typical pictures; 0 means not")
	flags.BoolVar(&o.paint.BatchStatistics, "batch-statistics", false, "normalise the pictures of a row by themselves, as in training")
	flags.Uint64Var(&o.paint.Seed, "seed", 1, "what the noise starts from: another seed, other pictures")
}

// open returns the model, after a look at the flags and the sentences.
func (o *painting) open(sentences []string) (*txt2img.Model, error) {
	switch {
	case o.paint.N < 1 || o.paint.N > 1000:
		return nil, cli.Usage("-n must be from 1 to 1000")
	case o.zoom < 0 || o.zoom > 16:
		return nil, cli.Usage("-zoom must be from 1 to 16, or 0")
	}
	if _, err := imaging.FormatOf(o.out); err != nil {
		return nil, cli.Usage(err.Error())
	}
	m, err := openModel(o.model)
	if err != nil {
		return nil, err
	}
	for _, s := range sentences {
		if err := checkSentence(s); err != nil {
			return nil, err
		}
		if w := m.Warning(s); w != "" {
			fmt.Fprintf(os.Stderr, "txt2img: %q: %s\n", captions.Short(s, 40), w)
		}
	}
	return m, nil
}

// checkSentence returns an error for a sentence of which an encoder reads nothing but spaces and punctuation.
func checkSentence(s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return fmt.Errorf("the sentence is empty: say what to paint, such as \"a red heart\"")
	case !utf8.ValidString(s):
		return fmt.Errorf("the sentence %q is not UTF-8", captions.Short(s, 40))
	case !strings.ContainsFunc(s, func(r rune) bool {
		return charcnnrnn.Column(r) >= 0 && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}):
		return fmt.Errorf("the sentence %q has no letter or digit of the encoder's alphabet, which is a to z and 0 to 9: write it in English", captions.Short(s, 40))
	}
	return nil
}

// sentencesOf returns the sentences among arguments: each one that was quoted, or, if none has a space, all words together.
func sentencesOf(args []string) []string {
	if len(args) > 1 && !slices.ContainsFunc(args, func(a string) bool { return strings.ContainsFunc(a, unicode.IsSpace) }) {
		return []string{strings.Join(args, " ")}
	}
	return args
}

var paintCommand = cli.Command{
	Name:  "paint",
	Usage: "[flags] SENTENCE...",
	Help: "Paint -n pictures of each sentence, the same noise down each column. Words without quotes are one sentence.\n" +
		"\"paint\" may be left out: go run ./examples/txt2img \"a red heart\"",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o painting
		o.flags(flags, 8, "`pictures` of each sentence")
		return func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return cli.Usage("want a sentence, such as \"a red heart\"")
			}
			return runPaint(o, sentencesOf(args))
		}
	},
}

var demoCommand = cli.Command{
	Usage: "[flags]",
	Help:  "Paint a sheet of sentences with the embedded model.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o painting
		o.flags(flags, 8, "`pictures` of each sentence")
		return func(_ context.Context, args []string) error {
			if len(args) > 0 {
				return runPaint(o, sentencesOf(args))
			}
			if err := runPaint(o, demoSentences); err != nil {
				return err
			}
			fmt.Println("Say what you would like: go run ./examples/txt2img \"a blue heart\"")
			return nil
		}
	},
}

var demoSentences = []string{
	"a red heart", "a yellow smiling face", "a green apple", "a blue car", "a clock", "a house with trees", "a dog", "a purple flower",
}

func runPaint(o painting, sentences []string) error {
	m, err := o.open(sentences)
	if err != nil {
		return err
	}
	start := time.Now()
	rows, err := m.PaintAll(sentences, o.paint)
	if err != nil {
		return err
	}
	took := time.Since(start)
	grid := imaging.Grid{Columns: o.paint.N, Zoom: o.zoom}
	if len(sentences) == 1 {
		grid.Title = captions.Short(sentences[0], 100)
		if o.paint.N > 8 {
			grid.Columns = 8
		}
	} else {
		grid.RowLabels = shortAll(sentences)
	}
	if err := saveSheet(o.out, grid, rows); err != nil {
		return err
	}
	fmt.Printf("Painted %s of %s in %.1f s: %s\n", count(len(rows)*o.paint.N, "picture"), quoted(sentences), took.Seconds(), o.out)
	return nil
}

// saveSheet writes rows of pictures.
func saveSheet(path string, grid imaging.Grid, rows [][]image.Image) error {
	var cells []*tensor.Tensor
	for _, row := range rows {
		for _, m := range row {
			cells = append(cells, imaging.FromImage(m).RGB())
		}
	}
	if grid.Zoom == 0 {
		grid.Zoom = max(1, 128/cells[0].Dim(0))
	}
	return imaging.Save(path, grid.Compose(cells...), imaging.EncodeOptions{})
}

func quoted(sentences []string) string {
	if len(sentences) == 1 {
		return fmt.Sprintf("%q", captions.Short(sentences[0], 60))
	}
	return fmt.Sprintf("%d sentences", len(sentences))
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func shortAll(sentences []string) []string {
	out := make([]string, len(sentences))
	for i, s := range sentences {
		out[i] = captions.Short(s, 60)
	}
	return out
}
