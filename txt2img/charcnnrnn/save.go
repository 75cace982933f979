package charcnnrnn

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// What checkpoints call an [Encoder] and a [Pair].
const (
	Architecture     = "char-cnn-rnn"
	PairArchitecture = "char-cnn-rnn-pair"
)

// pairOptions is what a [Pair] is built with.
type pairOptions struct {
	Text  Options      `json:"text"`
	Image ImageOptions `json:"image"`
}

// Save writes an encoder so that [OpenFile] can read it. step is how many updates it has seen; facts, which may be nil, are
// anything else worth telling.
func Save(path string, e *Encoder, step int, facts map[string]string) error {
	return checkpoint.Save(path, e, manifest(Architecture, e.Options, step, facts))
}

// SaveHalf is [Save] with 16-bit numbers: half the size.
func SaveHalf(path string, e *Encoder, step int, facts map[string]string) error {
	return checkpoint.SaveHalf(path, e, manifest(Architecture, e.Options, step, facts))
}

// Save writes both encoders so that [OpenPairFile] can read them; see the function [Save].
func (p *Pair) Save(path string, step int, facts map[string]string) error {
	return checkpoint.Save(path, p, manifest(PairArchitecture, pairOptions{p.Text.Options, p.Image.Options}, step, facts))
}

func manifest(architecture string, options any, step int, facts map[string]string) checkpoint.Manifest {
	m := checkpoint.NewManifest(architecture, options)
	m.Step, m.Facts = step, facts
	return m
}

// OpenFile reads an encoder that [Save] wrote. It reads the text encoder of a file with a [Pair], too.
func OpenFile(path string) (*Encoder, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	defer f.Close()
	return open(f, path)
}

// Open reads an encoder from memory, such as embedded weights. Messages call it by name.
func Open(weights []byte, name string) (*Encoder, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), name)
	if err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	return open(f, name)
}

func open(f *checkpoint.File, name string) (*Encoder, error) {
	m, err := f.Manifest()
	if err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	switch m.Architecture {
	case PairArchitecture:
		p, err := openPair(f, name)
		if err != nil {
			return nil, err
		}
		return p.Text, nil
	case Architecture:
	default:
		return nil, fmt.Errorf("charcnnrnn: %s holds a network of the kind %q, not an encoder of captions", name, m.Architecture)
	}
	var o Options
	if err := m.Decode(&o); err != nil {
		return nil, fmt.Errorf("charcnnrnn: %s: %w", name, err)
	}
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, name)
	}
	if err := fits(f, name, o.weights()); err != nil {
		return nil, err
	}
	e := New(o, unimportant())
	if err := f.Load(e); err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	return e, nil
}

// OpenPairFile reads a pair of encoders that [Pair.Save] wrote.
func OpenPairFile(path string) (*Pair, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	defer f.Close()
	return openPair(f, path)
}

func openPair(f *checkpoint.File, name string) (*Pair, error) {
	m, err := f.Manifest()
	if err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	if m.Architecture != PairArchitecture {
		return nil, fmt.Errorf("charcnnrnn: %s holds a network of the kind %q, not encoders of captions and pictures", name, m.Architecture)
	}
	var o pairOptions
	if err := m.Decode(&o); err != nil {
		return nil, fmt.Errorf("charcnnrnn: %s: %w", name, err)
	}
	if err := o.Text.Check(); err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, name)
	}
	if err := o.Image.Check(); err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, name)
	}
	if err := fits(f, name, o.Text.weights()+o.Image.weights()); err != nil {
		return nil, err
	}
	p := &Pair{Text: New(o.Text, unimportant()), Image: NewImage(o.Image, unimportant())}
	if err := f.Load(p); err != nil {
		return nil, fmt.Errorf("charcnnrnn: %w", err)
	}
	return p, nil
}

// unimportant makes the starting weights of a network that is about to be loaded.
func unimportant() *rand.Rand { return rand.New(rand.NewPCG(0, 0)) }

// fits returns an error if a file claims to be of a larger network than it holds numbers for, before that is built.
func fits(f *checkpoint.File, name string, need float64) error {
	stored := 0.0
	for _, t := range f.Tensors() {
		n := 1.0
		for _, d := range t.Shape {
			n *= float64(d)
		}
		stored += n
	}
	if need > stored {
		return fmt.Errorf("charcnnrnn: %s holds %.0f numbers, too few for the network it describes, which has %.0f", name, stored, need)
	}
	return nil
}

// weights is how many numbers the matrices and kernels of an encoder hold, without biases.
func (o Options) weights() float64 {
	o = o.withDefaults()
	c1, c2, c3, h := float64(o.Conv[0]), float64(o.Conv[1]), float64(o.Conv[2]), float64(o.RNN)
	gates := 3.0
	if o.Variant == CVPR {
		gates = 1
	}
	return 4*(float64(Symbols)*c1+c1*c2+c2*c3) + gates*(c3+h)*h + h*float64(o.Out)
}

// weights is how many numbers the kernels of an encoder hold, without biases and batch norms.
func (o ImageOptions) weights() float64 {
	o = o.withDefaults()
	sum, in, width := 0.0, 3.0, float64(o.Width)
	for range o.stages() {
		sum += 16 * in * width
		in, width = width, 2*width
	}
	return sum + in*float64(o.Out)
}
