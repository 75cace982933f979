package optim

import (
	"math"

	"github.com/gander-ml/gander/tensor"
)

// Clip limits gradients before a step. Limits that are 0 are not applied; the others are, in the order of the fields.
type Clip struct {
	Value      float64 // of each element: to [-Value, Value]
	TensorNorm float64 // Euclidean norm of each parameter's gradient
	Norm       float64 // Euclidean norm of all gradients together
}

// Apply limits the gradients in place. It returns the Euclidean norm of all of them together as it was before, which is
// NaN or infinite if and only if an element is.
func (c Clip) Apply(grads []*tensor.Tensor) (norm float64) {
	norms := make([]float64, len(grads))
	measure := func() float64 {
		sum := 0.0
		for i, g := range grads {
			square := tensor.Dot(g, g)
			norms[i] = math.Sqrt(square)
			sum += square
		}
		return math.Sqrt(sum)
	}
	norm = measure()
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm
	}
	now := norm
	if c.Value > 0 {
		for _, g := range grads {
			tensor.ClampInto(g, g, float32(-c.Value), float32(c.Value))
		}
		now = measure()
	}
	if c.TensorNorm > 0 {
		for i, g := range grads {
			if norms[i] > c.TensorNorm {
				tensor.AffineInto(g, g, float32(c.TensorNorm/norms[i]), 0)
			}
		}
		now = measure()
	}
	if c.Norm > 0 && now > c.Norm {
		for _, g := range grads {
			tensor.AffineInto(g, g, float32(c.Norm/now), 0)
		}
	}
	return norm
}
