package vec

import "math"

// LeakyReLU sets dst[i] to x[i] where it is positive or NaN and to slope·x[i] elsewhere. With slope 0 it is ReLU, which
// is 0 for every negative number and for -Inf.
func LeakyReLU(dst, x []float32, slope float32) {
	if slope == 0 {
		runReLU(dst, same(x, len(dst)))
		return
	}
	runLeakyReLU(dst, same(x, len(dst)), slope)
}

// LeakyReLUGrad sets dst[i] to g[i] where x[i] is positive or NaN and to slope·g[i] elsewhere, which is 0 for slope 0
// whatever g[i].
func LeakyReLUGrad(dst, x, g []float32, slope float32) {
	if slope == 0 {
		runReLUGrad(dst, same(x, len(dst)), same(g, len(dst)))
		return
	}
	runLeakyReLUGrad(dst, same(x, len(dst)), same(g, len(dst)), slope)
}

// PReLU sets dst[i] to x[i] where it is positive or NaN and to slope·x[i] elsewhere, with the slopes repeating. A single
// slope is that of [LeakyReLU].
func PReLU(dst, x, slope []float32) {
	x = same(x, len(dst))
	if len(slope) == 1 {
		LeakyReLU(dst, x, slope[0])
		return
	}
	var t tile
	row := t.repeat(slope, len(dst))
	for len(dst) > 0 {
		n := min(len(row), len(dst))
		runPReLU(dst[:n], x[:n], row[:n])
		dst, x = dst[n:], x[n:]
	}
}

// PReLUGrad sets dst[i] to g[i] where x[i] is positive or NaN and to slope·g[i] elsewhere, with the slopes repeating. A
// single slope is that of [LeakyReLUGrad].
func PReLUGrad(dst, x, g, slope []float32) {
	x, g = same(x, len(dst)), same(g, len(dst))
	if len(slope) == 1 {
		LeakyReLUGrad(dst, x, g, slope[0])
		return
	}
	var t tile
	row := t.repeat(slope, len(dst))
	for len(dst) > 0 {
		n := min(len(row), len(dst))
		runPReLUGrad(dst[:n], x[:n], g[:n], row[:n])
		dst, x, g = dst[n:], x[n:], g[n:]
	}
}

// TanhGrad sets dst[i] = g[i]·(1−y[i]²), the derivative of tanh from its result y.
func TanhGrad(dst, y, g []float32) { runTanhGrad(dst, same(y, len(dst)), same(g, len(dst))) }

// SigmoidGrad sets dst[i] = g[i]·y[i]·(1−y[i]), the derivative of the sigmoid from its result y.
func SigmoidGrad(dst, y, g []float32) { runSigmoidGrad(dst, same(y, len(dst)), same(g, len(dst))) }

func portableReLU(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		b := math.Float32bits(v)
		if v < 0 {
			b = 0
		}
		dst[i] = math.Float32frombits(b)
	}
}

func portableReLUGrad(dst, x, g []float32) {
	x, g = x[:len(dst)], g[:len(dst)]
	for i, v := range x {
		b := math.Float32bits(g[i])
		if v <= 0 {
			b = 0
		}
		dst[i] = math.Float32frombits(b)
	}
}

// leaky is slope·v where x ≤ 0, and v elsewhere. The choice between integers compiles to a conditional move, where one
// between floats is a branch that signs at random mispredict.
func leaky(x, v, slope float32) float32 {
	b, s := math.Float32bits(v), math.Float32bits(v*slope)
	if x <= 0 {
		b = s
	}
	return math.Float32frombits(b)
}

func portableLeakyReLU(dst, x []float32, slope float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = leaky(v, v, slope)
	}
}

func portableLeakyReLUGrad(dst, x, g []float32, slope float32) {
	x, g = x[:len(dst)], g[:len(dst)]
	for i, v := range x {
		dst[i] = leaky(v, g[i], slope)
	}
}

func portablePReLU(dst, x, slope []float32) {
	x, slope = x[:len(dst)], slope[:len(dst)]
	for i, v := range x {
		dst[i] = leaky(v, v, slope[i])
	}
}

func portablePReLUGrad(dst, x, g, slope []float32) {
	x, g, slope = x[:len(dst)], g[:len(dst)], slope[:len(dst)]
	for i, v := range x {
		dst[i] = leaky(v, g[i], slope[i])
	}
}

func portableTanhGrad(dst, y, g []float32) {
	y, g = y[:len(dst)], g[:len(dst)]
	for i, v := range y {
		dst[i] = g[i] * (1 - float32(v*v))
	}
}

func portableSigmoidGrad(dst, y, g []float32) {
	y, g = y[:len(dst)], g[:len(dst)]
	for i, v := range y {
		dst[i] = float32(g[i]*v) * (1 - v)
	}
}
