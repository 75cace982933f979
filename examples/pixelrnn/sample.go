package main

import (
	"context"
	"flag"
	"math/rand/v2"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var sampleCommand = cli.Command{
	Name:  "sample",
	Usage: "-model FILE [flags] PICTURE",
	Help:  "Draw a sheet of pictures, of all classes in turn if the model is told classes.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "model `file` of a run")
		n := flags.Int("n", 100, "how many pictures")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			m, err := openFor(args, *model, *n)
			if err != nil {
				return err
			}
			return imaging.Save(args[0], sheet(m, *n, nil, rand.New(rand.NewPCG(*seed, 0))), imaging.EncodeOptions{})
		}
	},
}

var completeCommand = cli.Command{
	Name:  "complete",
	Usage: "-model FILE [flags] PICTURE",
	Help:  "Complete held-out pictures whose lower part is hidden: each as it is, what is shown of it, and -variants ways to go on.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o source
		o.flags(flags)
		model := flags.String("model", "", "model `file` of a run")
		n := flags.Int("n", 8, "how many pictures")
		variants := flags.Int("variants", 8, "completions of each")
		shown := flags.Float64("shown", 0.5, "the share that is shown, from the top")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if !(*shown >= 0 && *shown <= 1) || *variants < 1 || *variants > 100 || o.drawn < 20 || o.side < 0 {
				return cli.Usage("-shown must be from 0 to 1 and -variants from 1 to 100")
			}
			m, err := openFor(args, *model, *n)
			if err != nil {
				return err
			}
			c, err := o.read()
			if err != nil {
				return err
			}
			if err := c.fits(m.Options); err != nil {
				return err
			}
			test := c.test(*n, m.Options.Values, m.Options.Classes)
			rows := int(*shown * float64(m.Options.Height))
			picture := completions(m, test, rows, *variants, rand.New(rand.NewPCG(*seed, 0)))
			return imaging.Save(args[0], picture, imaging.EncodeOptions{})
		}
	},
}

// openFor checks the arguments of the commands that draw and reads the model.
func openFor(args []string, model string, n int) (*pixelrnn.Model, error) {
	if err := cli.WantArgs(args, "PICTURE"); err != nil {
		return nil, err
	}
	if model == "" || n < 1 || n > 1000 {
		return nil, cli.Usage("-model is needed, and -n must be from 1 to 1000")
	}
	if _, err := imaging.FormatOf(args[0]); err != nil {
		return nil, err
	}
	m, _, err := pixelrnn.OpenFile(model)
	return m, err
}

// sheet draws n pictures.
func sheet(m *pixelrnn.Model, n int, names []string, rng *rand.Rand) *imaging.Image {
	given := pixelrnn.Condition{}
	g := imaging.Grid{Zoom: 2}
	for i := range n * min(m.Options.Classes, 1) {
		given.Classes = append(given.Classes, i%m.Options.Classes)
		if len(names) > 0 {
			g.Labels = append(g.Labels, names[i%len(names)])
		}
	}
	return g.Compose(shown(m, m.Sample(n, given, rng)))
}

// completions draws a row for each picture: as it is, with the lower part hidden, and completed.
func completions(m *pixelrnn.Model, b pixelrnn.Batch, rows, variants int, rng *rand.Rand) *imaging.Image {
	var index, classes []int
	for i := range b.X.Dim(0) {
		for range variants {
			index = append(index, i)
			if b.Classes != nil {
				classes = append(classes, b.Classes[i])
			}
		}
	}
	drawn := m.Complete(tensor.Gather(b.X, index), func(r, _ int) bool { return r < rows }, pixelrnn.Condition{Classes: classes}, rng)
	real, completed := shown(m, b.X), shown(m, drawn)
	hidden := tensor.Full(0.5, real.Shape()...)
	for i := range real.Dim(0) { // the rows of a picture lie together
		n := rows * real.Dim(2) * real.Dim(3)
		copy(hidden.Rows(i, i+1).Data()[:n], real.Rows(i, i+1).Data())
	}
	g := imaging.Grid{Columns: 2 + variants, Zoom: 2, ColumnLabels: []string{"real", "shown"}}
	var cells []*tensor.Tensor
	for i := range real.Dim(0) {
		cells = append(cells, real.Rows(i, i+1), hidden.Rows(i, i+1), completed.Rows(i*variants, (i+1)*variants))
	}
	return g.Compose(cells...)
}

// shown maps whole numbers to [0,1].
func shown(m *pixelrnn.Model, x *tensor.Tensor) *tensor.Tensor {
	return tensor.Affine(x, 1/float32(m.Options.Values-1), 0)
}
