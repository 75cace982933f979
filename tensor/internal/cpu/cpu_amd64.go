//go:build !noasm

package cpu

import "golang.org/x/sys/cpu"

// first is the lowest level in assembly.
const first = AVX2

// Best returns the highest level of this processor.
func Best() Level {
	switch x := &cpu.X86; {
	case x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX2 && x.HasFMA:
		return AVX512
	case x.HasAVX2 && x.HasFMA:
		return AVX2
	}
	return Portable
}
