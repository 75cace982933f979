// Package cpu says which kernels the processor can run.
package cpu

import "sync/atomic"

// Level is a set of vector instructions. On one processor, a higher level includes the lower ones.
type Level int32

// The levels. A build with the tag noasm, or for another architecture than amd64 and arm64, knows only Portable.
const (
	Portable Level = iota
	AVX2           // amd64: AVX2 and FMA
	AVX512         // amd64: AVX-512 F, DQ, BW and VL
	NEON           // arm64
)

func (l Level) String() string {
	switch l {
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	case NEON:
		return "neon"
	}
	return "portable"
}

var current atomic.Int32

func init() { current.Store(int32(Best())) }

// Current returns the level that kernels should use: Best, unless a test has called Use.
func Current() Level { return Level(current.Load()) }

// Use makes Current return l, or the next lower level that this processor has, and returns a function that undoes it. It
// is for tests and benchmarks: results computed before and after differ in their last bits.
func Use(l Level) (restore func()) {
	l = min(l, Best())
	if l < first {
		l = Portable
	}
	old := current.Swap(int32(l))
	return func() { current.Store(old) }
}

// Levels returns all levels that this processor has, lowest first.
func Levels() []Level {
	all := []Level{Portable}
	for l := first; l <= Best(); l++ {
		all = append(all, l)
	}
	return all
}
