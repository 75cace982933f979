// Package gemm multiplies float32 matrices.
package gemm

import (
	"fmt"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// rowBlock is the number of rows of c that a goroutine takes at a time, a multiple of the tiles of every kernel.
	rowBlock = 84
	// columnBlock bounds the columns whose panels are packed at a time, and slab the values packed.
	columnBlock, slab = 4096, 2 << 20
	// serial is the number of products below which starting goroutines is not worth it.
	serial = 1 << 15
	// direct is the number of rows of a below which packing b costs more than it saves.
	direct = 33
	// Up to stripRows rows, and from stripColumns columns on, goroutines pack what they need of b for themselves.
	stripRows, stripColumns = 128, 512
)

// Mul computes c = op(a)·op(b), or c += op(a)·op(b) when accumulate is set, for row-major matrices: op(a) is m×k,
// op(b) is k×n and c is m×n. lda, ldb and ldc are the distances between stored rows, in elements; transA says that a
// is stored k×m, transB that b is stored n×k. It panics if a slice is too short. c must not overlap a or b.
//
// Each element of c is computed by one goroutine and the order in which its products are summed depends on k, n and
// the transpositions alone, not on m, nor on where the element lies, nor on the number of cores.
func Mul(c, a, b []float32, m, n, k, lda, ldb, ldc int, transA, transB, accumulate bool) {
	check("c", c, m, n, ldc)
	if transA {
		check("a", a, k, m, lda)
	} else {
		check("a", a, m, k, lda)
	}
	if transB {
		check("b", b, n, k, ldb)
	} else {
		check("b", b, k, n, ldb)
	}
	if m == 0 || n == 0 {
		return
	}
	if k == 0 {
		if !accumulate {
			for i := range m {
				clear(c[i*ldc:][:n])
			}
		}
		return
	}
	p := &product{c, a, b, m, n, k, lda, ldb, ldc, transA, transB, accumulate, Current()}
	switch {
	case n <= MaxDot && !transA:
		p.narrow()
	case !transB && (m < direct || n <= p.kern.Width):
		p.plain()
	case p.m <= stripRows && n >= stripColumns:
		p.strips()
	default:
		p.packed(columnBlock, slab)
	}
}

// product is the arguments of Mul.
type product struct {
	c, a, b                    []float32
	m, n, k, lda, ldb, ldc     int
	transA, transB, accumulate bool
	kern                       *Kernel
}

// narrow computes a product with few columns as dot products of rows of a and columns of b.
func (p *product) narrow() {
	cols, ld := p.b, p.ldb
	if !p.transB && p.k > 1 {
		buf := scratch.Get(p.n * p.k)
		defer buf.Free()
		cols, ld = buf.Data, p.k
		for i := range p.k {
			for j, v := range p.b[i*p.ldb:][:p.n] {
				cols[j*ld+i] = v
			}
		}
	} else if !p.transB {
		ld = 1
	}
	each(p.m, rowBlock, p.m*p.n*p.k, func(lo, hi int) {
		p.kern.Dot(&Block{
			C: p.c[lo*p.ldc:], CRow: p.ldc, A: p.a[lo*p.lda:], ARow: p.lda, AK: 1, B: cols, BRow: 1, BPanel: ld,
			M: hi - lo, N: p.n, K: p.k, Accumulate: p.accumulate,
		})
	})
}

// plain reads both operands where they are. Where b is wide, columns are shared out, else rows.
func (p *product) plain() {
	chain := Chains(p.k)
	rows, cols := rowBlock, p.n
	if p.n > p.kern.Width {
		rows, cols = p.m, 4*p.kern.Width
	}
	across := (p.n + cols - 1) / cols
	each((p.m+rows-1)/rows*across, 1, p.m*p.n*p.k, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			i, j := t/across*rows, t%across*cols
			bl := Block{
				C: p.c[i*p.ldc+j:], CRow: p.ldc, BRow: p.ldb, BPanel: p.kern.Width,
				M: min(rows, p.m-i), N: min(cols, p.n-j),
			}
			for k0 := 0; k0 < p.k; k0 += chain {
				bl.K = min(chain, p.k-k0)
				bl.A, bl.ARow, bl.AK = p.operandA(i, k0)
				bl.B = p.b[k0*p.ldb+j:]
				bl.Accumulate = p.accumulate || k0 > 0
				p.kern.Run(&bl)
			}
		}
	})
}

// operandA returns op(a) from row i and column k on.
func (p *product) operandA(i, k int) (a []float32, row, col int) {
	if p.transA {
		return p.a[k*p.lda+i:], 1, p.lda
	}
	return p.a[i*p.lda+k:], p.lda, 1
}

// packed copies b into panels, some columns and some chains at a time, and a block of a into consecutive rows.
func (p *product) packed(columnBlock, slab int) {
	chain := Chains(p.k)
	w := p.kern.Width
	for j0 := 0; j0 < p.n; j0 += columnBlock {
		n := min(columnBlock, p.n-j0)
		room := (n + w - 1) / w * w
		most := max(1, slab/(room*chain)) * chain
		buf := scratch.Get(room * min(most, p.k))
		for k0 := 0; k0 < p.k; k0 += most {
			k := min(most, p.k-k0)
			p.packB(buf.Data[:room*k], j0, n, k0, k)
			rows, cols := p.blocks(n)
			across := (n + cols - 1) / cols
			each((p.m+rows-1)/rows*across, 1, p.m*n*k, func(lo, hi int) {
				for t := lo; t < hi; t++ {
					j := t % across * cols
					p.block(t/across*rows, rows, j0+j, min(cols, n-j), k0, k, chain, buf.Data[j*k:])
				}
			})
		}
		buf.Free()
	}
}

// strips shares out the columns: each goroutine packs a strip of b, one chain at a time, and multiplies it while it is in
// the cache.
func (p *product) strips() {
	chain := Chains(p.k)
	w := p.kern.Width
	cols := (64 + w - 1) / w * w
	each((p.n+cols-1)/cols, 1, p.m*p.n*p.k, func(lo, hi int) {
		buf := scratch.Get(cols * chain)
		defer buf.Free()
		for t := lo; t < hi; t++ {
			j := t * cols
			bl := Block{C: p.c[j:], CRow: p.ldc, B: buf.Data, BRow: w, M: p.m, N: min(cols, p.n-j)}
			for k0 := 0; k0 < p.k; k0 += chain {
				bl.K = min(chain, p.k-k0)
				bl.A, bl.ARow, bl.AK = p.operandA(0, k0)
				bl.BPanel = bl.K * w
				start := k0 * p.ldb
				if p.transB {
					start = k0
				}
				for e := 0; e < bl.N; e += w {
					p.kern.packPanel(buf.Data[e*bl.K:][:bl.K*w], p.b[start:], bl.K, j+e, min(w, bl.N-e), p.ldb, p.transB)
				}
				bl.Accumulate = p.accumulate || k0 > 0
				p.kern.Run(&bl)
			}
		}
	})
}

// blocks returns the size of the pieces of c that are shared out, when n columns are packed: whole rows if that is enough
// pieces for many cores.
func (p *product) blocks(n int) (rows, cols int) {
	rows, cols = rowBlock, (n+p.kern.Width-1)/p.kern.Width*p.kern.Width
	for pieces := (p.m + rows - 1) / rows; pieces < 32 && cols > 4*p.kern.Width; pieces *= 2 {
		cols = (cols/2 + p.kern.Width - 1) / p.kern.Width * p.kern.Width
	}
	return rows, cols
}

func (p *product) packB(dst []float32, j0, n, k0, k int) {
	w := p.kern.Width
	start := k0 * p.ldb
	if p.transB {
		start = k0
	}
	src := p.b[start:]
	each((n+w-1)/w, 2, n*k, func(lo, hi int) {
		for j := lo; j < hi; j++ {
			p.kern.packPanel(dst[j*k*w:][:k*w], src, k, j0+j*w, min(w, n-j*w), p.ldb, p.transB)
		}
	})
}

// block computes rows of c from i on and n columns from j on, from the packed panels that start at b.
func (p *product) block(i, rows, j, n, k0, k, chain int, b []float32) {
	w := p.kern.Width
	m := min(rows, p.m-i)
	bl := Block{C: p.c[i*p.ldc+j:], CRow: p.ldc, BRow: w, BPanel: k * w, M: m, N: n}
	pack := n > 2*w && p.lda >= 128
	var buf *scratch.Buf
	if pack {
		buf = scratch.Get(rows * (chain + 16))
		defer buf.Free()
	}
	for q := 0; q < k; q += chain {
		bl.K = min(chain, k-q)
		bl.A, bl.ARow, bl.AK = p.operandA(i, k0+q)
		if pack {
			p.packA(&bl, buf.Data)
		}
		bl.B = b[q*w:]
		bl.Accumulate = p.accumulate || k0+q > 0
		p.kern.Run(&bl)
	}
}

// packA moves a block of a to dst, where its rows are not a power of two apart and do not fall on each other in the cache.
func (p *product) packA(bl *Block, dst []float32) {
	lines, line, src := bl.M, bl.K, bl.A
	if p.transA {
		lines, line = bl.K, bl.M
	}
	ld := (line+15)/16*16 + 4
	if p.transA {
		ld = line
	}
	for r := range lines {
		copy(dst[r*ld:][:line], src[r*p.lda:][:line])
	}
	bl.A = dst
	if p.transA {
		bl.AK = ld
	} else {
		bl.ARow = ld
	}
}

// each shares n items out in blocks of grain, or does all of them here if the work, in products, is small.
func each(n, grain, work int, body func(lo, hi int)) {
	if work < serial {
		body(0, n)
		return
	}
	par.For(n, grain, body)
}

func check(name string, s []float32, rows, cols, ld int) {
	if rows == 0 || cols == 0 {
		return
	}
	if ld < cols || len(s) < (rows-1)*ld+cols {
		panic(fmt.Sprintf("gemm.Mul: %s has %d values, want %d rows of %d at distance %d", name, len(s), rows, cols, ld))
	}
}
