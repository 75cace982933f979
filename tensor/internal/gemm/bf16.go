package gemm

import (
	"math"

	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// MulBF16 is [Mul] that may round both operands to bfloat16, to the nearest and of two to the even one. It does so where the
// processor has instructions for that, op(b) more than [MaxDot] columns, and a sum more than one product. Sums are in float32 and
// in an order that depends on k, n and the transpositions alone. Numbers below the smallest normal one count as zeros.
//
// The error of an element is that of its rounded operands: at most 2⁻⁷ of the sum of the magnitudes of its products (and 2⁻¹⁶ of
// it), and in the mean about 0.6·2⁻⁸ of the root of the sum of their squares, whatever k is. In float32 it is about 2⁻²¹.
//
// Rounding reads b once more than Mul does, so that a few dozen rows of a are needed for it to pay.
func MulBF16(c, a, b []float32, m, n, k, lda, ldb, ldc int, transA, transB, accumulate bool) {
	kern := BF16()
	if kern == nil || n <= MaxDot || k == 1 {
		Mul(c, a, b, m, n, k, lda, ldb, ldc, transA, transB, accumulate)
		return
	}
	p := &product{c, a, b, m, n, k, lda, ldb, ldc, transA, transB, accumulate, kern}
	if p.trivial() {
		return
	}
	p.k = Pairs(k)
	sizeA, sizeB := m*p.k, p.k*n
	buf := scratch.Get(sizeA + sizeB)
	defer buf.Free()
	pairUp := func(pairs, src []float32, lines, ld int, along bool) ([]float32, int) {
		if along {
			kern.AllAlong(pairs, src, lines, k, ld)
			return pairs, p.k
		}
		kern.AllAcross(pairs, src, k, lines, ld)
		return pairs, lines
	}
	p.a, p.lda = pairUp(buf.Data[:sizeA], a, m, lda, !transA)
	p.b, p.ldb = pairUp(buf.Data[sizeA:], b, n, ldb, transB)
	p.run()
}

// BF16 returns a kernel whose operands are pairs of bfloat16 numbers where others have numbers, or nil if the processor has no
// instructions for it. Of a block, only C is in float32; K, distances and offsets count pairs. It has no Dot.
//
// A pair takes the bits of a number, with its first number in the lower half. The product of the second numbers is added to a
// sum first, then that of the first ones; both additions round to the nearest.
func BF16() *Kernel { return kernelBF16() }

// Pairs returns the number of pairs that hold k numbers; zero stands in for what is missing in the last one.
func Pairs(k int) int { return (k + 1) / 2 }

// PairAlong rounds rows of k numbers, ld apart, to rows of Pairs(k) pairs of neighbours that follow each other.
func (k *Kernel) PairAlong(dst, src []float32, rows, cols, ld int) {
	h := Pairs(cols)
	if ld == cols && cols%2 == 0 {
		rows, cols, h = 1, rows*cols, rows*h
	}
	for r := range rows {
		k.along(dst[r*h:][:h], src[r*ld:][:cols])
	}
}

// PairAcross rounds rows of cols numbers, ld apart, to Pairs(rows) rows of pairs, of the first and the second row, the third
// and the fourth, and so on.
func (k *Kernel) PairAcross(dst, src []float32, rows, cols, ld int) {
	for r := 0; r < rows; r += 2 {
		d, x := dst[r/2*cols:][:cols], src[r*ld:][:cols]
		if r+1 < rows {
			k.across(d, x, src[(r+1)*ld:][:cols])
			continue
		}
		for i, v := range x {
			d[i] = pair(v, 0)
		}
	}
}

// pairGrain is about how many numbers a goroutine rounds at a time.
const pairGrain = 1 << 14

// AllAlong is PairAlong on all cores.
func (k *Kernel) AllAlong(dst, src []float32, rows, cols, ld int) {
	h := Pairs(cols)
	each(rows, max(1, pairGrain/max(1, cols)), rows*cols, func(lo, hi int) { k.PairAlong(dst[lo*h:], src[lo*ld:], hi-lo, cols, ld) })
}

// AllAcross is PairAcross on all cores.
func (k *Kernel) AllAcross(dst, src []float32, rows, cols, ld int) {
	each(Pairs(rows), max(1, pairGrain/max(1, cols)), rows*cols, func(lo, hi int) {
		k.PairAcross(dst[lo*cols:], src[2*lo*ld:], min(2*hi, rows)-2*lo, cols, ld)
	})
}

// pairAlong is the along of kernels.
func pairAlong(dst, src []float32) {
	for i := range dst {
		if 2*i+1 < len(src) {
			dst[i] = pair(src[2*i], src[2*i+1])
		} else {
			dst[i] = pair(src[2*i], 0)
		}
	}
}

// pairAcross is the across of kernels.
func pairAcross(dst, x, y []float32) {
	for i := range dst {
		dst[i] = pair(x[i], y[i])
	}
}

func pair(low, high float32) float32 {
	return math.Float32frombits(uint32(bf16(high))<<16 | uint32(bf16(low)))
}

// bf16 returns x rounded to bfloat16, as VCVTNE2PS2BF16 does.
func bf16(x float32) uint16 {
	b := math.Float32bits(x)
	switch {
	case x != x:
		return uint16(b>>16 | 1<<6)
	case b>>23&0xff == 0:
		return uint16(b >> 16 & 0x8000)
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
