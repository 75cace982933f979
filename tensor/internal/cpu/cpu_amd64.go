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

// BF16 reports whether kernels may multiply pairs of bfloat16 numbers, with AVX512_BF16. It goes with the level AVX512.
func BF16() bool { return Current() == AVX512 && cpu.X86.HasAVX512BF16 }
