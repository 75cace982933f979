package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

var compareCommand = cli.Command{
	Name:  "compare",
	Usage: "[flags] -out FILE DIR",
	Help: "Shrink every picture of a folder, enlarge it again by bicubic interpolation and each model, and put the busiest part beside\n" +
		"the original, with the figures of the whole picture below.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o besideOptions
		o.flags(flags)
		flags.StringVar(&o.out, "out", "", "picture `file` to write")
		flags.IntVar(&o.side, "side", 120, "side of what is shown, in `pixels` of the original")
		flags.IntVar(&o.zoom, "zoom", 2, "how much larger pixels are shown")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "DIR"); err != nil {
				return err
			}
			if o.side < 1 || o.zoom < 1 {
				return cli.Usage("-side and -zoom must be positive")
			}
			if _, err := imaging.FormatOf(o.out); err != nil {
				return cli.Usage("-out: " + err.Error())
			}
			o.dir = args[0]
			return o.run(ctx)
		}
	},
}

type besideOptions struct {
	evalOptions
	out        string
	side, zoom int
}

func (o besideOptions) run(ctx context.Context) error {
	methods, scale, err := o.own()
	if err != nil {
		return err
	}
	methods = append([]srgan.Method{srgan.Bicubic(scale)}, methods...)
	more, err := o.measures(scale)
	if err != nil {
		return err
	}
	files, err := data.ImageFiles(o.dir)
	if err != nil {
		return err
	}
	grid := imaging.Grid{Columns: len(methods) + 1, Zoom: o.zoom}
	for _, m := range methods {
		grid.ColumnLabels = append(grid.ColumnLabels, m.Name)
	}
	grid.ColumnLabels = append(grid.ColumnLabels, original)
	var cells []*tensor.Tensor
	for _, file := range files {
		m, err := data.LoadImage(file)
		if err != nil {
			return err
		}
		scores, pictures, err := srgan.Evaluate(ctx, m.RGB(), scale, methods...)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		crop := busiest(pictures.HR, 1, o.side)[0]
		for i, s := range scores {
			r := row{PSNR: decibel(s.PSNR)}
			if err := more.add(&r, pictures.Enlarged[i], pictures.HR); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			cells = append(cells, imaging.Crop(pictures.Enlarged[i], crop))
			grid.Labels = append(grid.Labels, r.short())
		}
		cells = append(cells, imaging.Crop(pictures.HR, crop))
		grid.Labels = append(grid.Labels, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
	}
	return imaging.Save(o.out, grid.Compose(cells...), imaging.EncodeOptions{})
}

// short is the row in a few words.
func (r row) short() string {
	s := fmt.Sprintf("%.2f dB", r.PSNR)
	if r.Perceptual != nil {
		s += fmt.Sprintf(", distance %.3f", *r.Perceptual)
	}
	if r.NIQE != nil {
		s += fmt.Sprintf(", NIQE %.1f", *r.NIQE)
	}
	return s
}
