package txt2img

import (
	"errors"
	"fmt"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

// Model is a trained generator with the encoder of its captions: all it takes to paint a sentence. [Open] and [OpenFile] read
// one; one with networks of the user's own is written as a literal. Its methods may be used by several goroutines at once.
type Model struct {
	Generator gan.Conditional // a [Generator], or any other whose noise Latent draws
	Encoder   TextEncoder     // nil if it lies elsewhere; then it has to be set before sentences can be painted

	// Latent is the distribution of the noise. Nil means the standard normal one, of as many numbers as a [Generator] wants and
	// of 100 for any other.
	Latent gan.Latent

	Step  int               // updates that the generator has seen
	Facts map[string]string // anything else worth telling, such as [Game.Facts]; may be nil
}

// Embed returns the embedded sentences (len(sentences),E). It is an error if one is empty or not UTF-8, if the encoder can
// make nothing of it, or if there is no encoder.
func (m *Model) Embed(sentences ...string) (*tensor.Tensor, error) {
	switch {
	case m.Encoder == nil:
		return nil, errors.New("txt2img: the model has no encoder: set Model.Encoder to the one that it was trained with")
	case len(sentences) == 0:
		return nil, errors.New("txt2img: no sentences")
	}
	if g, ok := m.Generator.(*Generator); ok && g.Options.Embedding != m.Encoder.Width() {
		return nil, fmt.Errorf("txt2img: the encoder makes vectors of %d numbers, the generator wants %d: it was trained with another",
			m.Encoder.Width(), g.Options.Embedding)
	}
	return encode(m.Encoder, sentences, readable)
}

// Warning says, in one line, what of a sentence the encoder does not read: characters outside its alphabet or beyond its
// length, which are passed over. It is empty if all is read, or if the encoder is not that of package charcnnrnn.
func (m *Model) Warning(sentence string) string {
	if e, ok := m.Encoder.(*charcnnrnn.Encoder); ok {
		return charcnnrnn.Inspect(sentence, e.Options.Length).Warning()
	}
	return ""
}

func (m *Model) latent() gan.Latent {
	if m.Latent != nil {
		return m.Latent
	}
	if g, ok := m.Generator.(*Generator); ok {
		return gan.Normal(g.Options.Latent)
	}
	return gan.Normal(100)
}
