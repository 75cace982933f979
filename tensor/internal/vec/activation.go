package vec

import "math"

// LeakyReLU sets dst[i] to x[i] where it is positive or NaN and to slope·x[i] elsewhere. With slope 0 it is ReLU, which
// is 0 for every negative number and for -Inf.
func LeakyReLU(dst, x []float32, slope float32) {
	leakyReLU(dst, same(x, len(dst)), slope, streams(dst, x))
}

func leakyReLU(dst, x []float32, slope float32, stream bool) {
	if slope == 0 {
		runReLU(dst, x, stream)
		return
	}
	runLeakyReLU(dst, x, slope, stream)
}

// LeakyReLUGrad sets dst[i] to g[i] where x[i] is positive or NaN and to slope·g[i] elsewhere, which is 0 for slope 0
// whatever g[i].
func LeakyReLUGrad(dst, x, g []float32, slope float32) {
	leakyReLUGrad(dst, same(x, len(dst)), same(g, len(dst)), slope, streams(dst, x, g))
}

func leakyReLUGrad(dst, x, g []float32, slope float32, stream bool) {
	if slope == 0 {
		runReLUGrad(dst, x, g, stream)
		return
	}
	runLeakyReLUGrad(dst, x, g, slope, stream)
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
	slope = t.repeat(slope, len(dst))
	runPReLU(dst, x, slope, streamsRows(slope, dst, x))
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
	slope = t.repeat(slope, len(dst))
	runPReLUGrad(dst, x, g, slope, streamsRows(slope, dst, x, g))
}

// PReLUGrads does [PReLUGrad] and, into sum, what [PReLUGradSlope] does, in one pass. A column of 64 or more is summed in
// the order of the rows. So are 64 columns of which each has one of 1, 2, 4, … 32 slopes, and then each slope's.
func PReLUGrads(dst []float32, sum []float64, x, g, slope []float32) {
	x, g, slope = same(x, len(dst)), same(g, len(dst)), same(slope, len(sum))
	clear(sum)
	c := len(slope)
	if c == 0 || c >= wideWidth || wideWidth%c != 0 || c == 1 && slope[0] == 0 {
		preluGrads(dst, sum, x, g, slope)
		return
	}
	var slopes [wideWidth]float32
	var sums [wideWidth]float64
	for i := range slopes {
		slopes[i] = slope[i%c]
	}
	preluGrads(dst, sums[:], x, g, slopes[:])
	for i, v := range sums {
		sum[i%c] += v
	}
}

func preluGrads(dst []float32, sum []float64, x, g, slope []float32) {
	c := len(slope)
	if hasWide() && c > 0 && c%wideWidth == 0 {
		stream := streams(dst, x, g)
		whole := len(dst) / c * c
		some := max(1, 1<<13/c)
		if c == wideWidth {
			some = whole
		}
		for at := 0; at < whole; at += some * c {
			rows := min(some, (whole-at)/c)
			for c0 := 0; c0 < c; c0 += wideWidth {
				from, to := at+c0, at+(rows-1)*c+c0+wideWidth
				runPReLUGrads(dst[from:to], sum[c0:], x[from:to], g[from:to], slope[c0:], rows, c, stream)
			}
		}
		dst, x, g = dst[whole:], x[whole:], g[whole:]
	}
	var t tile
	row := slope
	if c != 1 {
		row = t.repeat(slope, len(dst))
	}
	stream := streams(dst, x, g) && (len(row) == 1 || streamsRows(row, dst))
	piece := max(1, 1<<11/max(1, len(row))) * len(row)
	for len(dst) > 0 {
		n := min(piece, len(dst))
		addPReLUGradSlope(sum, x[:n], g[:n])
		if len(row) == 1 {
			leakyReLUGrad(dst[:n], x[:n], g[:n], row[0], stream)
		} else {
			runPReLUGrad(dst[:n], x[:n], g[:n], row, stream)
		}
		dst, x, g = dst[n:], x[n:], g[n:]
	}
}

// TanhGrad sets dst[i] = g[i]·(1−y[i]²), the derivative of tanh from its result y.
func TanhGrad(dst, y, g []float32) {
	runTanhGrad(dst, same(y, len(dst)), same(g, len(dst)), streams(dst, y, g))
}

// SigmoidGrad sets dst[i] = g[i]·y[i]·(1−y[i]), the derivative of the sigmoid from its result y.
func SigmoidGrad(dst, y, g []float32) {
	runSigmoidGrad(dst, same(y, len(dst)), same(g, len(dst)), streams(dst, y, g))
}

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
