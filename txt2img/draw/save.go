package draw

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what checkpoints call a [Model].
const Architecture = "draw"

// header is what a file says about its model.
type header struct {
	Options    Options    `json:"options"`
	Vocabulary Vocabulary `json:"vocabulary,omitempty"`
}

// Save writes a model, with its vocabulary, so that [OpenFile] can read it. step is how many updates it has seen; facts, which
// may be nil, are anything else worth telling, such as what it has learned from.
func (m *Model) Save(path string, step int, facts map[string]string) error {
	return m.save(path, step, facts, checkpoint.Save)
}

// SaveHalf is [Model.Save] with 16-bit numbers: half the size.
func (m *Model) SaveHalf(path string, step int, facts map[string]string) error {
	return m.save(path, step, facts, checkpoint.SaveHalf)
}

func (m *Model) save(path string, step int, facts map[string]string, write func(string, any, checkpoint.Manifest) error) error {
	if m.Vocabulary != nil {
		if err := m.Vocabulary.check(m.Options.Words); err != nil {
			return err
		}
	}
	about := checkpoint.NewManifest(Architecture, header{m.Options, m.Vocabulary})
	about.Step, about.Facts = step, facts
	return write(path, m, about)
}

// OpenFile reads a model that [Model.Save] wrote, and what the file says about it.
func OpenFile(path string) (*Model, checkpoint.Manifest, error) {
	f, err := checkpoint.Open(path)
	if err != nil {
		return nil, checkpoint.Manifest{}, fmt.Errorf("draw: %w", err)
	}
	defer f.Close()
	return open(f, path)
}

// Open reads a model from memory, such as embedded weights. Messages call it by name.
func Open(weights []byte, name string) (*Model, checkpoint.Manifest, error) {
	f, err := checkpoint.NewFile(bytes.NewReader(weights), int64(len(weights)), name)
	if err != nil {
		return nil, checkpoint.Manifest{}, fmt.Errorf("draw: %w", err)
	}
	return open(f, name)
}

func open(f *checkpoint.File, name string) (*Model, checkpoint.Manifest, error) {
	about, err := f.Manifest()
	if err != nil {
		return nil, about, fmt.Errorf("draw: %w", err)
	}
	if about.Architecture != Architecture {
		return nil, about, fmt.Errorf("draw: %s holds a network of the kind %q, not %q", name, about.Architecture, Architecture)
	}
	var h header
	if err := about.Decode(&h); err != nil {
		return nil, about, fmt.Errorf("draw: %w", err)
	}
	if err := h.Options.Check(); err != nil {
		return nil, about, fmt.Errorf("%w (in %s)", err, name)
	}
	if h.Vocabulary != nil {
		if err := h.Vocabulary.check(h.Options.Words); err != nil {
			return nil, about, fmt.Errorf("%w (in %s)", err, name)
		}
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
	if need := h.Options.least(); need > stored {
		return nil, about, fmt.Errorf("draw: %s holds %.0f numbers, too few for the model it describes, which has more than %.0f", name, stored, need)
	}
	m := New(h.Options, rand.New(rand.NewPCG(0, 0)))
	m.Vocabulary = h.Vocabulary
	if err := f.Load(m); err != nil {
		return nil, about, fmt.Errorf("draw: %w", err)
	}
	return m, about, nil
}

// least is how many numbers the largest matrices of a model hold.
func (o Options) least() float64 {
	h, z, text := float64(o.Hidden), float64(o.Latent), 0.0
	if o.Text != Free {
		text = float64(o.context())
	}
	n := 4*h*(float64(o.seen())+2*h) + 4*h*(z+text+h) + 2*z*h + h*float64(o.stroke())
	if o.Text != Free {
		n += float64(o.Height) * float64(o.Width) * float64(o.Channels)
	}
	if o.Text.reads() {
		l := float64(o.Language)
		n += 2 * 4 * l * (l + float64(o.Words))
		n += float64(o.Align) * (2*l + h)
	}
	return n
}
