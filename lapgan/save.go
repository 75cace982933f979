package lapgan

import (
	"encoding/json"
	"fmt"

	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/checkpoint"
)

// Architecture is what checkpoints call a [Trained] level.
const Architecture = "lapgan-level"

// Trained is a level with what it takes to use it: a file of its own, since levels are trained apart.
type Trained struct {
	Level    Level    // a *Dense, *Conv, *LSUN, *Deep, *Quantised or Described can be saved
	Index    int      // which of Sizes it is
	Sizes    []int    // of the pyramid, coarse to fine
	Operator Operator // nil means [Bilinear]
	Norm     *Norm    // of images of the finest size; nil means none
	Classes  []string // names, where it knows classes
}

// header is what a file says about its level.
type header struct {
	Kind     string          `json:"kind"`
	Net      json.RawMessage `json:"net"`
	Index    int             `json:"index"`
	Sizes    []int           `json:"sizes"`
	Operator string          `json:"operator"`
	Norm     []int           `json:"norm,omitempty"` // shape
	Classes  []string        `json:"classes,omitempty"`
}

// quantisedOptions is the Net of a [Quantised].
type quantisedOptions struct {
	Model pixelrnn.Options `json:"model"`
	Whole bool             `json:"whole"`
}

// contents are the tensors of a file.
type contents struct {
	Net  any   `nn:"net"`
	Norm *Norm `nn:"norm"`
}

// Save writes a level so that [OpenFile] can read it. step is how many updates it has seen; facts, which may be nil, are
// anything else worth telling. It is an error if the level is of a type that this package does not know.
func Save(path string, t Trained, step int, facts map[string]string) error {
	return save(path, t, step, facts, checkpoint.Save)
}

// SaveHalf is [Save] with weights as 16-bit floats, for files that are shipped.
func SaveHalf(path string, t Trained, step int, facts map[string]string) error {
	return save(path, t, step, facts, checkpoint.SaveHalf)
}

func save(path string, t Trained, step int, facts map[string]string, write func(string, any, checkpoint.Manifest) error) error {
	h := header{Index: t.Index, Sizes: t.Sizes, Operator: Pyramid{Operator: t.Operator}.operator().String(), Classes: t.Classes}
	if _, err := ParseOperator(h.Operator); err != nil {
		return err
	}
	var options any
	switch l := t.Level.(type) {
	case *Dense:
		h.Kind, options = "dense", l.Options
	case *Conv:
		h.Kind, options = "conv", l.Options
	case *LSUN:
		h.Kind, options = "lsun", l.Options
	case *Deep:
		h.Kind, options = "deep", l.Options
	case *Quantised:
		h.Kind, options = "quantised", quantisedOptions{l.Model.Options, l.Whole}
	case Described:
		h.Kind, options = l.Describe()
	default:
		return fmt.Errorf("lapgan: a level of type %T cannot be saved by lapgan.Save; give it the method of lapgan.Described", t.Level)
	}
	raw, err := json.Marshal(options)
	if err != nil {
		return fmt.Errorf("lapgan: %w", err)
	}
	h.Net = raw
	if t.Norm != nil {
		h.Norm = t.Norm.Mean.Shape()
	}
	m := checkpoint.NewManifest(Architecture, h)
	m.Step, m.Facts = step, facts
	return write(path, &contents{t.Level, t.Norm}, m)
}
