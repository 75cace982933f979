package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/srgan"
)

var eval = cli.Command{
	Name:  "eval",
	Usage: "[flags] DIR",
	Help:  "Shrink every picture of a folder, enlarge it again, and compare it with the original.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "weights `file`; the embedded ones if not given")
		asJSON := flags.Bool("json", false, "print one JSON object a line")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "DIR"); err != nil {
				return err
			}
			u, name, err := open(*model)
			if err != nil {
				return err
			}
			var t table = &textTable{w: os.Stdout, protocol: srgan.Benchmark(u.Scale()).String()}
			if *asJSON {
				t = jsonTable{json.NewEncoder(os.Stdout)}
			}
			return runEval(ctx, args[0], u, name, t)
		}
	},
}

// row is one line of the result, also as JSON.
type row struct {
	Image  string  `json:"image"`
	Method string  `json:"method"`
	PSNR   decibel `json:"psnr_y"`
	SSIM   float64 `json:"ssim_y"`
}

// decibel is infinite for equal pictures, which JSON writes as null.
type decibel float64

func (d decibel) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(d), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(d))
}

// table prints rows as they come; those of the mean are the last.
type table interface{ add(row) error }

func runEval(ctx context.Context, dir string, u *srgan.Upscaler, name string, t table) error {
	files, err := data.ImageFiles(dir)
	if err != nil {
		return err
	}
	methods := []srgan.Method{srgan.Nearest(u.Scale()), srgan.Bicubic(u.Scale()), u.Method(name)}
	mean := make([]row, len(methods))
	for _, file := range files {
		m, err := data.LoadImage(file)
		if err != nil {
			return err
		}
		scores, _, err := srgan.Evaluate(ctx, m.RGB(), u.Scale(), methods...)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for i, s := range scores {
			if err := t.add(row{filepath.Base(file), s.Method, decibel(s.PSNR), s.SSIM}); err != nil {
				return err
			}
			mean[i].Image, mean[i].Method = "mean", s.Method
			mean[i].PSNR += decibel(s.PSNR / float64(len(files)))
			mean[i].SSIM += s.SSIM / float64(len(files))
		}
	}
	for _, r := range mean {
		if err := t.add(r); err != nil {
			return err
		}
	}
	return nil
}

type jsonTable struct{ out *json.Encoder }

func (t jsonTable) add(r row) error { return t.out.Encode(r) }

type textTable struct {
	w        io.Writer
	protocol string
	last     string
}

func (t *textTable) add(r row) error {
	if t.last == "" {
		if _, err := fmt.Fprintf(t.w, "%s\n\n%-24s %-10s %10s %8s\n", t.protocol, "image", "method", "PSNR (dB)", "SSIM"); err != nil {
			return err
		}
	}
	image := r.Image
	if image == t.last {
		image = ""
	}
	t.last = r.Image
	_, err := fmt.Fprintf(t.w, "%-24s %-10s %10.2f %8.4f\n", image, r.Method, r.PSNR, r.SSIM)
	return err
}
