//go:build (!amd64 && !arm64) || noasm

package vec

func runSums(b *block, x []float32, rows, stride, n int) { portableSums(b, x, rows, stride, n) }

func runDots(b *block, x, g []float32, rows, stride, n int) { portableDots(b, x, g, rows, stride, n) }

func runDotsWhereNegative(b *block, x, g []float32, rows, stride, n int) {
	portableDotsWhereNegative(b, x, g, rows, stride, n)
}

func runMoments(b *block, x, first []float32, rows, stride, n int) {
	portableMoments(b, x, first, rows, stride, n)
}

func runCentredDots(b *block, x, g, mean []float32, rows, stride, n int) {
	portableCentredDots(b, x, g, mean, rows, stride, n)
}

func runExtremes(f *found, x []float32) { portableExtremes(f, x) }

func runFromBytes(dst []float32, x []uint8, scale, shift float32) {
	portableFromBytes(dst, x, scale, shift)
}

func runToBytes(dst []uint8, x []float32, scale, shift float32) {
	portableToBytes(dst, x, scale, shift)
}
