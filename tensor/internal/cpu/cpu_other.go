//go:build (!amd64 && !arm64) || noasm

package cpu

// first is above all that there is.
const first = Portable + 1

// Best returns the highest level of this processor.
func Best() Level { return Portable }

// BF16 reports whether kernels may multiply pairs of bfloat16 numbers.
func BF16() bool { return false }
