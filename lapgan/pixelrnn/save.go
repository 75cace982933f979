package pixelrnn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what checkpoints call a [Model].
const Architecture = "pixelrnn"

// Save writes a model with its options so that [OpenFile] can read it. step is how many updates it has seen; facts are
// anything else worth telling, and may be nil.
func Save(path string, m *Model, step int, facts map[string]string) error {
	manifest := checkpoint.NewManifest(Architecture, m.Options)
	manifest.Step, manifest.Facts = step, facts
	if err := checkpoint.Save(path, m, manifest); err != nil {
		return fmt.Errorf("pixelrnn: %w", err)
	}
	return nil
}

// OpenFile reads a model that [Save] wrote, with the facts that it holds.
func OpenFile(path string) (*Model, map[string]string, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("pixelrnn: %w", err)
	}
	defer f.Close()
	manifest, err := f.Manifest()
	if err != nil {
		return nil, nil, fmt.Errorf("pixelrnn: %w", err)
	}
	if manifest.Architecture != Architecture {
		return nil, nil, fmt.Errorf("pixelrnn: %s holds a network of the kind %q, not %q", path, manifest.Architecture, Architecture)
	}
	var o Options
	if err := manifest.Decode(&o); err != nil {
		return nil, nil, fmt.Errorf("pixelrnn: %w", err)
	}
	if err := o.Check(); err != nil {
		return nil, nil, fmt.Errorf("%w (in %s)", err, path)
	}
	// A file that claims to be of a huge network must not make us build one.
	stored := 0.0
	for _, t := range f.Tensors() {
		n := 1.0
		for _, d := range t.Shape {
			n *= float64(d)
		}
		stored += n
	}
	if need := o.LeastWeights(); need > stored {
		return nil, nil, fmt.Errorf("pixelrnn: %s holds %.0f numbers, its options ask for at least %.0f", path, stored, need)
	}
	m := New(o, rand.New(rand.NewPCG(0, 0)))
	if err := f.Load(m); err != nil {
		return nil, nil, fmt.Errorf("pixelrnn: %w", err)
	}
	return m, manifest.Facts, nil
}

// LeastWeights returns fewer numbers than a model of any kind with these options holds, but not fewer by much: what a file
// must hold before memory is taken for what it describes.
func (o Options) LeastWeights() float64 {
	o = o.withDefaults()
	h, c, head := float64(o.Hidden), float64(o.Channels), float64(o.Head)
	return float64(o.Layers)*(13*h*h+(float64(o.Low)+float64(o.Classes))*h) + 98*c*h + 2*h*head + head*c*float64(o.outputs())
}
