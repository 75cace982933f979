package style

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what checkpoints call an [Encoder].
const Architecture = "style-encoder"

// Save writes an encoder so that [OpenFile] can read it. step is how many updates it has seen; facts, which may be nil, are
// anything else worth telling, such as which generator it belongs to.
func Save(path string, e *Encoder, step int, facts map[string]string) error {
	return checkpoint.Save(path, e, manifest(e, step, facts))
}

// SaveHalf is [Save] with 16-bit numbers: half the size.
func SaveHalf(path string, e *Encoder, step int, facts map[string]string) error {
	return checkpoint.SaveHalf(path, e, manifest(e, step, facts))
}

func manifest(e *Encoder, step int, facts map[string]string) checkpoint.Manifest {
	m := checkpoint.NewManifest(Architecture, e.Options)
	m.Step, m.Facts = step, facts
	return m
}

// OpenFile reads an encoder that [Save] wrote.
func OpenFile(path string) (*Encoder, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("style: %w", err)
	}
	defer f.Close()
	return open(f, path)
}

// Open reads an encoder from memory, such as embedded weights. Messages call it by name.
func Open(weights []byte, name string) (*Encoder, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), name)
	if err != nil {
		return nil, fmt.Errorf("style: %w", err)
	}
	return open(f, name)
}

func open(f *checkpoint.File, name string) (*Encoder, error) {
	m, err := f.Manifest()
	if err != nil {
		return nil, fmt.Errorf("style: %w", err)
	}
	if m.Architecture != Architecture {
		return nil, fmt.Errorf("style: %s holds a network of the kind %q, not a style encoder", name, m.Architecture)
	}
	var o Options
	if err := m.Decode(&o); err != nil {
		return nil, fmt.Errorf("style: %w", err)
	}
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, name)
	}
	// What claims to be larger than the file is refused before memory is taken for it.
	stored := 0.0
	for _, t := range f.Tensors() {
		n := 1.0
		for _, d := range t.Shape {
			n *= float64(d)
		}
		stored += n
	}
	if need := o.withDefaults().weights(); need > stored {
		return nil, fmt.Errorf("style: %s holds %.0f numbers, too few for the encoder it describes, which has %.0f", name, stored, need)
	}
	e := New(o, rand.New(rand.NewPCG(0, 0)))
	if err := f.Load(e); err != nil {
		return nil, fmt.Errorf("style: %w", err)
	}
	return e, nil
}

// weights is how many numbers the kernels of an encoder hold, without biases and batch norms.
func (o Options) weights() float64 {
	sum, in, width := 0.0, 3.0, float64(o.Width)
	for range o.stages() {
		sum += 16 * in * width
		in, width = width, 2*width
	}
	return sum + 16*in*float64(o.Latent)
}
