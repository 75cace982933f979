//go:build !noasm

package cpu

// first is the lowest level in assembly.
const first = NEON

// Best returns the highest level of this processor. Go's own code for arm64 needs NEON, too.
func Best() Level { return NEON }

// BF16 reports whether kernels may multiply pairs of bfloat16 numbers.
func BF16() bool { return false }
