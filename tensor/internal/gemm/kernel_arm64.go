//go:build !noasm

package gemm

import (
	"sync"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// args is what the assembly reads; _asm knows the offsets. Distances and offsets are in bytes.
type args struct {
	a, b, c                   unsafe.Pointer
	offs                      unsafe.Pointer
	aStride, bStride, cStride int
	k, taps                   int
	accumulate                int
	last                      int   // from the first to the last vector of columns, which may overlap the one before
	taken                     []int // backs offs
}

// An args escapes to the assembly functions, which are called through variables.
var argsPool = sync.Pool{New: func() any { return new(args) }}

const (
	neonLanes = 4
	neonWidth = 4 * neonLanes
)

var neonKernel = &Kernel{
	Level: cpu.NEON, Width: neonWidth, tall: 6, run: runNEON, dot: dotNEON, panels: packRows, columns: packColumns, lines: copyRows,
}

func kernelAt(l cpu.Level) *Kernel {
	if l == cpu.NEON {
		return neonKernel
	}
	return portable
}

func newArgs(b *Block, aStride, bStride int) *args {
	g := argsPool.Get().(*args)
	g.taken = g.taken[:0]
	for _, o := range b.Offs {
		g.taken = append(g.taken, 4*o)
	}
	g.offs = unsafe.Pointer(unsafe.SliceData(g.taken))
	g.aStride, g.bStride, g.cStride = 4*aStride, 4*bStride, 4*b.CRow
	g.k, g.taps = b.K, len(b.Offs)
	g.accumulate = 0
	if b.Accumulate {
		g.accumulate = 1
	}
	return g
}

func (g *args) release() {
	g.a, g.b, g.c = nil, nil, nil
	argsPool.Put(g)
}

// runNEON computes the block tile by tile. Columns that do not fill a last vector are left to one that overlaps the vector
// before it; only fewer columns than a vector has, in a panel of their own, are taken as they are.
func runNEON(b *Block) {
	family, first, aStride := &neonRows, 0, b.ARow
	if b.AK != 1 {
		if len(b.Offs) > 1 {
			panic("gemm: taps need k along memory")
		}
		family, first, aStride = &neonCols, b.Offs[0], b.AK
	}
	g := newArgs(b, aStride, b.BRow)
	defer g.release()
	for i := 0; i < b.M; {
		t := pickTile(family.vectors[0], b.M-i)
		g.a = unsafe.Pointer(&b.A[first+i*b.ARow])
		for j := 0; j < b.N; j += neonWidth {
			cols := min(neonWidth, b.N-j)
			tiles := family.vectors[(cols-1)/neonLanes]
			if cols < neonLanes {
				tiles = family.part[cols-1]
			}
			g.last = 4 * (cols - neonLanes)
			g.b = unsafe.Pointer(&b.B[j/neonWidth*b.BPanel])
			g.c = unsafe.Pointer(&b.C[i*b.CRow+j])
			tiles[t].f((*byte)(unsafe.Pointer(g)))
		}
		i += family.vectors[0][t].rows
	}
}

// dotNEON is the Dot of arm64.
func dotNEON(b *Block) {
	g := newArgs(b, b.ARow, b.BPanel)
	defer g.release()
	tiles := neonDots[b.N-1]
	g.b = unsafe.Pointer(&b.B[0])
	for i := 0; i < b.M; {
		t := 0
		for tiles[t].rows > b.M-i {
			t++
		}
		g.a = unsafe.Pointer(&b.A[i*b.ARow])
		g.c = unsafe.Pointer(&b.C[i*b.CRow])
		tiles[t].f((*byte)(unsafe.Pointer(g)))
		i += tiles[t].rows
	}
}
