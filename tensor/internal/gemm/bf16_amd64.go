//go:build !noasm

package gemm

import (
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

var avx512BF16 = family{
	lanes: 16, packing: avx512BF16Packing14x2, panels: avx512Panels, transpose: avx512Transpose,
	rows: [2][]tile{{
		{14, avx512BF16Rows14x1}, {12, avx512BF16Rows12x1}, {8, avx512BF16Rows8x1}, {6, avx512BF16Rows6x1},
		{4, avx512BF16Rows4x1}, {3, avx512BF16Rows3x1}, {2, avx512BF16Rows2x1}, {1, avx512BF16Rows1x1},
	}, {
		{14, avx512BF16Rows14x2}, {12, avx512BF16Rows12x2}, {8, avx512BF16Rows8x2}, {6, avx512BF16Rows6x2},
		{4, avx512BF16Rows4x2}, {3, avx512BF16Rows3x2}, {2, avx512BF16Rows2x2}, {1, avx512BF16Rows1x2},
	}},
	cols: [2][]tile{{
		{14, avx512BF16Cols14x1}, {12, avx512BF16Cols12x1}, {8, avx512BF16Cols8x1}, {6, avx512BF16Cols6x1},
		{4, avx512BF16Cols4x1}, {3, avx512BF16Cols3x1}, {2, avx512BF16Cols2x1}, {1, avx512BF16Cols1x1},
	}, {
		{14, avx512BF16Cols14x2}, {12, avx512BF16Cols12x2}, {8, avx512BF16Cols8x2}, {6, avx512BF16Cols6x2},
		{4, avx512BF16Cols4x2}, {3, avx512BF16Cols3x2}, {2, avx512BF16Cols2x2}, {1, avx512BF16Cols1x2},
	}},
}

var avx512BF16Kernel = func() *Kernel {
	k := newKernel(cpu.AVX512, &avx512BF16)
	k.dot, k.along, k.across = nil, alongAVX512, acrossAVX512
	return k
}()

func kernelBF16() *Kernel {
	if cpu.BF16() {
		return avx512BF16Kernel
	}
	return nil
}

// alongAVX512 is the twin of pairAlong.
func alongAVX512(dst, src []float32) {
	n := len(src) / 32
	if n > 0 {
		g := argsPool.Get().(*args)
		g.a, g.c, g.k = unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(unsafe.SliceData(dst[:16*n])), n
		avx512BF16Along((*byte)(unsafe.Pointer(g)))
		g.release()
	}
	pairAlong(dst[16*n:], src[32*n:])
}

// acrossAVX512 is the twin of pairAcross.
func acrossAVX512(dst, x, y []float32) {
	n := len(dst) / 16
	if n > 0 {
		g := argsPool.Get().(*args)
		g.a, g.b = unsafe.Pointer(unsafe.SliceData(x[:16*n])), unsafe.Pointer(unsafe.SliceData(y[:16*n]))
		g.c, g.k = unsafe.Pointer(unsafe.SliceData(dst)), n
		g.maskVector = unsafe.Pointer(&pairOrder)
		avx512BF16Across((*byte)(unsafe.Pointer(g)))
		g.release()
	}
	pairAcross(dst[16*n:], x[16*n:], y[16*n:])
}

// pairOrder brings 16 numbers and the 16 that follow to pairs of one of each.
var pairOrder = func() (order [32]uint16) {
	for i := range order {
		order[i] = uint16(i/2 + i%2*16)
	}
	return order
}()
