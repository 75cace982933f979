// Package cpu says which kernels the processor can run.
package cpu

import "sync/atomic"

// Level is a set of vector instructions. A higher level includes the lower ones.
type Level int32

// The levels. A build with the tag noasm, or for another architecture than amd64, knows only Portable.
const (
	Portable Level = iota
	AVX2           // AVX2 and FMA
	AVX512         // AVX-512 F, DQ, BW and VL
)

func (l Level) String() string {
	switch l {
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "portable"
}

var current atomic.Int32

func init() { current.Store(int32(Best())) }

// Current returns the level that kernels should use: Best, unless a test has called Use.
func Current() Level { return Level(current.Load()) }

// Use makes Current return l, or Best if that is lower, and returns a function that undoes it. It is for tests and
// benchmarks: results computed before and after differ in their last bits.
func Use(l Level) (restore func()) {
	old := current.Swap(int32(min(l, Best())))
	return func() { current.Store(old) }
}

// Levels returns all levels that this processor has, lowest first.
func Levels() []Level {
	var all []Level
	for l := Portable; l <= Best(); l++ {
		all = append(all, l)
	}
	return all
}
