//go:build !amd64 || noasm

package cpu

// Best returns the highest level of this processor.
func Best() Level { return Portable }
