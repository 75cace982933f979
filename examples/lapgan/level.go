package main

import (
	"math/rand/v2"
	"strings"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// level is a level with the players who train it.
type level struct {
	level   lapgan.Level
	players []train.Player[lapgan.Batch]
	judged  int // examples that it is judged by, with so many draws each
	draws   int
}

// newLevel builds the level that the flags ask for.
func newLevel(o trainOptions, d lapgan.Data) (level, error) {
	kind, side, channels := strings.Split(o.kinds, ",")[d.Level], o.sizes[d.Level], d.Images.Channels
	width := o.widths[min(d.Level, len(o.widths)-1)]
	classes := len(d.Images.Classes)
	if o.unconditional || d.Images.Labels == nil {
		classes = 0
	}
	rng := rand.New(rand.NewPCG(o.seed, uint64(d.Level)))
	game := lapgan.Game{Classes: classes, Gated: o.gated, EMA: o.ema, Augment: o.changes, Content: o.content, Lattice: o.lattice}
	if o.r1 > 0 {
		game.Penalty = gan.R1{Weight: o.r1 * float64(side) / float64(o.sizes[len(o.sizes)-1]), Every: 8}
	}
	switch kind {
	case "dense":
		opts := lapgan.DenseOptions{Side: side, Channels: channels, Classes: classes, Hidden: o.units}
		game.Generator, game.Discriminator = lapgan.NewDense(opts, rng), lapgan.NewDenseDiscriminator(opts, rng)
	case "dense/conv":
		game.Generator = lapgan.NewDense(lapgan.DenseOptions{Side: side, Channels: channels, Classes: classes, Hidden: o.units}, rng)
		game.Discriminator = lapgan.NewConvDiscriminator(lapgan.ConvOptions{Side: side, Channels: channels, Classes: classes, Width: width}, rng)
	case "conv":
		opts := lapgan.ConvOptions{Side: side, Channels: channels, Classes: classes, Width: width}
		game.Generator, game.Discriminator = lapgan.NewConv(opts, rng), lapgan.NewConvDiscriminator(opts, rng)
	case "lsun":
		opts := lapgan.LSUNOptions{Side: side, Channels: channels}
		game.Classes = 0
		game.Generator, game.Discriminator = lapgan.NewLSUN(opts, rng), lapgan.NewLSUNDiscriminator(opts, rng)
	case "deep":
		opts := lapgan.DeepOptions{Side: side, Channels: channels, Classes: classes, Width: width, Base: d.Level == 0}
		game.Generator, game.Discriminator = lapgan.NewDeep(opts, rng), lapgan.NewDeepDiscriminator(opts, rng)
	case "custom":
		game.Classes = 0
		game.Generator, game.Discriminator = NewEtcher(EtcherOptions{side, channels, width}, rng), NewCritic(channels, width, rng)
	default:
		return newPixels(o, d, pixelrnn.Kind(kind), classes, rng)
	}
	rule := o.optimiser(d.Epoch())
	return level{game.Generator.(lapgan.Level), game.Players(rule, rule), 32, 16}, nil
}

// newPixels builds an autoregressive level. Its range is that of 99.9 % of the values of some examples.
func newPixels(o trainOptions, d lapgan.Data, kind pixelrnn.Kind, classes int, rng *rand.Rand) (level, error) {
	examples, err := d.Examples(0, min(1000, d.Images.Len()))
	if err != nil {
		return level{}, err
	}
	side, channels := o.sizes[d.Level], d.Images.Channels
	opts := pixelrnn.Options{
		Kind: kind, Height: side, Width: side, Channels: channels, Hidden: o.hidden, Layers: o.layers, Classes: classes,
	}
	if d.Level > 0 {
		opts.Low = channels
	}
	q := lapgan.NewQuantised(pixelrnn.New(opts, rng), lapgan.QuantileRange(tensor.Abs(examples.Target), 0.999))
	return level{q, []train.Player[lapgan.Batch]{q.Player(optim.Adam{Rate: 1e-3})}, 8, 8}, nil
}
