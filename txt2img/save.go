package txt2img

import (
	"fmt"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// Architecture is what checkpoints call a [Model].
const Architecture = "txt2img"

// header is what a file says about its model.
type header struct {
	Generator Options             `json:"generator"`
	Encoder   *charcnnrnn.Options `json:"encoder,omitempty"` // nil if the file has none
}

// contents are the tensors of a file.
type contents struct {
	Generator *Generator          `nn:"generator"`
	Encoder   *charcnnrnn.Encoder `nn:"encoder"` // nil if there is none
}

// Save writes the model, with its encoder, so that [OpenFile] can read it. It is an error if its networks are not a
// [Generator] and, unless it has none, the encoder of package charcnnrnn, or if it has a Latent of its own: such a model's
// networks are saved by [checkpoint.Save].
func (m *Model) Save(path string) error { return m.save(path, checkpoint.Save) }

// SaveHalf is [Model.Save] with 16-bit numbers: half the size, at a loss far below what an 8-bit picture shows.
func (m *Model) SaveHalf(path string) error { return m.save(path, checkpoint.SaveHalf) }

func (m *Model) save(path string, write func(string, any, checkpoint.Manifest) error) error {
	g, ok := m.Generator.(*Generator)
	if !ok {
		return fmt.Errorf("txt2img: a model with a generator of type %T cannot be saved by Model.Save; use checkpoint.Save", m.Generator)
	}
	if m.Latent != nil {
		return fmt.Errorf("txt2img: a model with a Latent of its own cannot be saved by Model.Save; use checkpoint.Save")
	}
	c, h := &contents{Generator: g}, header{Generator: g.Options}
	if m.Encoder != nil {
		if c.Encoder, ok = m.Encoder.(*charcnnrnn.Encoder); !ok {
			return fmt.Errorf("txt2img: a model with an encoder of type %T cannot be saved by Model.Save; use checkpoint.Save, or save the model without it", m.Encoder)
		}
		h.Encoder = &c.Encoder.Options
	}
	manifest := checkpoint.NewManifest(Architecture, h)
	manifest.Step, manifest.Facts = m.Step, m.Facts
	return write(path, c, manifest)
}
