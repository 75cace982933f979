package conv

import "github.com/gander-ml/gander/tensor/internal/gemm"

// A product multiplies tiles at so many points of the transformed domain: c = a·b, or c += a·b with accumulate, where a has rows
// rows and depth columns, and b depth rows and cols columns. One of aRow and aK is 1. The columns of b lie in panels of
// [gemm.Kernel.Width], as in a [gemm.Block]. The rows of a and c are there up to a multiple of 4, their columns and those of b up
// to whole vectors; what is written there has no meaning.
type product struct {
	c                 []float32
	cPoint, cRow      int
	a                 []float32
	aPoint, aRow, aK  int
	b                 []float32
	bPoint            int
	bRow, bPanel      int
	points            int
	rows, cols, depth int
	accumulate        bool
	far               bool // a is not in the second-level cache, and its rows follow each other
}

// each computes the product one point at a time.
func (p *product) each(kern *gemm.Kernel) {
	bl := gemm.Block{
		CRow: p.cRow, ARow: p.aRow, AK: p.aK, BRow: p.bRow, BPanel: p.bPanel, M: p.rows, N: p.cols, K: p.depth, Accumulate: p.accumulate,
	}
	for i := range p.points {
		bl.C, bl.A, bl.B = p.c[i*p.cPoint:], p.a[i*p.aPoint:], p.b[i*p.bPoint:]
		kern.Run(&bl)
	}
}

// rowsRoom is the number of rows that a product of so many needs room for.
func rowsRoom(rows int) int { return (rows + 3) / 4 * 4 }
