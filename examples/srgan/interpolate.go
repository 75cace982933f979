package main

import (
	"context"
	"flag"
	"math"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/srgan"
)

var interpolateCommand = cli.Command{
	Name:  "interpolate",
	Usage: "[flags] A B OUT",
	Help: "Write weights between those of A and B, of which one was trained on from the other, or both from a third: between faithfulness\n" +
		"and texture, or the mean of two runs, which is often better than each.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		alpha := flags.Float64("alpha", 0.5, "how much of B: 0 is A and 1 is B")
		half := flags.Bool("half", false, "store 16-bit numbers")
		return func(_ context.Context, args []string) error {
			if err := cli.WantArgs(args, "A", "B", "OUT"); err != nil {
				return err
			}
			if math.IsNaN(*alpha) || math.IsInf(*alpha, 0) {
				return cli.Usage("-alpha must be a number")
			}
			return interpolate(args[0], args[1], args[2], *alpha, *half)
		}
	},
}

func interpolate(a, b, out string, alpha float64, half bool) error {
	var nets [2]srgan.Network
	for i, model := range []string{a, b} {
		u, _, err := open(model)
		if err != nil {
			return err
		}
		nets[i] = u.Generator().(srgan.Network) // what a file describes is one
	}
	if err := srgan.Interpolate(nets[0], nets[1], alpha); err != nil {
		return err
	}
	save := checkpoint.Save
	if half {
		save = checkpoint.SaveHalf
	}
	return save(out, nets[0], srgan.Manifest(nets[0], 0))
}
