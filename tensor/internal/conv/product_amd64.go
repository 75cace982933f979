//go:build !noasm

package conv

import (
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/gemm"
)

// productArgs is what the assembly reads, and changes; gemm/_asm knows the offsets. Distances are in bytes.
type productArgs struct {
	a, b, c                unsafe.Pointer
	aPoint, bPoint, cPoint int
	aStride, bStride, cRow int // aStride from row to row or, if a is transposed, from k to k
	bPanel, aBlock, k      int
	blocks, panels, points int
	accumulate             int
	panelsLeft, cColumn    int // these are only changed: where the kernel is, which may be past the end
	aAt, bAt, cAt, cBlock  int
}

// productKernels multiply blocks of some rows and panels with 1 or 2 vectors, of a as it lies, transposed, or as it
// lies and far away.
type productKernels struct {
	rows    int
	kernels [2][3]func(*byte)
}

func (v *vectors) multiply(_ *gemm.Kernel, p *product) {
	lanes := v.f.lanes
	width := 2 * lanes
	depth, rows, cols := p.depth, rowsRoom(p.rows), (p.cols+lanes-1)/lanes*lanes
	_ = p.c[(p.points-1)*p.cPoint+(rows-1)*p.cRow+cols-1]
	_ = p.a[(p.points-1)*p.aPoint+(rows-1)*p.aRow+(depth-1)*p.aK]
	_ = p.b[(p.points-1)*p.bPoint+(cols-1)/width*p.bPanel+(depth-1)*p.bRow+(cols-1)%width]
	g := &v.product
	g.aPoint, g.bPoint, g.cPoint = 4*p.aPoint, 4*p.bPoint, 4*p.cPoint
	g.aStride, g.bStride, g.cRow, g.bPanel, g.k = 4*p.aRow, 4*p.bRow, 4*p.cRow, 4*p.bPanel, depth
	kind := 0
	switch {
	case p.aK != 1:
		g.aStride, kind = 4*p.aK, 1
	case p.bRow != width:
		panic("conv: the rows of b do not follow each other")
	case p.far:
		kind = 2
	}
	g.accumulate = 0
	if p.accumulate {
		g.accumulate = 1
	}
	run := func(i, blocks, height, j, panels int, f func(*byte)) {
		g.a, g.b, g.c = unsafe.Pointer(&p.a[i*p.aRow]), unsafe.Pointer(&p.b[j/width*p.bPanel]), unsafe.Pointer(&p.c[i*p.cRow+j])
		g.aBlock = 4 * height * p.aRow
		g.blocks, g.panels, g.points = blocks, panels, p.points
		f((*byte)(unsafe.Pointer(g)))
	}
	for i := 0; i < p.rows; {
		t := 0
		for t < len(v.f.products)-1 && p.rows-i <= v.f.products[t+1].rows {
			t++
		}
		height := v.f.products[t].rows
		blocks := 1
		if t == 0 {
			blocks = max(1, (p.rows-i)/height)
		}
		whole := cols / width
		if whole > 0 {
			run(i, blocks, height, 0, whole, v.f.products[t].kernels[1][kind])
		}
		if cols > whole*width {
			run(i, blocks, height, whole*width, 1, v.f.products[t].kernels[0][kind])
		}
		i += blocks * height
	}
}
