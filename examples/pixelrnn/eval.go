package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"text/tabwriter"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn"
)

var evalCommand = cli.Command{
	Name:  "eval",
	Usage: "[flags] MODEL...",
	Help: "Print the exact negative log-likelihood of held-out pictures under models, in nats for a picture with its standard error,\n" +
		"and in bits for a value. Digits are made binary by chance, with their grey as the probability, alike for all models.",
	Setup: func(flags *flag.FlagSet) func(context.Context, []string) error {
		var o source
		o.flags(flags)
		n := flags.Int("n", 10_000, "held-out pictures")
		return func(ctx context.Context, models []string) error {
			if len(models) == 0 || *n < 1 || o.drawn < 20 || o.side < 0 {
				return cli.Usage("want a MODEL, and a positive -n")
			}
			c, err := o.read()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintf(w, "model\tparameters\tnats (%s, %d pictures)\tbits/dim\n", c.name, min(*n, c.held.Len()))
			for _, path := range models {
				if err := ctx.Err(); err != nil {
					return err
				}
				m, _, err := pixelrnn.OpenFile(path)
				if err != nil {
					return err
				}
				if err := c.fits(m.Options); err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
				nats, bits, spread := likelihood(m, c.test(*n, m.Options.Values, m.Options.Classes))
				fmt.Fprintf(w, "%s\t%d\t%.2f ± %.2f\t%.3f\n", path, nn.NumParams(m), nats, spread, bits)
			}
			return w.Flush()
		}
	},
}

// likelihood returns the negative log-likelihood of pictures: its mean in nats with its standard error, and in bits a value.
func likelihood(m *pixelrnn.Model, b pixelrnn.Batch) (nats, bits, spread float64) {
	ll := m.LogProb(b.X, pixelrnn.Condition{Classes: b.Classes})
	bits = pixelrnn.BitsPerDim(ll, m.Dims())
	nats = bits * float64(m.Dims()) * math.Ln2
	for _, v := range ll {
		spread += (v + nats) * (v + nats)
	}
	n := float64(len(ll))
	return nats, bits, math.Sqrt(spread / max(n-1, 1) / n)
}
