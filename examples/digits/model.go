package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// architecture names the networks in model files.
const architecture = "digits"

// options are what a model file says about its network.
type options struct {
	Net  string `json:"net"`  // "gan", "cgan" or "dcgan"
	Data string `json:"data"` // what it has learned: "MNIST" or "drawn digits"
}

const classes = 10

// newGame returns the networks of a paper, untrained, against each other. They work with values in [0, 1]. The output of
// the unconditional generator begins at the mean of the digits, if there are any.
func newGame(net string, digits *labelled.Images, seed uint64) (gan.Game, error) {
	ofG, ofD := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
	game := gan.Game{Loss: gan.NonSaturating{}}
	switch net {
	case "gan":
		game.Generator = network.NewMNISTGenerator(meanOf(digits), ofG)
		game.Discriminator = network.NewMNISTDiscriminator(ofD)
		game.Latent = gan.Uniform(100)
	case "cgan":
		game.Generator = network.NewCGANGenerator(ofG)
		game.Discriminator = network.NewCGANDiscriminator(ofD)
		game.Latent = gan.UniformOn(0, 1, 100)
		game.Condition = gan.Class(classes)
	case "dcgan":
		o := network.DCGANOptions{Size: 32, Channels: 1, Latent: 100, Width: 32, Condition: classes, Classes: classes}
		game.Generator = &cropped{network.NewDCGANGenerator(o, ofG)}
		game.Discriminator = &padded{network.NewDCGANDiscriminator(o, ofD)}
		game.Latent = gan.Normal(100)
		game.Condition = gan.Class(classes)
		game.Auxiliary = 1
	default:
		return game, fmt.Errorf("no network %q; there are gan, cgan and dcgan", net)
	}
	return game, nil
}

func meanOf(digits *labelled.Images) *tensor.Tensor {
	if digits == nil {
		return nil
	}
	sums := make([]int, side*side)
	for i, v := range digits.Pixels {
		sums[i%len(sums)] += int(v)
	}
	mean := tensor.New(side, side, 1)
	for i, s := range sums {
		mean.Data()[i] = float32(float64(s) / 255 / float64(digits.Len()))
	}
	return mean
}

// save writes a generator; open reads it.
func save(path string, generator any, o options, step int, seed uint64) error {
	about := checkpoint.NewManifest(architecture, o)
	about.Step, about.Seed = step, seed
	return checkpoint.Save(path, generator, about)
}

func open(path string) (gan.Game, options, error) {
	var o options
	about, err := checkpoint.ReadManifest(path)
	if err != nil {
		return gan.Game{}, o, err
	}
	if about.Architecture != architecture {
		return gan.Game{}, o, fmt.Errorf("%s holds a network of the kind %q, not %q", path, about.Architecture, architecture)
	}
	if err := about.Decode(&o); err != nil {
		return gan.Game{}, o, err
	}
	game, err := newGame(o.Net, nil, 0)
	if err != nil {
		return gan.Game{}, o, fmt.Errorf("%s: %w", path, err)
	}
	return game, o, checkpoint.Load(game.Generator, path)
}
