//go:build !noasm

package vec

import "github.com/gander-ml/gander/tensor/internal/cpu"

// hasWide reports whether 64 columns are summed at a time.
func hasWide() bool { return cpu.Current() == cpu.AVX512 }

// runWide folds rows into the sums of 64 columns.
func runWide(st statistic, sum0, sum1 []float64, x, g, fixed []float32, rows, stride int) {
	need := (rows-1)*stride + wideWidth
	x, sum0 = same(x, need), same(sum0, wideWidth)
	switch st {
	case sums:
		avx512Sums64(&sum0[0], &x[0], rows, stride)
	case dots:
		avx512Dots64(&sum0[0], &x[0], &same(g, need)[0], rows, stride)
	case dotsWhereNegative:
		avx512DotsWhereNegative64(&sum0[0], &x[0], &same(g, need)[0], rows, stride)
	case moments:
		avx512Moments64(&sum0[0], &same(sum1, wideWidth)[0], &x[0], &same(fixed, wideWidth)[0], rows, stride)
	case centredDots:
		avx512CentredDots64(&sum0[0], &same(sum1, wideWidth)[0], &x[0], &same(g, need)[0], &same(fixed, wideWidth)[0], rows, stride)
	}
}

// runPReLUGrads writes both gradients of rows of 64 columns that are stride elements apart. The slices end with the last
// of them.
func runPReLUGrads(dst []float32, sum []float64, x, g, slope []float32, rows, stride int, stream bool) {
	need := (rows-1)*stride + wideWidth
	dst, x, g = same(dst, need), same(x, need), same(g, need)
	sum, slope = same(sum, wideWidth), same(slope, wideWidth)
	if stream {
		avx512PReLUGrads64Stream(&dst[0], &sum[0], &x[0], &g[0], &slope[0], rows, stride)
	} else {
		avx512PReLUGrads64(&dst[0], &sum[0], &x[0], &g[0], &slope[0], rows, stride)
	}
}
