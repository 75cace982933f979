package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn/data"
)

var humanCommand = cli.Command{
	Name:  "human",
	Usage: "[flags] PAGE.html NAME=RUN...",
	Help: "Write a test for people: a page that shows real, held-out pictures and those of pyramids for 50 to 2000 ms, between grey\n" +
		"masks, and asks which are real. It needs no network and leaves a file answers.csv. Make a page for each person, with a -seed\n" +
		"of its own.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o source
		o.flags(flags)
		last := flags.Bool("last", false, "take the last models of the levels, not those with the best scores")
		trials := flags.Int("trials", 0, "pictures that a person judges; 0 means 11 of each source, one at each exposure")
		zoom := flags.Int("pixels", 256, "`side` of a picture on the screen")
		seed := flags.Uint64("seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if len(args) < 2 || *trials < 0 || *zoom < 1 {
				return cli.Usage("want PAGE.html and at least one NAME=RUN, and no negative numbers")
			}
			h := lapgan.HumanTest{Trials: *trials, Side: *zoom}
			each := max(11, *trials/len(args)+1)
			rng := rand.New(rand.NewPCG(*seed, 0))
			side := 0
			known := map[string][]string{}
			for _, arg := range args[1:] {
				name, dir, ok := strings.Cut(arg, "=")
				if !ok || name == "" || name == "real" {
					return cli.Usage(fmt.Sprintf("%q is no NAME=RUN", arg))
				}
				p, classes, err := openRun(dir, *last)
				if err != nil {
					return err
				}
				if side != 0 && p.Finest() != side {
					return fmt.Errorf("%s paints %d pixels, and another %d: people would tell them by that", dir, p.Finest(), side)
				}
				side, known[dir] = p.Finest(), classes
				want := lapgan.Many(each)
				for range each * min(len(classes), 1) {
					want.Classes = append(want.Classes, rng.IntN(len(classes)))
				}
				h.Sources = append(h.Sources, lapgan.Source{Name: name, Images: p.Show(p.Sample(rng, want).Result())})
			}
			set, err := o.read(side)
			if err != nil {
				return err
			}
			for dir, classes := range known {
				if err := sameClasses(dir, classes, set); err != nil {
					return err
				}
			}
			held := middle(set.Held, side)
			real := held.Subset(data.Stream(*seed).Perm(held.Len())[:min(each, held.Len())])
			x, err := real.Block(0, real.Len())
			if err != nil {
				return err
			}
			h.Sources = append([]lapgan.Source{{Name: "real", Images: x}}, h.Sources...)
			var page bytes.Buffer
			if err := h.Write(&page, rng); err != nil {
				return err
			}
			return atomicfile.Write(args[0], func(w io.Writer) error { _, err := page.WriteTo(w); return err })
		}
	},
}

var answersCommand = cli.Command{
	Name:  "answers",
	Usage: "ANSWERS.csv...",
	Help:  "Print how often pictures of each source were taken for real, at each exposure and overall, with 95 % intervals (Wilson).",
	Setup: func(*flag.FlagSet) func(context.Context, []string) error {
		return func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return cli.Usage("want files of answers, which the pages of the command human leave")
			}
			var all []lapgan.Answer
			for _, path := range args {
				f, err := os.Open(path)
				if err != nil {
					return err
				}
				answers, err := lapgan.ReadAnswers(f)
				f.Close()
				if err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				all = append(all, answers...)
			}
			return printRates(os.Stdout, lapgan.Rates(all))
		}
	},
}

func printRates(to io.Writer, rates []lapgan.Rate) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "source\texposure\tjudged real\t95 %\tanswers")
	for _, r := range rates {
		exposure := "all"
		if r.Exposure > 0 {
			exposure = fmt.Sprintf("%d ms", r.Exposure)
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f %%\t%.1f to %.1f\t%d\n", r.Source, exposure, 100*r.Real, 100*r.Low, 100*r.High, r.N)
	}
	return w.Flush()
}
