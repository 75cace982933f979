package main

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/optim"
)

// architecture names the networks in model files.
const architecture = "cifar-gan"

// options are what a model file says about its network.
type options struct {
	Game    string   `json:"game"` // dcgan, wgan-gp or resnet
	Data    string   `json:"data"` // what it has learned
	Size    int      `json:"size"` // side of the pictures
	Width   int      `json:"width"`
	Classes []string `json:"classes,omitempty"` // that it can be told
}

// latent is how many numbers a picture is made from.
const latent = 100

func (o options) check() error {
	switch {
	case o.Game != "dcgan" && o.Game != "wgan-gp" && o.Game != "resnet":
		return fmt.Errorf("no game %q; there are dcgan, wgan-gp and resnet", o.Game)
	case o.Size < 8 || o.Size > 256 || o.Size&(o.Size-1) != 0:
		return fmt.Errorf("pictures of %d×%d pixels; want a side of 8, 16, 32 … 256", o.Size, o.Size)
	case o.Width < 1 || o.Width > 1024:
		return fmt.Errorf("networks of width %d; want 1 to 1024", o.Width)
	case len(o.Classes) > 1000:
		return fmt.Errorf("%d classes; 1000 are the most", len(o.Classes))
	}
	return nil
}

// newGame returns the networks of a game, untrained, against each other, and how the papers train them.
func newGame(o options, seed uint64) (gan.Game, optim.Adam) {
	ofG, ofD := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 2))
	game := gan.Game{Latent: gan.Normal(latent)}
	if len(o.Classes) > 0 {
		game.Condition = gan.Class(len(o.Classes))
	}
	if o.Game == "resnet" {
		shape := network.ResNetOptions{Size: o.Size, Latent: latent, Width: o.Width, Condition: len(o.Classes)}
		game.Generator, game.Discriminator = network.NewResNetGenerator(shape, ofG), network.NewResNetDiscriminator(shape, ofD)
		game.Loss, game.Turns = gan.Hinge{}, 5
		return game, optim.Adam{Rate: 2e-4, Beta1: optim.Zero, Beta2: 0.9}
	}
	shape := network.DCGANOptions{Size: o.Size, Latent: latent, Width: o.Width, Condition: len(o.Classes), NoNorm: o.Game == "wgan-gp"}
	game.Generator, game.Discriminator = network.NewDCGANGenerator(shape, ofG), network.NewDCGANDiscriminator(shape, ofD)
	if o.Game == "wgan-gp" {
		game.Loss, game.Penalty, game.Turns = gan.Wasserstein{}, gan.GradientPenalty{Weight: 10}, 5
		return game, optim.Adam{Rate: 1e-4, Beta1: optim.Zero, Beta2: 0.9}
	}
	game.Loss = gan.NonSaturating{}
	return game, optim.Adam{Rate: 2e-4, Beta1: 0.5}
}

// save writes a generator; open reads it.
func save(path string, generator any, o options, step int, seed uint64) error {
	about := checkpoint.NewManifest(architecture, o)
	about.Step, about.Seed = step, seed
	return checkpoint.Save(path, generator, about)
}

func open(path string) (gan.Game, options, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return gan.Game{}, options{}, err
	}
	defer f.Close()
	var o options
	about, err := f.Manifest()
	if err != nil {
		return gan.Game{}, o, err
	}
	if about.Architecture != architecture {
		return gan.Game{}, o, fmt.Errorf("%s holds a network of the kind %q, not %q", path, about.Architecture, architecture)
	}
	if err := errors.Join(about.Decode(&o), o.check()); err != nil {
		return gan.Game{}, o, fmt.Errorf("%s: %w", path, err)
	}
	// A small file that says that it is of a large network must not make us build one.
	stored := 0
	for _, t := range f.Tensors() {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		stored += n
	}
	if least := o.Width * o.Width; stored < least {
		return gan.Game{}, o, fmt.Errorf("%s holds %d numbers; its network has more than %d", path, stored, least)
	}
	game, _ := newGame(o, 0)
	return game, o, f.Load(game.Generator)
}
