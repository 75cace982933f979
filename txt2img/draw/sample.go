package draw

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// Painting is n pictures in the making.
type Painting struct {
	// Canvases are what can be seen before the first step and after each, T+1 batches of pictures (n,H,W,C).
	Canvases []*tensor.Tensor

	// Attention is the weights (n,L) of the words in each of the T steps, nil unless the model aligns.
	Attention []*tensor.Tensor

	// Windows are those through which it wrote in each of the T steps, nil without attention.
	Windows []Window
}

// Last returns the finished pictures (n,H,W,C).
func (p *Painting) Last() *tensor.Tensor { return p.Canvases[len(p.Canvases)-1] }

// Sample paints n pictures from noise and their text: latent numbers are drawn from the prior. It is a function of its
// arguments alone, and may be called from several goroutines at once. It panics if n is less than 1 or the text is not the
// model's, for n pictures.
func (m *Model) Sample(n int, t Text, rng *rand.Rand) *Painting {
	if n < 1 {
		panic("draw.Model.Sample: want at least one picture")
	}
	given := m.read("draw.Model.Sample", t, n)
	_, write := m.Options.grids()
	s := m.start(n)
	p := &Painting{}
	see := func() {
		p.Canvases = append(p.Canvases, pixels(autograd.Sigmoid(s.canvas), m.Options.Channels).Value())
	}
	see()
	for t := range m.Options.Steps {
		z := m.noise(n, rng)
		if prior, learned := m.prior(t, s); learned {
			z = prior.draw(z)
		}
		context, weights := m.context(given, s.dec.h)
		w := m.paint(z, context, &s, write)
		see()
		if weights != nil {
			p.Attention = append(p.Attention, weights.Value())
		}
		if write != nil {
			p.Windows = append(p.Windows, w)
		}
	}
	return p
}
