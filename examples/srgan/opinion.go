package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/mos"
)

var opinionCommand = cli.Command{
	Name:  "opinion",
	Usage: "[flags] -out TRIAL DIR",
	Help: "Ask people: enlarge the pictures of a folder in several ways and write a page that shows them in random order, from nearest\n" +
		"to the originals, and collects ratings from 1 to 5.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o evalOptions
		out := flags.String("out", "", "`folder` of the trial: public/ is for the raters, key.json for yourself")
		flags.Func("model", "weights `file`, or the name of embedded ones: "+modelNames()+"; may be given several times, as NAME=FILE to say what it is called. All embedded ones if not given", o.addModel)
		seed := flags.Uint64("seed", 1, "what the names of the pictures start from")
		return func(ctx context.Context, args []string) error {
			if err := cli.WantArgs(args, "DIR"); err != nil {
				return err
			}
			if *out == "" {
				return cli.Usage("-out is needed")
			}
			if _, err := os.Stat(*out); err == nil {
				return fmt.Errorf("%s exists already", *out)
			}
			return writeTrial(ctx, o, args[0], *out, *seed)
		}
	},
}

const original = "original"

func writeTrial(ctx context.Context, o evalOptions, dir, out string, seed uint64) error {
	methods, scale, err := o.all()
	if err != nil {
		return err
	}
	files, err := data.ImageFiles(dir)
	if err != nil {
		return err
	}
	var pictures []mos.Picture
	for _, file := range files {
		m, err := data.LoadImage(file)
		if err != nil {
			return err
		}
		_, made, err := srgan.Evaluate(ctx, m.RGB(), scale, methods...)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		name := filepath.Base(file)
		for i, method := range methods {
			pictures = append(pictures, mos.Picture{Image: name, Method: method.Name, Pixels: made.Enlarged[i]})
		}
		pictures = append(pictures, mos.Picture{Image: name, Method: original, Pixels: made.HR})
	}
	trial, err := mos.New(pictures, mos.Options{Seed: seed, Worst: "nearest", Best: original})
	if err != nil {
		return err
	}
	if err := trial.Write(out); err != nil {
		return err
	}
	fmt.Printf("%d pictures. Raters open %s and send back the file it saves; then: srgan opinions %s FILE…\n",
		len(pictures), filepath.Join(out, "public", "index.html"), filepath.Join(out, "key.json"))
	return nil
}

var opinionsCommand = cli.Command{
	Name:  "opinions",
	Usage: "KEY RATINGS…",
	Help:  "Add up the ratings that people have sent back: the mean opinion of each method, with its 95 % confidence interval.",
	Setup: func(*flag.FlagSet) func(context.Context, []string) error {
		return func(_ context.Context, args []string) error {
			if len(args) < 2 {
				return cli.Usage("want the key.json of a trial and the files of its raters")
			}
			return addUp(args[0], args[1:])
		}
	},
}

func addUp(keyFile string, files []string) error {
	f, err := os.Open(keyFile)
	if err != nil {
		return err
	}
	key, err := mos.ReadKey(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", keyFile, err)
	}
	var all []mos.Ratings
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		r, err := mos.ReadRatings(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, r)
	}
	scores, err := mos.Aggregate(key, all)
	if err != nil {
		return err
	}
	fmt.Printf("%-16s %6s %16s %8s  %s\n", "method", "mean", "95 % interval", "ratings", "of 1, 2, 3, 4, 5")
	for _, s := range scores {
		counts := strings.Trim(fmt.Sprint(s.Counts), "[]")
		fmt.Printf("%-16s %6.2f %7.2f to %5.2f %8d  %s\n", s.Method, s.Mean, s.Low, s.High, s.Ratings, counts)
	}
	return nil
}
