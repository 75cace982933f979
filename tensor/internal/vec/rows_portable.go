package vec

func portableScaleShift(dst, x, scale, shift []float32) {
	x, scale, shift = x[:len(dst)], scale[:len(dst)], shift[:len(dst)]
	for i, v := range x {
		dst[i] = float32(v*scale[i]) + shift[i]
	}
}

func portableScaleShiftReLU(dst, x, scale, shift []float32) {
	portableScaleShift(dst, x, scale, shift)
	portableReLU(dst, dst)
}

func portableScaleShiftLeaky(dst, x, scale, shift []float32, slope float32) {
	x, scale, shift = x[:len(dst)], scale[:len(dst)], shift[:len(dst)]
	for i, v := range x {
		v = float32(v*scale[i]) + shift[i]
		dst[i] = leaky(v, v, slope)
	}
}

func portableScaleShiftPReLU(dst, x, scale, shift, slope []float32) {
	x, scale, shift, slope = x[:len(dst)], scale[:len(dst)], shift[:len(dst)], slope[:len(dst)]
	for i, v := range x {
		v = float32(v*scale[i]) + shift[i]
		dst[i] = leaky(v, v, slope[i])
	}
}

func portableNorm(dst, x, mean, scale, shift []float32) {
	x, mean, scale, shift = x[:len(dst)], mean[:len(dst)], scale[:len(dst)], shift[:len(dst)]
	for i, v := range x {
		dst[i] = float32((v-mean[i])*scale[i]) + shift[i]
	}
}

func portableNormAdd(dst, x, skip, mean, scale, shift []float32) {
	x, skip, mean, scale, shift = x[:len(dst)], skip[:len(dst)], mean[:len(dst)], scale[:len(dst)], shift[:len(dst)]
	for i, v := range x {
		dst[i] = float32((v-mean[i])*scale[i]) + shift[i] + skip[i]
	}
}

func portableNormReLU(dst, x, mean, scale, shift []float32) {
	portableNorm(dst, x, mean, scale, shift)
	portableReLU(dst, dst)
}

func portableNormLeaky(dst, x, mean, scale, shift []float32, slope float32) {
	x, mean, scale, shift = x[:len(dst)], mean[:len(dst)], scale[:len(dst)], shift[:len(dst)]
	for i, v := range x {
		v = float32((v-mean[i])*scale[i]) + shift[i]
		dst[i] = leaky(v, v, slope)
	}
}

func portableNormPReLU(dst, x, mean, scale, shift, slope []float32) {
	x, mean, scale = x[:len(dst)], mean[:len(dst)], scale[:len(dst)]
	shift, slope = shift[:len(dst)], slope[:len(dst)]
	for i, v := range x {
		v = float32((v-mean[i])*scale[i]) + shift[i]
		dst[i] = leaky(v, v, slope[i])
	}
}

func portableNormGrad(dst, x, g, mean, a, b, d []float32) {
	x, g, mean = x[:len(dst)], g[:len(dst)], mean[:len(dst)]
	a, b, d = a[:len(dst)], b[:len(dst)], d[:len(dst)]
	for i, v := range x {
		dst[i] = a[i] * ((g[i] - b[i]) - float32((v-mean[i])*d[i]))
	}
}

func portableCombine(dst, x, g, a, b, d []float32) {
	x, g = x[:len(dst)], g[:len(dst)]
	a, b, d = a[:len(dst)], b[:len(dst)], d[:len(dst)]
	for i, v := range x {
		dst[i] = float32(g[i]*a[i]) + float32(v*b[i]) + d[i]
	}
}
