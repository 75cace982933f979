//go:build unix

package conv

import (
	"testing"

	"github.com/gander-ml/gander/tensor/internal/fence"
)

// Nothing beyond the operands is read: what is there cannot be.
func TestStaysWithinItsOperands(t *testing.T) {
	levels(t, func(t *testing.T) {
		for _, s := range cases {
			ny, nx, nw := s.sizes()
			for _, after := range []bool{false, true} {
				y, x, w := fence.Floats(t, ny, after), fence.Floats(t, nx, after), fence.Floats(t, nw, after)
				Forward(y, x, w, &s)
				GradInput(x, y, w, &s)
				GradWeight(w, x, y, &s)
				bias, slopes, residual := fence.Floats(t, s.Cout, after), fence.Floats(t, s.Cout, after), fence.Floats(t, ny, after)
				for act := None; act <= Slope; act++ {
					ForwardFused(y, x, w, &s, &Epilogue{Bias: bias, Residual: residual, Act: act, Slopes: slopes})
				}
			}
		}
	})
}
