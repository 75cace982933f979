//go:build !noasm

package vec

import (
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// together returns how many of n columns the assembly takes at a time.
func together(n int) int {
	switch {
	case n >= 16:
		return 16
	case n >= 4:
		return 4
	}
	return 1
}

func runSums(b *block, x []float32, rows, stride, n int) {
	if cpu.Current() != cpu.NEON {
		portableSums(b, x, rows, stride, n)
		return
	}
	for c := 0; c < n; c += together(n - c) {
		neonSums(&b[0][c], &x[c], rows, stride, together(n-c))
	}
}

func runDots(b *block, x, g []float32, rows, stride, n int) {
	if cpu.Current() != cpu.NEON {
		portableDots(b, x, g, rows, stride, n)
		return
	}
	for c := 0; c < n; c += together(n - c) {
		neonDots(&b[0][c], &x[c], &g[c], rows, stride, together(n-c))
	}
}

func runDotsWhereNegative(b *block, x, g []float32, rows, stride, n int) {
	if cpu.Current() != cpu.NEON {
		portableDotsWhereNegative(b, x, g, rows, stride, n)
		return
	}
	for c := 0; c < n; c += together(n - c) {
		neonDotsWhereNegative(&b[0][c], &x[c], &g[c], rows, stride, together(n-c))
	}
}

func runMoments(b *block, x, first []float32, rows, stride, n int) {
	if cpu.Current() != cpu.NEON {
		portableMoments(b, x, first, rows, stride, n)
		return
	}
	for c := 0; c < n; c += together(n - c) {
		neonMoments(&b[0][c], &b[1][c], &x[c], &first[c], rows, stride, together(n-c))
	}
}

func runCentredDots(b *block, x, g, mean []float32, rows, stride, n int) {
	if cpu.Current() != cpu.NEON {
		portableCentredDots(b, x, g, mean, rows, stride, n)
		return
	}
	for c := 0; c < n; c += together(n - c) {
		neonCentredDots(&b[0][c], &b[1][c], &x[c], &g[c], &mean[c], rows, stride, together(n-c))
	}
}

func runExtremes(f *found, x []float32) {
	if cpu.Current() != cpu.NEON {
		portableExtremes(f, x)
		return
	}
	neonExtremes(&f[0][0], unsafe.SliceData(x), len(x))
}

func runFromBytes(dst []float32, x []uint8, scale, shift float32) {
	if cpu.Current() != cpu.NEON {
		portableFromBytes(dst, x, scale, shift)
		return
	}
	neonFromBytes(unsafe.SliceData(dst), unsafe.SliceData(x), len(dst), scale, shift)
}

func runToBytes(dst []uint8, x []float32, scale, shift float32) {
	if cpu.Current() != cpu.NEON {
		portableToBytes(dst, x, scale, shift)
		return
	}
	neonToBytes(unsafe.SliceData(dst), unsafe.SliceData(x), len(dst), scale, shift)
}
