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
	mask                      uint64
	maskVector                unsafe.Pointer
	next                      int     // the distance from a tile's rows of a to those of which parts are fetched meanwhile
	end                       uintptr // of offs
	mask2                     uint64
	maskVector2               unsafe.Pointer
	from                      unsafe.Pointer // b before it is packed, for the packing kernel
	fromStride                int
	taken                     []int // backs offs
}

// An args escapes to the assembly functions, which are called through variables.
var argsPool = sync.Pool{New: func() any { return new(args) }}

// family is the assembly of one level. Tiles are listed from the tallest, which ends with a single row.
type family struct {
	lanes      int
	rows, cols [2][]tile // by vectors - 1; for k and for rows of a along memory
	dots       [MaxDot][]tile

	packing           func(*byte) // the tallest tile of rows, two vectors wide, which leaves b in a panel
	panels, transpose func(*byte)
}

var (
	avx512Kernel = newKernel(cpu.AVX512, &avx512)
	avx2Kernel   = newKernel(cpu.AVX2, &avx2)
)

func newKernel(l cpu.Level, f *family) *Kernel {
	return &Kernel{
		Level: l, Width: 2 * f.lanes, tall: f.rows[0][0].rows, run: f.run, dot: f.dot, panels: f.packRows, columns: f.packColumns,
		lines: f.copyRows, packs: true,
	}
}

func kernelAt(l cpu.Level) *Kernel {
	switch l {
	case cpu.AVX512:
		return avx512Kernel
	case cpu.AVX2:
		return avx2Kernel
	}
	return portable
}

// laneMasks[n] selects the first n of 8 lanes.
var laneMasks = func() (m [9][8]int32) {
	for n := range m {
		for i := range n {
			m[n][i] = -1
		}
	}
	return m
}()

func (g *args) setMask(lanes int) {
	g.mask = 1<<lanes - 1
	g.maskVector = unsafe.Pointer(&laneMasks[min(lanes, 8)])
}

func (g *args) set(b *Block, aStride, bStride int) {
	g.taken = g.taken[:0]
	for _, o := range b.Offs {
		g.taken = append(g.taken, 4*o)
	}
	g.offs = unsafe.Pointer(unsafe.SliceData(g.taken))
	g.aStride, g.bStride, g.cStride = 4*aStride, 4*bStride, 4*b.CRow
	g.k, g.taps = b.K, len(b.Offs)
	g.end = uintptr(g.offs) + 8*uintptr(len(b.Offs))
	g.accumulate = 0
	if b.Accumulate {
		g.accumulate = 1
	}
}

func (g *args) release() {
	g.a, g.b, g.c, g.from = nil, nil, nil, nil
	argsPool.Put(g)
}

func (f *family) run(b *Block) {
	g := argsPool.Get().(*args)
	defer g.release()
	family := &f.rows
	if b.AK == 1 {
		g.set(b, b.ARow, b.BRow)
	} else {
		family = &f.cols
		g.set(b, b.AK, b.BRow)
		if len(b.Offs) > 1 {
			panic("gemm: taps need k along memory")
		}
	}
	width := 2 * f.lanes
	for i := 0; i < b.M; {
		t := pickTile(family[0], b.M-i)
		g.a = unsafe.Pointer(&b.A[i*b.ARow])
		if b.AK != 1 {
			g.a = unsafe.Pointer(&b.A[b.Offs[0]+i*b.ARow])
		}
		g.next = 4 * family[0][t].rows * b.ARow
		if i+family[0][t].rows >= b.M {
			g.next = 0
			if b.Next != 0 {
				g.next = 4 * (b.Next - i*b.ARow)
			}
		}
		for j := 0; j < b.N; j += width {
			cols := min(width, b.N-j)
			nz := (cols + f.lanes - 1) / f.lanes
			g.setMask(cols - (nz-1)*f.lanes)
			g.b = unsafe.Pointer(&b.B[j/width*b.BPanel])
			g.c = unsafe.Pointer(&b.C[i*b.CRow+j])
			multiply := family[nz-1][t].f
			if i == 0 && b.From != nil {
				if t == 0 && b.AK == 1 && cols == width && len(b.Offs) == 1 {
					multiply = f.packing
					g.from, g.fromStride = unsafe.Pointer(&b.From[j]), 4*b.FromRow
				} else {
					f.packRows(b.B[j/width*b.BPanel:], b.From[j:], b.K, cols, width, b.BPanel, b.FromRow)
				}
			}
			multiply((*byte)(unsafe.Pointer(g)))
			g.next = 0
		}
		i += family[0][t].rows
	}
}

func (f *family) dot(b *Block) {
	g := argsPool.Get().(*args)
	defer g.release()
	g.set(b, b.ARow, b.BPanel)
	g.setMask(b.K % f.lanes)
	tiles := f.dots[b.N-1]
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

// packRows is the twin of the function of that name.
func (f *family) packRows(dst, b []float32, rows, cols, width, apart, ldb int) {
	f.copyPanels(dst, b, rows, cols, width, width, apart, ldb)
}

// copyRows is the twin of the function of that name.
func (f *family) copyRows(dst, b []float32, rows, cols, ld, ldb int) {
	f.copyPanels(dst, b, rows, cols, 2*f.lanes, ld, 2*f.lanes, ldb)
}

// copyPanels sets dst[j/width·apart + p·row + j mod width] = b[p·ldb+j] for p < rows and j < cols and clears the rest of the
// last panel.
func (f *family) copyPanels(dst, b []float32, rows, cols, width, row, apart, ldb int) {
	g := argsPool.Get().(*args)
	defer g.release()
	g.aStride, g.bStride, g.cStride, g.k = 4*ldb, 4*row, 4*apart, rows
	for j := 0; j < cols; {
		g.taps = max(1, (cols-j)/width) // whole panels first
		part := min(width, cols-j)
		g.setMask(min(part, f.lanes))
		g.mask2 = 1<<max(0, part-f.lanes) - 1
		g.maskVector2 = unsafe.Pointer(&laneMasks[min(8, max(0, part-f.lanes))])
		at := j / width * apart
		_, _ = dst[at+(g.taps-1)*apart+(rows-1)*row+width-1], b[(rows-1)*ldb+min(cols, j+g.taps*width)-1]
		g.a, g.c = unsafe.Pointer(&b[j]), unsafe.Pointer(&dst[at])
		f.panels((*byte)(unsafe.Pointer(g)))
		j += g.taps * width
	}
}

// packColumns is the twin of the function of that name.
func (f *family) packColumns(dst, b []float32, rows, cols, width, ldb int) {
	whole := cols / f.lanes * f.lanes
	if whole > 0 {
		g := argsPool.Get().(*args)
		g.aStride, g.k = 4*ldb, rows
		g.setMask(rows % f.lanes)
		_, _ = dst[rows*width-1], b[(whole-1)*ldb+rows-1]
		for j := 0; j < whole; j += f.lanes {
			g.a, g.c = unsafe.Pointer(&b[j*ldb]), unsafe.Pointer(&dst[j])
			f.transpose((*byte)(unsafe.Pointer(g)))
		}
		g.release()
	}
	if whole < width {
		packPart(dst, b, rows, whole, cols, width, ldb)
	}
}
