package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
)

var demoCommand = cli.Command{
	Usage: "[flags]",
	Help:  "Paint captions of digits with the embedded model: a sheet, a strip of the steps, an animation, and what it attended to.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		o := sampleOptions{n: 8}
		flags.StringVar(&o.out, "out", "draw.png", "`file` of the sheet")
		flags.StringVar(&o.strip, "strip", "draw-steps.png", "`file` of the strip")
		flags.StringVar(&o.words, "words", "draw-words.png", "`file` of what the model attended to")
		flags.StringVar(&o.movie, "gif", "draw-steps.gif", "`file` of the animation")
		flags.Uint64Var(&o.seed, "seed", 1, "what the random numbers start from")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args); err != nil {
				return err
			}
			if err := o.checkFiles(); err != nil {
				return err
			}
			if err := runSample(o, demoCaptions); err != nil {
				return err
			}
			fmt.Println(`Say where to put a digit: go run ./examples/draw "the digit four is at the bottom right of the image ."`)
			return nil
		}
	},
}

// The captions of the demo. Most differ in a word from the one above, and half of them put a digit where training never had it.
var demoCaptions = []string{
	"the digit seven is on the left of the digit two .",
	"the digit seven is on the right of the digit two .",
	"the digit four is on the right of the digit two .",
	"the digit four is at the top of the digit two .",
	"the digit four is at the top left of the image .",
	"the digit four is at the bottom left of the image .",
	"the digit three is at the top left of the image .",
	"the digit zero is at the bottom right of the image .",
}

// withSample puts "sample" before a caption that stands where a command is expected: words with a space between them, or none
// at all, which is an empty caption.
func withSample(args []string) []string {
	known := func(c cli.Command) bool { return c.Name != "" && c.Name == args[0] }
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] != "" && !strings.Contains(args[0], " ") || slices.ContainsFunc(commands, known) {
		return args
	}
	return append([]string{"sample"}, args...)
}
