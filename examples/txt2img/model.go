package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/txt2img"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
	"github.com/gander-ml/gander/txt2img/emoji"
)

// networks are a generator and a discriminator, untrained, and the noise that the generator starts from.
type networks struct {
	generator, discriminator gan.Conditional
	latent                   gan.Latent
}

// newNetworks returns the networks that the flags ask for, for captions of a width.
func newNetworks(o *trainOptions, embedding int) networks {
	ofG, ofD := data.Stream(o.seed, 1), data.Stream(o.seed, 2)
	if o.net == "custom" {
		return networks{NewPainter(2*o.nets.GWidth, embedding, ofG), NewCritic(o.nets.DWidth, embedding, ofD), gan.Normal(painterNoise)}
	}
	options := o.nets
	options.Embedding = embedding
	return networks{txt2img.NewGenerator(options, ofG), txt2img.NewDiscriminator(options, ofD), gan.Normal(options.Latent)}
}

// The files of a model with a generator of one's own say how to build it. Those with the networks of package txt2img are
// written and read there.

const customArchitecture = "txt2img-custom"

type customHeader struct {
	Maps    int                `json:"maps"`
	Encoder charcnnrnn.Options `json:"encoder"`
}

type customContents struct {
	Painter *Painter            `nn:"painter"`
	Encoder *charcnnrnn.Encoder `nn:"encoder"`
}

// saveModel writes a model with its encoder.
func saveModel(path string, m *txt2img.Model, half bool) error {
	painter, custom := m.Generator.(*Painter)
	switch {
	case !custom && half:
		return m.SaveHalf(path)
	case !custom:
		return m.Save(path)
	}
	encoder := m.Encoder.(*charcnnrnn.Encoder)
	about := checkpoint.NewManifest(customArchitecture, customHeader{painter.Maps, encoder.Options})
	about.Step, about.Facts = m.Step, m.Facts
	write := checkpoint.Save
	if half {
		write = checkpoint.SaveHalf
	}
	return write(path, &customContents{painter, encoder}, about)
}

// openModel reads a model of a run, or for "" the embedded one.
func openModel(path string) (*txt2img.Model, error) {
	if path == "" {
		return txt2img.Open(emoji.Weights)
	}
	about, err := checkpoint.ReadManifest(path)
	if err != nil {
		return nil, err
	}
	if about.Architecture != customArchitecture {
		return txt2img.OpenFile(path)
	}
	var h customHeader
	if err := about.Decode(&h); err != nil {
		return nil, err
	}
	if err := h.Encoder.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if h.Maps < 1 || h.Maps > 1<<14 {
		return nil, fmt.Errorf("%s: a painter with %d feature maps", path, h.Maps)
	}
	rng := rand.New(rand.NewPCG(0, 0))
	c := &customContents{Encoder: charcnnrnn.New(h.Encoder, rng)}
	c.Painter = NewPainter(h.Maps, c.Encoder.Width(), rng)
	if err := checkpoint.Load(c, path); err != nil {
		return nil, err
	}
	return &txt2img.Model{
		Generator: c.Painter, Encoder: c.Encoder, Latent: gan.Normal(painterNoise), Step: about.Step, Facts: about.Facts,
	}, nil
}

// sizesOf returns the side of a generator's pictures and how many numbers its noise has.
func sizesOf(m *txt2img.Model) (side, latent int) {
	if g, ok := m.Generator.(*txt2img.Generator); ok {
		return g.Options.Size, g.Options.Latent
	}
	return customSide, painterNoise
}
