// Package gemm multiplies float32 matrices.
package gemm

import (
	"fmt"
	"sync"

	"github.com/gander-ml/gander/tensor/internal/par"
	"github.com/gander-ml/gander/tensor/internal/scratch"
)

const (
	// columnBlock bounds the columns whose panels are packed at a time, and slab the values of either operand.
	columnBlock, slab = 4096, 2 << 20
	// serial is the number of products below which starting goroutines is not worth it.
	serial = 1 << 15
	// direct is the number of rows of a below which packing b costs more than it saves.
	direct = 33
	// Up to stripRows rows, and from wide columns on, goroutines pack what they need of b for themselves.
	stripRows, wide = 128, 512
	// pieces is into how many a product is cut, if it is large enough, so that cores come to its end together, and tallest
	// bounds the rows of a piece.
	pieces, tallest = 48, 84
)

// Mul computes c = op(a)·op(b), or c += op(a)·op(b) when accumulate is set, for row-major matrices: op(a) is m×k,
// op(b) is k×n and c is m×n. lda, ldb and ldc are the distances between stored rows, in elements; transA says that a
// is stored k×m, transB that b is stored n×k. It panics if a slice is too short. c must not overlap a or b.
//
// Each element of c is computed by one goroutine and the order in which its products are summed depends on k, n and
// the transpositions alone, not on m, nor on where the element lies, nor on the number of cores.
func Mul(c, a, b []float32, m, n, k, lda, ldb, ldc int, transA, transB, accumulate bool) {
	p := products.Get().(*product)
	*p = product{c, a, b, m, n, k, lda, ldb, ldc, transA, transB, accumulate, Current()}
	if !p.trivial() {
		p.run()
	}
	p.giveBack()
}

// A product escapes to the goroutines that share it, which are done with it when run returns.
var products = sync.Pool{New: func() any { return new(product) }}

func (p *product) giveBack() {
	*p = product{}
	products.Put(p)
}

// trivial checks the slices and does what has no products.
func (p *product) trivial() bool {
	m, n, k := p.m, p.n, p.k
	check("c", p.c, m, n, p.ldc)
	if p.transA {
		check("a", p.a, k, m, p.lda)
	} else {
		check("a", p.a, m, k, p.lda)
	}
	if p.transB {
		check("b", p.b, n, k, p.ldb)
	} else {
		check("b", p.b, k, n, p.ldb)
	}
	if m == 0 || n == 0 {
		return true
	}
	if k == 0 && !p.accumulate {
		for i := range m {
			clear(p.c[i*p.ldc:][:n])
		}
	}
	return k == 0
}

func (p *product) run() {
	m, n := p.m, p.n
	switch {
	case n <= MaxDot && !p.transA && p.kern.dot != nil:
		p.narrow()
	case !p.transB && (m < direct || n <= p.kern.Width):
		p.plain()
	case m <= stripRows && n >= wide:
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
	each(p.m, tallest, p.m*p.n*p.k, func(lo, hi int) {
		bl := takeBlock()
		defer bl.giveBack()
		*bl = Block{
			C: p.c[lo*p.ldc:], CRow: p.ldc, A: p.a[lo*p.lda:], ARow: p.lda, AK: 1, B: cols, BRow: 1, BPanel: ld,
			M: hi - lo, N: p.n, K: p.k, Accumulate: p.accumulate,
		}
		p.kern.Dot(bl)
	})
}

// plain reads both operands where they are. Where b is wide, columns are shared out, else rows.
func (p *product) plain() {
	chain := Chains(p.k)
	rows, cols := tallest/p.kern.tall*p.kern.tall, p.n
	if p.n > p.kern.Width {
		rows, cols = p.m, 4*p.kern.Width
	}
	a := p.operand(0, p.m, rows, 0, p.k, false)
	across := (p.n + cols - 1) / cols
	each((p.m+rows-1)/rows*across, 1, p.m*p.n*p.k, func(lo, hi int) {
		bl := takeBlock()
		defer bl.giveBack()
		for t := lo; t < hi; t++ {
			i, j := t/across*rows, t%across*cols
			*bl = Block{
				C: p.c[i*p.ldc+j:], CRow: p.ldc, BRow: p.ldb, BPanel: p.kern.Width,
				M: min(rows, p.m-i), N: min(cols, p.n-j),
			}
			for k0 := 0; k0 < p.k; k0 += chain {
				a.at(bl, i, k0)
				bl.B = p.b[k0*p.ldb+j:]
				bl.Accumulate = p.accumulate || k0 > 0
				p.kern.Run(bl)
			}
		}
	})
}

// packed copies b into panels, some columns and some chains at a time, and perhaps some rows of a.
func (p *product) packed(columnBlock, slab int) {
	chain := Chains(p.k)
	w := p.kern.Width
	for j0 := 0; j0 < p.n; j0 += columnBlock {
		n := min(columnBlock, p.n-j0)
		room := (n + w - 1) / w * w
		most := max(1, slab/(room*chain)) * chain
		if n >= wide {
			for k0 := 0; k0 < p.k; k0 += most {
				k := min(most, p.k-k0)
				m := p.m
				if p.packsA(n) {
					rows, _ := p.blocks(n)
					m = max(1, slab/(k*rows)) * rows
				}
				for i0 := 0; i0 < p.m; i0 += m {
					p.apart(i0, min(m, p.m-i0), j0, n, k0, k)
				}
			}
			continue
		}
		buf := scratch.Get(room * min(most, p.k))
		for k0 := 0; k0 < p.k; k0 += most {
			k := min(most, p.k-k0)
			p.slab(buf.Data[:room*k], j0, n, k0, k, slab)
		}
		buf.Free()
	}
}

// slab adds to n columns of c the products of k columns of a with as many rows of b, for which panels has room.
func (p *product) slab(panels []float32, j0, n, k0, k, slab int) {
	chain := Chains(p.k)
	w := p.kern.Width
	rows, cols := p.blocks(n)
	across := (n + cols - 1) / cols
	m, packs := p.m, p.packsA(n)
	if packs {
		m = max(1, slab/(k*rows)) * rows
	}
	chains := (k + chain - 1) / chain
	each(across*chains, 1, n*k, func(lo, hi int) { // in the order of the products, so that a core mostly packs what it multiplies
		for t := lo; t < hi; t++ {
			j, q := t/chains*cols, t%chains*chain
			p.packB(panels[j*k+q*w:], k*w, j0+j, min(cols, n-j), k0+q, min(chain, k-q))
		}
	})
	for i0 := 0; i0 < p.m; i0 += m {
		m := min(m, p.m-i0)
		a := p.operand(i0, m, rows, k0, k, packs)
		down := (m + rows - 1) / rows
		each(down*across, 1, m*n*k, func(lo, hi int) {
			bl := takeBlock()
			defer bl.giveBack()
			for t := lo; t < hi; t++ {
				i, j := t%down*rows, t/down*cols
				*bl = Block{
					C: p.c[(i0+i)*p.ldc+j0+j:], CRow: p.ldc, BRow: w, BPanel: k * w, M: min(rows, m-i), N: min(cols, n-j),
				}
				for q := 0; q < k; q += chain {
					a.at(bl, i, q)
					if q+chain < k {
						a.before(bl, i, q, i, q+chain)
					} else {
						a.before(bl, i, q, i+rows, 0)
					}
					bl.B = panels[j*k+q*w:]
					bl.Accumulate = p.accumulate || k0+q > 0
					p.kern.Run(bl)
				}
			}
		})
		a.free()
	}
}

// blocks returns the size of the pieces of c that are shared out, when n columns are packed: so few columns that their panels
// stay in a core's cache from one piece to the next below it. Where there are not many columns, a is read as it lies, and a
// piece has all of them unless there are few rows, too.
func (p *product) blocks(n int) (rows, cols int) {
	w, unit := p.kern.Width, p.kern.tall
	cols = (n + w - 1) / w * w
	if n >= wide {
		cols = (128 + w - 1) / w * w
	}
	across := func() int { return (n + cols - 1) / cols }
	for (p.m+unit-1)/unit*across() < pieces && cols > 2*w {
		cols = (cols/2 + w - 1) / w * w
	}
	return unit * min(max(1, p.m*across()/(pieces*unit)), tallest/unit), cols
}

// packB copies k rows of n columns to panels that are apart values apart.
func (p *product) packB(dst []float32, apart, j, n, k0, k int) {
	start := k0*p.ldb + j
	if p.transB {
		start = j*p.ldb + k0
	}
	p.kern.pack(dst, apart, p.b[start:], k, n, p.ldb, p.transB)
}

// strips shares out the columns: each goroutine packs a strip of b, one chain at a time, and multiplies it while it is in
// the cache.
func (p *product) strips() {
	chain := Chains(p.k)
	w := p.kern.Width
	cols := (64 + w - 1) / w * w
	if p.n >= 2*pieces*cols {
		cols *= 2
	}
	a := p.operand(0, p.m, p.m, 0, p.k, p.m*p.k <= slab)
	defer a.free()
	each((p.n+cols-1)/cols, 1, p.m*p.n*p.k, func(lo, hi int) {
		buf := scratch.Get(cols * chain)
		defer buf.Free()
		bl := takeBlock()
		defer bl.giveBack()
		for t := lo; t < hi; t++ {
			j := t * cols
			*bl = Block{C: p.c[j:], CRow: p.ldc, B: buf.Data, BRow: w, M: p.m, N: min(cols, p.n-j)}
			for k0 := 0; k0 < p.k; k0 += chain {
				a.at(bl, 0, k0)
				bl.BPanel = bl.K * w
				p.packB(buf.Data, bl.BPanel, j, bl.N, k0, bl.K)
				bl.Accumulate = p.accumulate || k0 > 0
				p.kern.Run(bl)
			}
		}
	})
}

// A Block escapes to the kernels, which are called through variables.
var blocks = sync.Pool{New: func() any { return new(Block) }}

func takeBlock() *Block { return blocks.Get().(*Block) }

func (b *Block) giveBack() {
	*b = Block{}
	blocks.Put(b)
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
