package gemm

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// A Kernel multiplies small blocks of matrices on the calling goroutine with one set of instructions. The layout of
// packed operands belongs to it.
type Kernel struct {
	Level cpu.Level
	Width int // columns in a panel of packed b
	tall  int // rows of the tallest tile
	run   func(b *Block)
	dot   func(b *Block)
	packs bool // run copies Block.From by itself
	// panels, columns and lines do what [packRows], [packColumns] and [copyRows] do.
	panels  func(dst, b []float32, rows, cols, width, apart, ldb int)
	columns func(dst, b []float32, rows, cols, width, ldb int)
	lines   func(dst, b []float32, rows, cols, ld, ldb int)
	// along and across do what [pairAlong] and [pairAcross] do. Only a kernel for pairs has them.
	along  func(dst, src []float32)
	across func(dst, x, y []float32)
}

// Current returns the kernel for the processor, or for what cpu.Use has set.
func Current() *Kernel { return kernelAt(cpu.Current()) }

// A Block is one product c = a·b, or c += a·b with Accumulate, where the M rows of a are gathered tap by tap: the
// element (i, t·K+p) of a is A[Offs[t] + i·ARow + p·AK]. One of ARow and AK is 1. Offs nil stands for one tap at 0.
//
// b has Taps·K rows and N columns, which lie in panels of [Kernel.Width] columns: row p of panel j starts at
// B[j·BPanel + p·BRow]. A matrix that is not packed has BPanel = Width.
type Block struct {
	C            []float32
	CRow         int
	A            []float32
	ARow, AK     int
	Offs         []int
	B            []float32
	BRow, BPanel int
	M, N, K      int
	Accumulate   bool
	// From, if there is one, is b as it lies, with rows that are FromRow apart. Run copies it to the panels at B, where a row's
	// distance must be Width.
	From    []float32
	FromRow int
	// Next is the distance from A to the rows that another block is about to start with, which may be fetched meanwhile, or 0.
	Next int
}

var oneTap = []int{0}

// Run computes the block. Each element of the product is one chain of multiply-adds in the order of k that starts at
// zero; the element of c is added last.
func (k *Kernel) Run(b *Block) {
	if b.M == 0 || b.N == 0 {
		return
	}
	if b.Offs == nil {
		b.Offs = oneTap
	}
	b.checkAC()
	panels := (b.N + k.Width - 1) / k.Width
	last := b.N - (panels-1)*k.Width
	b.require("b", len(b.B), (panels-1)*b.BPanel+(len(b.Offs)*b.K-1)*b.BRow+last)
	if panels > 1 {
		b.require("b", len(b.B), (panels-2)*b.BPanel+(len(b.Offs)*b.K-1)*b.BRow+k.Width)
	}
	if b.From != nil {
		b.require("b as it lies", len(b.From), (b.K-1)*b.FromRow+b.N)
		if len(b.Offs) != 1 || b.BRow != k.Width {
			panic("gemm: malformed block")
		}
		if !k.packs {
			k.pack(b.B, b.BPanel, b.From, b.K, b.N, b.FromRow, false)
		}
	}
	k.run(b)
}

// MaxDot is the largest N of [Kernel.Dot].
const MaxDot = 4

// Dot computes a block of at most MaxDot columns that lie along memory: element (p,j) of b is B[j·BPanel+p]. AK is 1.
// Each element of the product is the sum of interleaved chains of multiply-adds, a tap at a time.
func (k *Kernel) Dot(b *Block) {
	if b.M == 0 || b.N == 0 {
		return
	}
	if b.Offs == nil {
		b.Offs = oneTap
	}
	b.checkAC()
	if b.AK != 1 || b.N > MaxDot {
		panic("gemm: a dot block needs k along memory and few columns")
	}
	b.require("b", len(b.B), (b.N-1)*b.BPanel+len(b.Offs)*b.K)
	k.dot(b)
}

func (b *Block) checkAC() {
	if b.K <= 0 || b.M < 0 || b.N < 0 || b.ARow < 0 || b.AK < 0 || b.BRow < 0 || b.BPanel < 0 || b.CRow < 0 ||
		b.ARow != 1 && b.AK != 1 {
		panic("gemm: malformed block")
	}
	far := (b.M-1)*b.ARow + (b.K-1)*b.AK + 1
	for _, o := range b.Offs {
		if o < 0 {
			panic("gemm: negative tap offset")
		}
		b.require("a", len(b.A), o+far)
	}
	b.require("c", len(b.C), (b.M-1)*b.CRow+b.N)
}

func (b *Block) require(name string, have, want int) {
	if have < want {
		tooShort(name, have, want)
	}
}

func tooShort(name string, have, want int) {
	panic(fmt.Sprintf("gemm: block %s has %d values, want %d", name, have, want))
}
