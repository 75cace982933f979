//go:build !noasm

package vec

import (
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// halfWidth is the number of columns that the kernels of AVX2 take.
const halfWidth = width / 2

func runSums(b *block, x []float32, rows, stride, n int) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512Sums(&b[0][0], unsafe.SliceData(x), rows, stride, n)
	case cpu.AVX2:
		for c := 0; c < n; c += halfWidth {
			avx2Sums(&b[0][c], &x[c], rows, stride, min(n-c, halfWidth))
		}
	default:
		portableSums(b, x, rows, stride, n)
	}
}

func runDots(b *block, x, g []float32, rows, stride, n int) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512Dots(&b[0][0], unsafe.SliceData(x), unsafe.SliceData(g), rows, stride, n)
	case cpu.AVX2:
		for c := 0; c < n; c += halfWidth {
			avx2Dots(&b[0][c], &x[c], &g[c], rows, stride, min(n-c, halfWidth))
		}
	default:
		portableDots(b, x, g, rows, stride, n)
	}
}

func runDotsWhereNegative(b *block, x, g []float32, rows, stride, n int) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512DotsWhereNegative(&b[0][0], unsafe.SliceData(x), unsafe.SliceData(g), rows, stride, n)
	case cpu.AVX2:
		for c := 0; c < n; c += halfWidth {
			avx2DotsWhereNegative(&b[0][c], &x[c], &g[c], rows, stride, min(n-c, halfWidth))
		}
	default:
		portableDotsWhereNegative(b, x, g, rows, stride, n)
	}
}

func runMoments(b *block, x, first []float32, rows, stride, n int) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512Moments(&b[0][0], &b[1][0], unsafe.SliceData(x), unsafe.SliceData(first), rows, stride, n)
	case cpu.AVX2:
		for c := 0; c < n; c += halfWidth {
			avx2Moments(&b[0][c], &b[1][c], &x[c], &first[c], rows, stride, min(n-c, halfWidth))
		}
	default:
		portableMoments(b, x, first, rows, stride, n)
	}
}

func runCentredDots(b *block, x, g, mean []float32, rows, stride, n int) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512CentredDots(&b[0][0], &b[1][0], unsafe.SliceData(x), unsafe.SliceData(g), unsafe.SliceData(mean), rows, stride, n)
	case cpu.AVX2:
		for c := 0; c < n; c += halfWidth {
			avx2CentredDots(&b[0][c], &b[1][c], &x[c], &g[c], &mean[c], rows, stride, min(n-c, halfWidth))
		}
	default:
		portableCentredDots(b, x, g, mean, rows, stride, n)
	}
}

func runExtremes(f *found, x []float32) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512Extremes(&f[0][0], unsafe.SliceData(x), len(x))
	case cpu.AVX2:
		avx2Extremes(&f[0][0], unsafe.SliceData(x), len(x))
	default:
		portableExtremes(f, x)
	}
}

func runFromBytes(dst []float32, x []uint8, scale, shift float32) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512FromBytes(unsafe.SliceData(dst), unsafe.SliceData(x), len(dst), scale, shift)
	case cpu.AVX2:
		avx2FromBytes(unsafe.SliceData(dst), unsafe.SliceData(x), len(dst), scale, shift)
	default:
		portableFromBytes(dst, x, scale, shift)
	}
}

func runToBytes(dst []uint8, x []float32, scale, shift float32) {
	switch cpu.Current() {
	case cpu.AVX512:
		avx512ToBytes(unsafe.SliceData(dst), unsafe.SliceData(x), len(dst), scale, shift)
	case cpu.AVX2:
		avx2ToBytes(unsafe.SliceData(dst), unsafe.SliceData(x), len(dst), scale, shift)
	default:
		portableToBytes(dst, x, scale, shift)
	}
}
