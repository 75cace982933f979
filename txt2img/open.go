package txt2img

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// Open reads a model from memory, such as embedded weights.
func Open(weights []byte) (*Model, error) {
	const name = "embedded weights"
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), name)
	if err != nil {
		return nil, fmt.Errorf("txt2img: %w", err)
	}
	return open(f, name)
}

// OpenFile reads a model that [Model.Save] wrote. The file says what networks it is of.
func OpenFile(path string) (*Model, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("txt2img: %w", err)
	}
	defer f.Close()
	return open(f, path)
}

func open(f *checkpoint.File, name string) (*Model, error) {
	m, err := f.Manifest()
	if err != nil {
		return nil, fmt.Errorf("txt2img: %w", err)
	}
	if m.Architecture != Architecture {
		return nil, fmt.Errorf("txt2img: %s holds a network of the kind %q, not %q", name, m.Architecture, Architecture)
	}
	var h header
	if err := m.Decode(&h); err != nil {
		return nil, fmt.Errorf("txt2img: %w", err)
	}
	c, err := h.build(stored(f))
	if err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, name)
	}
	if err := f.Load(c); err != nil {
		return nil, fmt.Errorf("txt2img: %w", err)
	}
	out := &Model{Generator: c.Generator, Step: m.Step, Facts: m.Facts}
	if c.Encoder != nil {
		out.Encoder = c.Encoder
	}
	return out, nil
}

// build returns the networks that a header describes, with weights of no meaning. A header that claims networks of more
// numbers than a file has stored is refused before they are built.
func (h header) build(stored float64) (*contents, error) {
	if err := h.Generator.Check(); err != nil {
		return nil, err
	}
	if n := h.Generator.least(); n > stored {
		return nil, fmt.Errorf("txt2img: %.0f numbers are too few for the generator that is described", stored)
	}
	rng := rand.New(rand.NewPCG(0, 0))
	c := &contents{}
	if o := h.Encoder; o != nil {
		if err := o.Check(); err != nil {
			return nil, fmt.Errorf("txt2img: %w", err)
		}
		if min(o.Conv[0], o.Conv[1], o.Conv[2], o.RNN, o.Out) < 1 {
			return nil, fmt.Errorf("txt2img: the description of the encoder lacks a size: %+v", *o)
		}
		c1, c2, c3, h := float64(o.Conv[0]), float64(o.Conv[1]), float64(o.Conv[2]), float64(o.RNN)
		if n := 4*(float64(charcnnrnn.Symbols)*c1+c1*c2+c2*c3) + (c3+h)*h + h*float64(o.Out); n > stored {
			return nil, fmt.Errorf("txt2img: %.0f numbers are too few for the encoder that is described", stored)
		}
		c.Encoder = charcnnrnn.New(*o, rng)
	}
	c.Generator = NewGenerator(h.Generator, rng)
	return c, nil
}

// least is a lower bound on how many numbers a generator has.
func (o Options) least() float64 {
	o = o.withDefaults()
	top := float64(o.GWidth) * float64(int(1)<<(o.stages()-1))
	return float64(o.Embedding)*float64(o.Text) + 16*float64(o.Latent+o.Text)*top + 8*top*top
}

// stored returns how many numbers a file holds.
func stored(f *checkpoint.File) float64 {
	sum := 0.0
	for _, t := range f.Tensors() {
		n := 1.0
		for _, d := range t.Shape {
			n *= float64(d)
		}
		sum += n
	}
	return sum
}
