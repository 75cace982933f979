package metric

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what checkpoints call a [Classifier].
const Architecture = "metric-classifier"

// SaveClassifier writes a classifier, with its options, so that [OpenClassifier] can read it. step is how many updates it
// has seen; facts are anything worth telling, such as its accuracy, and may be nil.
func SaveClassifier(path string, c *Classifier, step int, facts map[string]string) error {
	m := checkpoint.NewManifest(Architecture, c.Options)
	m.Step, m.Facts = step, facts
	if err := checkpoint.Save(path, c, m); err != nil {
		return fmt.Errorf("metric: %w", err)
	}
	return nil
}

// OpenClassifier reads a classifier that [SaveClassifier] wrote.
func OpenClassifier(path string) (*Classifier, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, fmt.Errorf("metric: %w", err)
	}
	defer f.Close()
	m, err := f.Manifest()
	if err != nil {
		return nil, fmt.Errorf("metric: %w", err)
	}
	if m.Architecture != Architecture {
		return nil, fmt.Errorf("metric: %s holds a network of the kind %q, not %q", path, m.Architecture, Architecture)
	}
	var o ClassifierOptions
	if err := m.Decode(&o); err != nil {
		return nil, fmt.Errorf("metric: %w", err)
	}
	if err := o.Check(); err != nil {
		return nil, fmt.Errorf("%w (in %s)", err, path)
	}
	// A file that claims to be of a huge network must not make us build one.
	stored := int64(0)
	for _, t := range f.Tensors() {
		n := int64(1)
		for _, d := range t.Shape {
			n *= int64(d)
		}
		stored += n
	}
	if need := o.withDefaults().weights(); need > stored {
		return nil, fmt.Errorf("metric: %s holds %d numbers, its options ask for at least %d", path, stored, need)
	}
	c := NewClassifier(o, rand.New(rand.NewPCG(0, 0)))
	if err := f.Load(c); err != nil {
		return nil, fmt.Errorf("metric: %w", err)
	}
	return c, nil
}

// weights is how many weights the layers have without biases and norms.
func (o ClassifierOptions) weights() int64 {
	h, w, maps, count := o.last()
	sum := int64(h)*int64(w)*int64(maps)*int64(o.Features) + int64(o.Features)*int64(o.Classes)
	in := o.Channels
	for i := range count {
		sum += 9 * int64(in) * int64(o.Maps<<i)
		in = o.Maps << i
	}
	return sum
}
