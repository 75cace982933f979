// Package vec holds loops over contiguous float32 slices.
//
// The slices of a call must be at least as long as dst, or the call panics; dst may be one of the inputs, but must not
// overlap them otherwise. Nothing here is parallel: callers split the work.
package vec

import "math"

// Add sets dst[i] = a[i] + b[i].
func Add(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

// Sub sets dst[i] = a[i] - b[i].
func Sub(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

// Mul sets dst[i] = a[i] · b[i].
func Mul(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

// Div sets dst[i] = a[i] / b[i].
func Div(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

// Max sets dst[i] to the larger of a[i] and b[i], NaN if either is.
func Max(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
}

// Min sets dst[i] to the smaller of a[i] and b[i], NaN if either is.
func Min(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
}

// Affine sets dst[i] = scale·x[i] + shift.
func Affine(dst, x []float32, scale, shift float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = scale*x[i] + shift
	}
}

// AddScaled sets dst[i] += alpha·x[i].
func AddScaled(dst, x []float32, alpha float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += alpha * x[i]
	}
}

// Clamp sets dst[i] to x[i] limited to [lo, hi]; NaN stays NaN.
func Clamp(dst, x []float32, lo, hi float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = min(max(x[i], lo), hi)
	}
}

// Abs sets dst[i] = |x[i]|.
func Abs(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.Float32frombits(math.Float32bits(x[i]) &^ (1 << 31))
	}
}

// Sign sets dst[i] to -1, 0 or 1 as x[i] is negative, zero or positive; NaN stays NaN.
func Sign(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		switch {
		case v > 0:
			dst[i] = 1
		case v < 0:
			dst[i] = -1
		case v == 0:
			dst[i] = 0
		default:
			dst[i] = v
		}
	}
}

// Square sets dst[i] = x[i]².
func Square(dst, x []float32) { Mul(dst, x, x) }

// Sqrt sets dst[i] = √x[i].
func Sqrt(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = float32(math.Sqrt(float64(x[i])))
	}
}

// Exp sets dst[i] = e^x[i].
func Exp(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = float32(math.Exp(float64(x[i])))
	}
}

// Log sets dst[i] = ln x[i].
func Log(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = float32(math.Log(float64(x[i])))
	}
}

// Tanh sets dst[i] = tanh x[i].
func Tanh(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = float32(math.Tanh(float64(x[i])))
	}
}

// TanhGrad sets dst[i] = g[i]·(1−y[i]²), the derivative of tanh from its result y.
func TanhGrad(dst, y, g []float32) {
	y, g = y[:len(dst)], g[:len(dst)]
	for i := range dst {
		dst[i] = g[i] * (1 - y[i]*y[i])
	}
}

// Sigmoid sets dst[i] = 1/(1+e^−x[i]).
func Sigmoid(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = float32(1 / (1 + math.Exp(-float64(x[i]))))
	}
}

// SigmoidGrad sets dst[i] = g[i]·y[i]·(1−y[i]), the derivative of the sigmoid from its result y.
func SigmoidGrad(dst, y, g []float32) {
	y, g = y[:len(dst)], g[:len(dst)]
	for i := range dst {
		dst[i] = g[i] * y[i] * (1 - y[i])
	}
}

// Softplus sets dst[i] = ln(1+e^x[i]) without overflow.
func Softplus(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		v := float64(x[i])
		dst[i] = float32(max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))))
	}
}

// LeakyReLU sets dst[i] to x[i] where it is positive or NaN and to slope·x[i] elsewhere. With slope 0 it is ReLU.
func LeakyReLU(dst, x []float32, slope float32) {
	x = x[:len(dst)]
	for i, v := range x {
		if v <= 0 {
			v *= slope
		}
		dst[i] = v
	}
}

// LeakyReLUGrad sets dst[i] to g[i] where x[i] is positive or NaN and to slope·g[i] elsewhere.
func LeakyReLUGrad(dst, x, g []float32, slope float32) {
	x, g = x[:len(dst)], g[:len(dst)]
	for i, v := range x {
		d := g[i]
		if v <= 0 {
			d *= slope
		}
		dst[i] = d
	}
}

// Sum returns Σ x[i], summed in float64 in a fixed order.
func Sum(x []float32) float64 {
	var s [4]float64
	for len(x) >= 4 {
		s[0] += float64(x[0])
		s[1] += float64(x[1])
		s[2] += float64(x[2])
		s[3] += float64(x[3])
		x = x[4:]
	}
	for i, v := range x {
		s[i] += float64(v)
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

// Dot returns Σ a[i]·b[i], summed in float64 in a fixed order.
func Dot(a, b []float32) float64 {
	b = b[:len(a)]
	var s [2]float64
	for len(a) >= 2 {
		s[0] += float64(a[0]) * float64(b[0])
		s[1] += float64(a[1]) * float64(b[1])
		a, b = a[2:], b[2:]
	}
	for i, v := range a {
		s[i] += float64(v) * float64(b[i])
	}
	return s[0] + s[1]
}

// AddTo64 sets sum[i] += x[i].
func AddTo64(sum []float64, x []float32) {
	x = x[:len(sum)]
	for i, v := range x {
		sum[i] += float64(v)
	}
}

// Step sets dst[i] to 1 where x[i] ≥ 0, to 0 where it is negative, and to NaN where it is NaN.
func Step(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		switch {
		case v >= 0:
			dst[i] = 1
		case v < 0:
			dst[i] = 0
		default:
			dst[i] = v
		}
	}
}

// PReLU sets dst[i] to x[i] where it is positive or NaN and to slope·x[i] elsewhere, with the slopes repeating.
func PReLU(dst, x, slope []float32) {
	if len(slope) == 1 {
		LeakyReLU(dst, x, slope[0])
		return
	}
	x = x[:len(dst)]
	for len(dst) > 0 {
		for c, s := range slope[:min(len(slope), len(dst))] {
			v := x[c]
			if v <= 0 {
				v *= s
			}
			dst[c] = v
		}
		n := min(len(slope), len(dst))
		dst, x = dst[n:], x[n:]
	}
}

// PReLUGrad sets dst[i] to g[i] where x[i] is positive or NaN and to slope·g[i] elsewhere, with the slopes repeating.
func PReLUGrad(dst, x, g, slope []float32) {
	if len(slope) == 1 {
		LeakyReLUGrad(dst, x, g, slope[0])
		return
	}
	x, g = x[:len(dst)], g[:len(dst)]
	for len(dst) > 0 {
		n := min(len(slope), len(dst))
		for c, s := range slope[:n] {
			d := g[c]
			if x[c] <= 0 {
				d *= s
			}
			dst[c] = d
		}
		dst, x, g = dst[n:], x[n:], g[n:]
	}
}

// PReLUGradSlope sets sum[c] to the sum of g[i]·x[i] over i ≡ c (mod len(sum)) where x[i] is not positive.
func PReLUGradSlope(sum []float64, x, g []float32) {
	clear(sum)
	g = g[:len(x)]
	for i, c := 0, 0; i < len(x); i++ {
		if !(x[i] > 0) {
			sum[c] += float64(g[i]) * float64(x[i])
		}
		if c++; c == len(sum) {
			c = 0
		}
	}
}
