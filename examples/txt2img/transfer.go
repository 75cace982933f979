package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/style"
)

type transferOptions struct {
	model, style, out string
	zoom              int
	sentences         []string
}

var transferCommand = cli.Command{
	Name:  "transfer",
	Usage: "-style FILE -sentence S [-sentence S ...] [flags] PICTURE...",
	Help:  "Paint sentences in the style of pictures: a row for each sentence, a column for each picture.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o transferOptions
		flags.StringVar(&o.model, "model", "", "model `file` of a run; without it, the embedded one")
		flags.StringVar(&o.style, "style", "", "style.safetensors `file` of a run of \"style\" for this model")
		flags.StringVar(&o.out, "out", "transfer.png", "the sheet, a picture `file`")
		flags.IntVar(&o.zoom, "zoom", 2, "pixels a side for one of the picture")
		flags.Func("sentence", "a `sentence` to paint; give it several times for several rows", func(s string) error {
			o.sentences = append(o.sentences, s)
			return nil
		})
		return func(_ context.Context, args []string) error {
			switch {
			case o.style == "" || len(o.sentences) == 0 || len(args) == 0:
				return cli.Usage("-style, -sentence and a PICTURE are needed; \"style\" makes the file for -style")
			case o.zoom < 1 || o.zoom > 16:
				return cli.Usage("-zoom must be from 1 to 16")
			case len(o.sentences) > 100 || len(args) > 100:
				return cli.Usage("there may be 100 sentences and 100 pictures at most")
			}
			if _, err := imaging.FormatOf(o.out); err != nil {
				return cli.Usage(err.Error())
			}
			return runTransfer(o, args)
		}
	},
}

func runTransfer(o transferOptions, files []string) error {
	m, err := openModel(o.model)
	if err != nil {
		return err
	}
	encoder, err := style.OpenFile(o.style)
	if err != nil {
		return err
	}
	side, latent := sizesOf(m)
	if s := encoder.Options; s.Size != side || s.Latent != latent {
		return fmt.Errorf("%s finds noise of %d numbers in pictures of %d×%d pixels, and the model has %d numbers for %d×%d",
			o.style, s.Latent, s.Size, s.Size, latent, side, side)
	}
	for _, s := range o.sentences {
		if err := checkSentence(s); err != nil {
			return err
		}
	}
	texts, err := m.Embed(o.sentences...)
	if err != nil {
		return err
	}
	var pictures []*tensor.Tensor
	for _, f := range files {
		x, err := openPicture(f, side)
		if err != nil {
			return err
		}
		pictures = append(pictures, x)
	}
	columns := tensor.Concat(0, pictures...)
	painted := style.Transfer(m.Generator, encoder, columns, texts)
	if err := imaging.Save(o.out, style.Sheet(columns, painted, shortAll(o.sentences), o.zoom), imaging.EncodeOptions{}); err != nil {
		return err
	}
	fmt.Printf("Painted %s in the style of %s: %s\n", count(len(o.sentences), "sentence"), count(len(files), "picture"), o.out)
	return nil
}

// openPicture reads the middle square of a picture as (1,side,side,3) with values in [-1,1].
func openPicture(path string, side int) (*tensor.Tensor, error) {
	m, err := imaging.Open(path, imaging.DecodeOptions{})
	if err != nil {
		return nil, err
	}
	x := m.Flatten(nil).RGB()
	if x.Len() == 0 {
		return nil, errors.New(path + ": the picture has no pixels")
	}
	x = data.ResizeTo(side, side, tensor.Bicubic)(data.CentreSquare(x, nil), nil)
	return tensor.Affine(tensor.Clamp(x, 0, 1), 2, -1).Reshape(1, side, side, 3), nil
}
