package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

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
		model := flags.String("model", "", "weights `file`; the embedded ones if not given")
		tile := flags.Int("tile", 0, "width of the `pixels` worked on at a time; 0 means as many as -memory allows. The result is the same")
		memory := flags.Int("memory", 1024, "working memory in `MiB`, besides the pictures themselves")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "IN", "OUT"); err != nil {
				return err
			}
			if *tile < 0 || *memory < 1 {
				return cli.Usage("-tile must not be negative and -memory must be positive")
			}
			jobs, err := plan(args[0], args[1])
			if err != nil {
				return err
			}
			u, _, err := open(*model)
			if err != nil {
				return err
			}
			u.Tile, u.Memory = *tile, int64(*memory)<<20
			return runUpscale(ctx, u, jobs)
		}
	},
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
func runUpscale(ctx context.Context, u *srgan.Upscaler, jobs []job) error {
	bar := newBar(len(jobs))
	failed := 0
	for i, j := range jobs {
		u.Progress = func(done float64) { bar.Set(int((float64(i) + done) * barUnits)) }
		err := enlargeFile(ctx, u, j)
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

func enlargeFile(ctx context.Context, u *srgan.Upscaler, j job) error {
	in, err := imaging.Open(j.in, imaging.DecodeOptions{})
	if err != nil {
		return err
	}
	big, err := u.EnlargeImage(ctx, in)
	if err != nil {
		return fmt.Errorf("%s: %w", j.in, err)
	}
	return imaging.Save(j.out, big, imaging.EncodeOptions{})
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
