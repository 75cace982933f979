package tensortest

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

// Adjoint fails the test unless ⟨f(x), y⟩ = ⟨x, adjoint(y)⟩ for random x and y of the given shapes, up to tol times the
// product of the norms.
func Adjoint(t T, rng *rand.Rand, in, out []int, f, adjoint func(dst, x *tensor.Tensor), tol float64) {
	t.Helper()
	x, y := tensor.RandN(rng, in...), tensor.RandN(rng, out...)
	fx, ay := NewGuarded(1, out...), NewGuarded(3, in...)
	f(fx.Tensor, x)
	adjoint(ay.Tensor, y)
	fx.Check(t)
	ay.Check(t)
	left, right := tensor.Dot(fx.Tensor, y), tensor.Dot(x, ay.Tensor)
	limit := tol * (tensor.Norm(fx.Tensor)*tensor.Norm(y) + tensor.Norm(x)*tensor.Norm(ay.Tensor))
	if d := left - right; !(d <= limit && -d <= limit) {
		t.Fatalf("⟨f(x), y⟩ = %.9g but ⟨x, adjoint(y)⟩ = %.9g, tolerance %.3g", left, right, limit)
	}
}
