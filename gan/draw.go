package gan

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// drawn is how many samples are generated at once.
const drawn = 64

// Draw returns what a trained generator makes of latents z under conditions y, which may be nil, with N examples each. It
// runs in inference mode, in parts, so that memory stays bounded and no sample depends on another.
func Draw(generator any, z, y *tensor.Tensor) *tensor.Tensor {
	n := z.Dim(0)
	if y != nil && y.Dim(0) != n {
		panic(fmt.Sprintf("gan.Draw: %d latents and %d conditions", n, y.Dim(0)))
	}
	var out *tensor.Tensor
	for lo := 0; lo < n; lo += drawn {
		hi := min(lo+drawn, n)
		var given *autograd.Var
		if y != nil {
			given = autograd.Const(y.Rows(lo, hi))
		}
		part := Paint(generator, autograd.Const(z.Rows(lo, hi)), given, nil).Value()
		if out == nil {
			out = tensor.New(append([]int{n}, part.Shape()[1:]...)...)
		}
		out.Rows(lo, hi).CopyFrom(part)
	}
	return out
}

// Lerp returns n points on the straight line from a to b, both included, stacked along a new first axis. n is at least 2.
func Lerp(a, b *tensor.Tensor, n int) *tensor.Tensor {
	return between("gan.Lerp", a, b, n, func(t float64) (float64, float64) { return 1 - t, t })
}

// Slerp returns n points on the great circle from a to b, both included, stacked along a new first axis. Between samples of a
// normal distribution it keeps their length, where the middle of a straight line is too short. White 2016. n is at least 2.
func Slerp(a, b *tensor.Tensor, n int) *tensor.Tensor {
	cos := 0.0
	if l := tensor.Norm(a) * tensor.Norm(b); l > 0 {
		cos = min(1, max(-1, tensor.Dot(a, b)/l))
	}
	angle := math.Acos(cos)
	sin := math.Sin(angle)
	return between("gan.Slerp", a, b, n, func(t float64) (float64, float64) {
		// Near 0 and π the circle is a line or is not defined.
		if sin < 1e-6 {
			return 1 - t, t
		}
		return math.Sin((1-t)*angle) / sin, math.Sin(t*angle) / sin
	})
}

func between(op string, a, b *tensor.Tensor, n int, weights func(t float64) (float64, float64)) *tensor.Tensor {
	if n < 2 || !tensor.SameShape(a, b) {
		panic(fmt.Sprintf("%s: want at least 2 points between equal shapes, got %d between %s and %s", op, n,
			tensor.Format(a.Shape()), tensor.Format(b.Shape())))
	}
	out := tensor.New(append([]int{n}, a.Shape()...)...)
	for i := range n {
		wa, wb := weights(float64(i) / float64(n-1))
		row := out.Rows(i, i+1).Reshape(a.Shape()...)
		tensor.AffineInto(row, a, float32(wa), 0)
		tensor.AddScaledInto(row, b, float32(wb))
	}
	return out
}
