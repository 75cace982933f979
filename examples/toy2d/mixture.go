package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/tensor"
)

// mixture is Gaussians of one deviation around several centres, all equally likely.
type mixture struct {
	centres [][2]float64
	sigma   float64
	batch   int
}

// newMixture returns the mixture of a name.
func newMixture(name string, batch int) (mixture, error) {
	m := mixture{batch: batch}
	switch name {
	case "ring": // 8 on a circle of radius 2
		m.sigma = 0.05
		for i := range 8 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 8)
			m.centres = append(m.centres, [2]float64{2 * cos, 2 * sin})
		}
	case "grid": // 5×5, one apart (Gulrajani et al. 2017, §5.1 before scaling)
		m.sigma = 0.05
		for i := range 25 {
			m.centres = append(m.centres, [2]float64{float64(i%5) - 2, float64(i/5) - 2})
		}
	default:
		return m, fmt.Errorf("no mixture %q; there are ring and grid", name)
	}
	return m, nil
}

// Batch draws points. It makes the mixture a data source for package train.
func (m mixture) Batch(_ int, rng *rand.Rand) (gan.Batch, error) {
	return gan.Batch{Images: m.draw(m.batch, rng)}, nil
}

func (m mixture) draw(n int, rng *rand.Rand) *tensor.Tensor {
	x := tensor.RandN(rng, n, 2)
	for i := range n {
		c := m.centres[rng.IntN(len(m.centres))]
		for axis := range 2 {
			x.Set(float32(c[axis]+m.sigma*float64(x.At(i, axis))), i, axis)
		}
	}
	return x
}

// score is how well points fit a mixture.
type score struct {
	covered int     // modes with at least a quarter of the points they should have within 4σ
	near    float64 // share of the points within 4σ of a mode
}

// measure scores points (N,2).
func (m mixture) measure(x *tensor.Tensor) score {
	n := x.Dim(0)
	counts := make([]int, len(m.centres))
	near := 0
	for i := range n {
		for k, c := range m.centres {
			if math.Hypot(float64(x.At(i, 0))-c[0], float64(x.At(i, 1))-c[1]) <= 4*m.sigma {
				counts[k]++
				near++
			}
		}
	}
	s := score{near: float64(near) / float64(n)}
	for _, count := range counts {
		if 4*count*len(m.centres) >= n {
			s.covered++
		}
	}
	return s
}
