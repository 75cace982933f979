package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

var upscale = cli.Command{
	Name:  "upscale",
	Usage: "[flags] IN OUT",
	Help:  "Enlarge a picture, or every picture of a folder into another folder.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		model := flags.String("model", "", "weights `file`, or the name of embedded ones: "+modelNames()+"; the first of these if not given")
		tile := flags.Int("tile", 0, "width of the `pixels` worked on at a time; 0 means as many as -memory allows. The result is the same")
		memory := flags.Int("memory", 1024, "memory in `MiB` to stay below, the picture included; a picture that alone takes more is enlarged all the same")
		scale := flags.Int("scale", 0, "how much larger: 0 means what the model does, and half of that is made by shrinking its result (`factor`)")
		ensemble := flags.Bool("ensemble", false, "enlarge the picture turned and mirrored in all eight ways and take the mean: eight times slower, slightly better")
		beside := flags.String("compare", "", "draw the busiest parts of the picture, by nearest, bicubic and the model, into this picture `file`")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "IN", "OUT"); err != nil {
				return err
			}
			if *tile < 0 || *memory < 1 {
				return cli.Usage("-tile must not be negative and -memory must be positive")
			}
			if *beside != "" {
				if _, err := imaging.FormatOf(*beside); err != nil {
					return cli.Usage(err.Error())
				}
			}
			jobs, err := plan(args[0], args[1])
			if err != nil {
				return err
			}
			if *beside != "" && len(jobs) != 1 {
				return cli.Usage("-compare is for one picture, not for a folder")
			}
			u, name, err := open(*model)
			if err != nil {
				return err
			}
			u.Tile, u.Ensemble = *tile, *ensemble
			if err := setScale(u, *scale); err != nil {
				return err
			}
			limit := int64(*memory) << 20
			debug.SetMemoryLimit(limit)
			if err := runUpscale(ctx, u, limit, jobs); err != nil || *beside == "" {
				return err
			}
			in, err := imaging.Open(jobs[0].in, imaging.DecodeOptions{})
			if err != nil {
				return err
			}
			u.Progress = nil
			return compare(ctx, *beside, in, srgan.Nearest(u.Scale()), srgan.Bicubic(u.Scale()), u.Method(name))
		}
	},
}

// setScale makes an upscaler enlarge by scale, which is that of its model, half of it, or 0.
func setScale(u *srgan.Upscaler, scale int) error {
	own := u.Scale()
	switch {
	case scale == 0 || scale == own:
		return nil
	case own%2 == 0 && scale == own/2:
		u.Half = true
		return nil
	case own%2 == 0:
		return cli.Usage(fmt.Sprintf("-scale is %d or %d for this model, not %d", own, own/2, scale))
	}
	return cli.Usage(fmt.Sprintf("-scale is %d for this model, not %d", own, scale))
}

// job is one picture to enlarge.
type job struct{ in, out string }

// plan lists the pictures and where they go, so that what cannot work is known before the work begins.
func plan(in, out string) ([]job, error) {
	info, err := os.Stat(in)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if _, err := imaging.FormatOf(out); err != nil {
			return nil, err
		}
		if _, err := os.Stat(filepath.Dir(out)); err != nil {
			return nil, fmt.Errorf("%s cannot be written: %w", out, err)
		}
		return []job{{in, out}}, nil
	}
	entries, err := os.ReadDir(in)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for _, e := range entries {
		if e.IsDir() || !imaging.CanRead(e.Name()) {
			continue
		}
		name := e.Name()
		if _, err := imaging.FormatOf(name); err != nil { // WebP is read but not written
			name += ".png"
		}
		jobs = append(jobs, job{filepath.Join(in, e.Name()), filepath.Join(out, name)})
	}
	if len(jobs) == 0 {
		return nil, fmt.Errorf("%s: no pictures in this folder", in)
	}
	return jobs, os.MkdirAll(out, 0o777)
}

// runUpscale enlarges one picture after another. One that fails does not keep the others from being done.
func runUpscale(ctx context.Context, u *srgan.Upscaler, limit int64, jobs []job) error {
	bar := newBar(len(jobs))
	failed := 0
	for i, j := range jobs {
		u.Progress = func(done float64) { bar.Set(int((float64(i) + done) * barUnits)) }
		err := enlargeFile(ctx, u, limit, j)
		if ctx.Err() != nil {
			bar.Exit()
			return ctx.Err()
		}
		if err != nil {
			if len(jobs) == 1 {
				bar.Exit()
				return err
			}
			failed++
			bar.Clear()
			fmt.Fprintf(os.Stderr, "srgan: %v\n", err)
		}
	}
	bar.Finish()
	if failed > 0 {
		return fmt.Errorf("%d of %d pictures could not be enlarged", failed, len(jobs))
	}
	return nil
}

func enlargeFile(ctx context.Context, u *srgan.Upscaler, limit int64, j job) error {
	in, err := imaging.Open(j.in, imaging.DecodeOptions{})
	if err != nil {
		return err
	}
	// The picture takes 12 bytes a pixel, its decoder's result up to 4; a quarter of the rest is for what is written, and for
	// what waits to be collected.
	u.Memory = max((limit-16*int64(in.Height())*int64(in.Width()))*3/4, limit/8)
	if err := u.EnlargeFile(ctx, j.out, in, imaging.EncodeOptions{}); err != nil {
		return fmt.Errorf("%s: %w", j.in, err)
	}
	return nil
}

// barUnits is how finely the bar shows the progress of one picture.
const barUnits = 1000

func newBar(pictures int) *progressbar.ProgressBar {
	return progressbar.NewOptions(pictures*barUnits,
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetVisibility(term.IsTerminal(int(os.Stderr.Fd()))),
		progressbar.OptionSetDescription("enlarging"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)
}
