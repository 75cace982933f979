package tensor

import (
	"math"
	"sync/atomic"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/vec"
)

// Affine returns scale·x + shift.
func Affine(x *Tensor, scale, shift float32) *Tensor {
	y := New(x.shape...)
	AffineInto(y, x, scale, shift)
	return y
}

// AffineInto sets dst = scale·x + shift.
func AffineInto(dst, x *Tensor, scale, shift float32) {
	each("tensor.AffineInto", dst, x, func(d, x []float32) { vec.Affine(d, x, scale, shift) })
}

// AddScaledInto sets dst += alpha·x. It panics unless the shapes are equal.
func AddScaledInto(dst, x *Tensor, alpha float32) {
	each("tensor.AddScaledInto", dst, x, func(d, x []float32) { vec.AddScaled(d, x, alpha) })
}

// Clamp returns x limited to [lo, hi]. NaN stays NaN.
func Clamp(x *Tensor, lo, hi float32) *Tensor {
	y := New(x.shape...)
	ClampInto(y, x, lo, hi)
	return y
}

// ClampInto sets dst to x limited to [lo, hi].
func ClampInto(dst, x *Tensor, lo, hi float32) {
	each("tensor.ClampInto", dst, x, func(d, x []float32) { vec.Clamp(d, x, lo, hi) })
}

// Abs returns |x|.
func Abs(x *Tensor) *Tensor { return mapped("tensor.Abs", x, vec.Abs) }

// AbsInto sets dst = |x|.
func AbsInto(dst, x *Tensor) { each("tensor.AbsInto", dst, x, vec.Abs) }

// Sign returns -1, 0 or 1 as x is negative, zero or positive.
func Sign(x *Tensor) *Tensor { return mapped("tensor.Sign", x, vec.Sign) }

// SignInto sets dst to the sign of x.
func SignInto(dst, x *Tensor) { each("tensor.SignInto", dst, x, vec.Sign) }

// StepInto sets dst to 1 where x ≥ 0 and to 0 where x < 0.
func StepInto(dst, x *Tensor) { each("tensor.StepInto", dst, x, vec.Step) }

// Square returns x².
func Square(x *Tensor) *Tensor { return mapped("tensor.Square", x, vec.Square) }

// SquareInto sets dst = x².
func SquareInto(dst, x *Tensor) { each("tensor.SquareInto", dst, x, vec.Square) }

// Sqrt returns √x, NaN where x is negative.
func Sqrt(x *Tensor) *Tensor { return mapped("tensor.Sqrt", x, vec.Sqrt) }

// SqrtInto sets dst = √x.
func SqrtInto(dst, x *Tensor) { each("tensor.SqrtInto", dst, x, vec.Sqrt) }

// Exp returns eˣ.
func Exp(x *Tensor) *Tensor { return mapped("tensor.Exp", x, vec.Exp) }

// ExpInto sets dst = eˣ.
func ExpInto(dst, x *Tensor) { each("tensor.ExpInto", dst, x, vec.Exp) }

// Log returns the natural logarithm of x.
func Log(x *Tensor) *Tensor { return mapped("tensor.Log", x, vec.Log) }

// LogInto sets dst = ln x.
func LogInto(dst, x *Tensor) { each("tensor.LogInto", dst, x, vec.Log) }

// Pow returns xᵖ, as math.Pow defines it.
func Pow(x *Tensor, p float64) *Tensor {
	y := New(x.shape...)
	PowInto(y, x, p)
	return y
}

// PowInto sets dst = xᵖ.
func PowInto(dst, x *Tensor, p float64) {
	each("tensor.PowInto", dst, x, func(d, x []float32) {
		for i, v := range x {
			d[i] = float32(math.Pow(float64(v), p))
		}
	})
}

// MapInto sets dst[i] = f(x[i]) for a function without a kernel of its own.
func MapInto(dst, x *Tensor, f func(float64) float64) {
	each("tensor.MapInto", dst, x, func(d, x []float32) {
		for i, v := range x {
			d[i] = float32(f(float64(v)))
		}
	})
}

// AllFinite reports whether x holds neither NaN nor an infinity.
func AllFinite(x *Tensor) bool {
	var bad atomic.Bool
	par.For(len(x.data), chunk, func(lo, hi int) {
		if !vec.AllFinite(x.data[lo:hi]) {
			bad.Store(true)
		}
	})
	return !bad.Load()
}

func mapped(op string, x *Tensor, f func(dst, x []float32)) *Tensor {
	y := New(x.shape...)
	each(op, y, x, f)
	return y
}

// each runs an elementwise kernel in parallel.
func each(op string, dst, x *Tensor, f func(dst, x []float32)) {
	wantShape(op, dst, x.shape)
	par.For(len(dst.data), blockOf(len(dst.data)), func(lo, hi int) { f(dst.data[lo:hi], x.data[lo:hi]) })
}

// each2 runs an elementwise kernel of two equally shaped arguments in parallel.
func each2(op string, dst, a, b *Tensor, f func(dst, a, b []float32)) {
	wantShape(op, dst, a.shape)
	wantShape(op, dst, b.shape)
	par.For(len(dst.data), blockOf(len(dst.data)), func(lo, hi int) { f(dst.data[lo:hi], a.data[lo:hi], b.data[lo:hi]) })
}
