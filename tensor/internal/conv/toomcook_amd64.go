//go:build !noasm

package conv

import (
	"sync"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// lineArgs is what the assembly reads; gemm/_asm knows the offsets. Distances are in bytes.
type lineArgs struct {
	src              unsafe.Pointer
	srcStride        int
	dst              unsafe.Pointer
	dstStride        int
	tiles, count     int // count vectors a tile
	srcNext, dstNext int // from the end of a tile to the next
	ahead            int // to what is fetched into the cache
}

// A lineArgs escapes to the assembly functions, which are called through variables.
var lineArgsPool = sync.Pool{New: func() any { return new(lineArgs) }}

// lineFamily is the assembly of one level.
type lineFamily struct {
	lanes                                           int
	input, output, gradient, weight, weightGradient func(*byte)
}

var lineFamilies = map[cpu.Level]*lineFamily{
	cpu.AVX512: {16, avx512LineInput, avx512LineOutput, avx512LineGradient, avx512LineWeight, avx512LineWeightGradient},
	cpu.AVX2:   {8, avx2LineInput, avx2LineOutput, avx2LineGradient, avx2LineWeight, avx2LineWeightGradient},
}

func (l *lines) run(lanes int, f func(*byte)) {
	g := lineArgsPool.Get().(*lineArgs)
	g.src, g.srcStride = unsafe.Pointer(&l.src[0]), 4*l.srcStride
	g.dst, g.dstStride = unsafe.Pointer(&l.dst[0]), 4*l.dstStride
	g.tiles, g.count = l.tiles, (l.channels+lanes-1)/lanes
	g.srcNext, g.dstNext = 4*(l.srcTile-g.count*lanes), 4*(l.dstTile-g.count*lanes)
	g.ahead = 4 * l.ahead
	f((*byte)(unsafe.Pointer(g)))
	g.src, g.dst = nil, nil
	lineArgsPool.Put(g)
}

func (l *lines) input(level cpu.Level) {
	if !l.check(8, 8) {
	} else if f := lineFamilies[level]; f != nil {
		l.run(f.lanes, f.input)
	} else {
		l.each(8, 8, toomInput)
	}
}

func (l *lines) output(level cpu.Level) {
	if !l.check(8, 4) {
	} else if f := lineFamilies[level]; f != nil {
		l.run(f.lanes, f.output)
	} else {
		l.each(8, 4, toomOutput)
	}
}

func (l *lines) gradient(level cpu.Level) {
	if !l.check(4, 8) {
	} else if f := lineFamilies[level]; f != nil {
		l.run(f.lanes, f.gradient)
	} else {
		l.each(4, 8, toomGradient)
	}
}

func (l *lines) weight(level cpu.Level) {
	if !l.check(5, 8) {
	} else if f := lineFamilies[level]; f != nil {
		l.run(f.lanes, f.weight)
	} else {
		l.each(5, 8, toomWeightLine)
	}
}

func (l *lines) weightGradient(level cpu.Level) {
	if !l.check(8, 5) {
	} else if f := lineFamilies[level]; f != nil {
		l.run(f.lanes, f.weightGradient)
	} else {
		l.each(8, 5, toomWeightGradientLine)
	}
}
