package draw

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/data"
)

// Nats is a bound on −ln p(picture) over many pictures, in nats.
type Nats struct {
	Bound          float64 // mean of the sum of the two parts
	Reconstruction float64
	Divergence     float64
	StdErr         float64 // of the bound, over pictures
	Pictures       int
}

func (n Nats) String() string {
	return fmt.Sprintf("bound %.2f ± %.2f nats (reconstruction %.2f, divergence %.2f; %d pictures, one draw of the latent numbers each)",
		n.Bound, n.StdErr, n.Reconstruction, n.Divergence, n.Pictures)
}

// Measure returns the mean bound over the first batches of a source. The seed fixes the source and the latent numbers.
func (m *Model) Measure(src data.Source[Batch], batches int, seed uint64) (Nats, error) {
	var out Nats
	var squares float64
	for i := range batches {
		rng := data.Stream(seed, uint64(i))
		b, err := src.Batch(i, rng)
		if err != nil {
			return Nats{}, err
		}
		bound := m.Forward(autograd.Const(b.Images), b.Text, rng)
		for k, r := range bound.Reconstruction.Value().Data() {
			d := bound.Divergence.Value().Data()[k]
			sum := float64(r) + float64(d)
			out.Reconstruction, out.Divergence, squares = out.Reconstruction+float64(r), out.Divergence+float64(d), squares+sum*sum
			out.Pictures++
		}
	}
	if out.Pictures == 0 {
		return out, fmt.Errorf("draw: no pictures to measure a bound on")
	}
	n := float64(out.Pictures)
	out.Reconstruction, out.Divergence = out.Reconstruction/n, out.Divergence/n
	out.Bound = out.Reconstruction + out.Divergence
	out.StdErr = math.Sqrt(max(squares/n-out.Bound*out.Bound, 0) / max(n-1, 1))
	return out, nil
}
