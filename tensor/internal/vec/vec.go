// Package vec holds loops over contiguous float32 slices, in AVX-512, AVX2 and NEON assembly and in portable Go.
//
// The slices of a call must be at least as long as the first, or the call panics; dst may be one of the inputs, but must
// not overlap them otherwise. Nothing here is parallel: callers split the work.
//
// All sets of instructions give the same bits: products and sums are rounded one by one in the order of the formula,
// never fused, and reductions have an order that depends on the length alone. Only the payload of a NaN may differ.
package vec

import "fmt"

// same returns the first n elements of x. Unlike x[:n] it does not reach beyond the length.
func same[T any](x []T, n int) []T {
	if len(x) < n {
		tooShort(len(x), n)
	}
	return x[:n]
}

func tooShort(have, want int) {
	panic(fmt.Sprintf("vec: a slice has %d values, want %d", have, want))
}
