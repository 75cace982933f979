package vec

import "math"

// Add sets dst[i] = a[i] + b[i].
func Add(dst, a, b []float32) {
	runAdd(dst, same(a, len(dst)), same(b, len(dst)), streams(dst, a, b))
}

// Sub sets dst[i] = a[i] - b[i].
func Sub(dst, a, b []float32) {
	runSub(dst, same(a, len(dst)), same(b, len(dst)), streams(dst, a, b))
}

// Mul sets dst[i] = a[i] · b[i].
func Mul(dst, a, b []float32) {
	runMul(dst, same(a, len(dst)), same(b, len(dst)), streams(dst, a, b))
}

// Div sets dst[i] = a[i] / b[i].
func Div(dst, a, b []float32) { runDiv(dst, same(a, len(dst)), same(b, len(dst))) }

// Max sets dst[i] to the larger of a[i] and b[i], NaN if either is. 0 is larger than -0.
func Max(dst, a, b []float32) { runMax(dst, same(a, len(dst)), same(b, len(dst))) }

// Min sets dst[i] to the smaller of a[i] and b[i], NaN if either is. -0 is smaller than 0.
func Min(dst, a, b []float32) { runMin(dst, same(a, len(dst)), same(b, len(dst))) }

// Affine sets dst[i] = scale·x[i] + shift.
func Affine(dst, x []float32, scale, shift float32) {
	runAffine(dst, same(x, len(dst)), scale, shift, streams(dst, x))
}

// AddScaled sets dst[i] += alpha·x[i].
func AddScaled(dst, x []float32, alpha float32) { runAddScaled(dst, same(x, len(dst)), alpha) }

// Lerp sets dst[i] += rate·(x[i]−dst[i]).
func Lerp(dst, x []float32, rate float32) { runLerp(dst, same(x, len(dst)), rate) }

// Clamp sets dst[i] to x[i] limited to [lo, hi]; NaN stays NaN.
func Clamp(dst, x []float32, lo, hi float32) { runClamp(dst, same(x, len(dst)), lo, hi) }

// Abs sets dst[i] = |x[i]|.
func Abs(dst, x []float32) { runAbs(dst, same(x, len(dst))) }

// Sign sets dst[i] to -1, 0 or 1 as x[i] is negative, zero or positive; NaN stays NaN.
func Sign(dst, x []float32) { runSign(dst, same(x, len(dst))) }

// Step sets dst[i] to 1 where x[i] ≥ 0, to 0 where it is negative, and to NaN where it is NaN.
func Step(dst, x []float32) { runStep(dst, same(x, len(dst))) }

// Square sets dst[i] = x[i]².
func Square(dst, x []float32) { Mul(dst, x, x) }

// Sqrt sets dst[i] = √x[i], rounded correctly; NaN where x[i] is negative.
func Sqrt(dst, x []float32) { runSqrt(dst, same(x, len(dst))) }

func portableAdd(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func portableSub(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func portableMul(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func portableDiv(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

func portableMax(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = max(a[i], b[i])
	}
}

func portableMin(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = min(a[i], b[i])
	}
}

// A product is converted to float32 wherever a sum follows: the conversion forbids the compiler to fuse the two.

func portableAffine(dst, x []float32, scale, shift float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = float32(scale*x[i]) + shift
	}
}

func portableAddScaled(dst, x []float32, alpha float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] += float32(alpha * x[i])
	}
}

func portableLerp(dst, x []float32, rate float32) {
	x = x[:len(dst)]
	for i, v := range dst {
		dst[i] = v + float32(rate*(x[i]-v))
	}
}

func portableClamp(dst, x []float32, lo, hi float32) {
	x = x[:len(dst)]
	for i, v := range x {
		if v < lo {
			v = lo
		}
		if v > hi {
			v = hi
		}
		dst[i] = v
	}
}

func portableAbs(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = math.Float32frombits(math.Float32bits(x[i]) &^ signBit)
	}
}

func portableSign(dst, x []float32) {
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

func portableStep(dst, x []float32) {
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

func portableSqrt(dst, x []float32) {
	x = x[:len(dst)]
	for i := range dst {
		dst[i] = sqrt(x[i])
	}
}

// sqrt is exact: the root of a float32 rounded to float64 and then to float32 is as if rounded once.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
