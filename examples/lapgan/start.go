package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// start returns what n images begin with: the middle of the picture from, shrunk to the coarsest size, or drawn images if there is
// no such picture.
func (o sampling) start(p lapgan.Pyramid, want lapgan.Wanted, rng *rand.Rand) (lapgan.Start, error) {
	drawn := p.Sample(rng, want).Coarsest()
	if o.from == "" {
		return drawn, nil
	}
	m, err := data.LoadImage(o.from)
	if err != nil {
		return drawn, err
	}
	x := m.Flatten(nil).RGB()
	if c := drawn.Images.Dim(3); c != x.Dim(-1) {
		return drawn, fmt.Errorf("-from: the pyramid paints in %d channels, and pictures are in %d", c, x.Dim(-1))
	}
	x = data.ResizeTo(p.Finest(), p.Finest(), tensor.Bicubic)(data.CentreSquare(x, nil), nil).Reshape(1, p.Finest(), p.Finest(), x.Dim(-1))
	if p.Norm != nil {
		x = p.Norm.Apply(x)
	}
	start := p.Decompose(x).Coarsest().Repeat(drawn.Images.Dim(0))
	start.Classes = drawn.Classes
	return start, nil
}
