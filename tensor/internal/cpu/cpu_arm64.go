//go:build !noasm

package cpu

// first is the lowest level in assembly.
const first = NEON

// Best returns the highest level of this processor. Go's own code for arm64 needs NEON, too.
func Best() Level { return NEON }
