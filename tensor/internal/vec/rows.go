package vec

// The functions of this file take rows that repeat: element i of dst goes with element i mod len(row) of each.

// AddRow sets dst[i] = x[i] + row[i mod len(row)].
func AddRow(dst, x, row []float32) {
	x = same(x, len(dst))
	var t tile
	row = t.repeat(row, len(dst))
	for len(dst) > 0 {
		n := min(len(row), len(dst))
		runAdd(dst[:n], x[:n], row[:n], false)
		dst, x = dst[n:], x[n:]
	}
}

// MulRow sets dst[i] = x[i] · row[i mod len(row)].
func MulRow(dst, x, row []float32) {
	x = same(x, len(dst))
	var t tile
	row = t.repeat(row, len(dst))
	for len(dst) > 0 {
		n := min(len(row), len(dst))
		runMul(dst[:n], x[:n], row[:n], false)
		dst, x = dst[n:], x[n:]
	}
}

// ScaleShift sets dst[i] = x[i]·scale + shift, with scales and shifts that repeat.
func ScaleShift(dst, x, scale, shift []float32) {
	x, shift = same(x, len(dst)), same(shift, len(scale))
	var t [2]tile
	scale, shift = t[0].repeat(scale, len(dst)), t[1].repeat(shift, len(dst))
	runScaleShift(dst, x, scale, shift, streamsRows(scale, dst, x))
}

// ScaleShiftLeaky is [ScaleShift] followed by [LeakyReLU].
func ScaleShiftLeaky(dst, x, scale, shift []float32, slope float32) {
	x, shift = same(x, len(dst)), same(shift, len(scale))
	var t [2]tile
	scale, shift = t[0].repeat(scale, len(dst)), t[1].repeat(shift, len(dst))
	stream := streamsRows(scale, dst, x)
	if slope == 0 { // not a product: 0·Inf is no zero
		runScaleShiftReLU(dst, x, scale, shift, stream)
		return
	}
	runScaleShiftLeaky(dst, x, scale, shift, slope, stream)
}

// ScaleShiftPReLU is [ScaleShift] followed by [PReLU]; slope has one element or as many as scale.
func ScaleShiftPReLU(dst, x, scale, shift, slope []float32) {
	if len(slope) == 1 {
		ScaleShiftLeaky(dst, x, scale, shift, slope[0])
		return
	}
	x, shift, slope = same(x, len(dst)), same(shift, len(scale)), same(slope, len(scale))
	var t [3]tile
	scale, shift, slope = t[0].repeat(scale, len(dst)), t[1].repeat(shift, len(dst)), t[2].repeat(slope, len(dst))
	runScaleShiftPReLU(dst, x, scale, shift, slope, streamsRows(scale, dst, x))
}

// Norm sets dst[i] = (x[i]−mean)·scale + shift, with means, scales and shifts that repeat.
func Norm(dst, x, mean, scale, shift []float32) {
	x, scale, shift = same(x, len(dst)), same(scale, len(mean)), same(shift, len(mean))
	var t [3]tile
	mean, scale, shift = t[0].repeat(mean, len(dst)), t[1].repeat(scale, len(dst)), t[2].repeat(shift, len(dst))
	runNorm(dst, x, mean, scale, shift, streamsRows(mean, dst, x))
}

// NormLeaky is [Norm] followed by [LeakyReLU].
func NormLeaky(dst, x, mean, scale, shift []float32, slope float32) {
	x, scale, shift = same(x, len(dst)), same(scale, len(mean)), same(shift, len(mean))
	var t [3]tile
	mean, scale, shift = t[0].repeat(mean, len(dst)), t[1].repeat(scale, len(dst)), t[2].repeat(shift, len(dst))
	stream := streamsRows(mean, dst, x)
	if slope == 0 { // not a product: 0·Inf is no zero
		runNormReLU(dst, x, mean, scale, shift, stream)
		return
	}
	runNormLeaky(dst, x, mean, scale, shift, slope, stream)
}

// NormPReLU is [Norm] followed by [PReLU]; slope has one element or as many as mean.
func NormPReLU(dst, x, mean, scale, shift, slope []float32) {
	if len(slope) == 1 {
		NormLeaky(dst, x, mean, scale, shift, slope[0])
		return
	}
	c := len(mean)
	x, scale, shift, slope = same(x, len(dst)), same(scale, c), same(shift, c), same(slope, c)
	var t [4]tile
	mean, scale = t[0].repeat(mean, len(dst)), t[1].repeat(scale, len(dst))
	shift, slope = t[2].repeat(shift, len(dst)), t[3].repeat(slope, len(dst))
	runNormPReLU(dst, x, mean, scale, shift, slope, streamsRows(mean, dst, x))
}

// NormGrad sets dst[i] = a·((g[i]−b) − (x[i]−mean)·d), with means and coefficients that repeat.
func NormGrad(dst, x, g, mean, a, b, d []float32) {
	c := len(mean)
	x, g, a, b, d = same(x, len(dst)), same(g, len(dst)), same(a, c), same(b, c), same(d, c)
	var t [4]tile
	mean, a = t[0].repeat(mean, len(dst)), t[1].repeat(a, len(dst))
	b, d = t[2].repeat(b, len(dst)), t[3].repeat(d, len(dst))
	runNormGrad(dst, x, g, mean, a, b, d, streamsRows(mean, dst, x, g))
}

// Combine sets dst[i] = a·g[i] + b·x[i] + d, with coefficients that repeat.
func Combine(dst, x, g, a, b, d []float32) {
	c := len(a)
	x, g, b, d = same(x, len(dst)), same(g, len(dst)), same(b, c), same(d, c)
	var t [3]tile
	a, b, d = t[0].repeat(a, len(dst)), t[1].repeat(b, len(dst)), t[2].repeat(d, len(dst))
	runCombine(dst, x, g, a, b, d, streamsRows(a, dst, x, g))
}
