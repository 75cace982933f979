package gemm

import "github.com/gander-ml/gander/tensor/internal/scratch"

// An operand is some rows and columns of op(a), as they lie or packed: chain by chain, and in a chain either row by row, or
// where a is transposed by blocks of so many rows, which then lie side by side.
type operand struct {
	p            *product
	i0, m, rows  int // first row, rows, and rows in a block
	k0, k, chain int // first column, columns, and columns in a chain
	buf          *scratch.Buf
	ld           int // between packed rows
}

// packsA tells whether a product with so many columns of b at a time first packs a.
func (p *product) packsA(n int) bool {
	if p.lda < 128 || n <= 2*p.kern.Width {
		return false
	}
	return p.transA || p.crowded()
}

// crowded tells whether the rows of a tile, at one place of each, fall on each other in the first-level cache, as rows do that lie
// a power of two apart: more than seven lines of 64 bytes in a set of eight.
func (p *product) crowded() bool {
	var sets [64]int
	for r := range p.kern.tall {
		at := &sets[4*r*p.lda/64%64]
		if *at++; *at > 7 {
			return true
		}
	}
	return false
}

// operand returns rows i0 to i0+m and columns k0 to k0+k of op(a).
func (p *product) operand(i0, m, rows, k0, k int, pack bool) operand {
	if !pack {
		return p.share(i0, m, rows, k0, k)
	}
	a := p.room(i0, m, rows, k0, k)
	down, chains := (m+rows-1)/rows, (k+a.chain-1)/a.chain
	each(down*chains, 1, m*k, func(lo, hi int) {
		for t := lo; t < hi; t++ {
			i := t % down * rows
			a.pack(i, min(rows, m-i), t/down*a.chain)
		}
	})
	return a
}

// share returns an operand as it lies.
func (p *product) share(i0, m, rows, k0, k int) operand {
	return operand{p: p, i0: i0, m: m, rows: rows, k0: k0, k: k, chain: Chains(p.k)}
}

// room returns an operand that is to be packed.
func (p *product) room(i0, m, rows, k0, k int) operand {
	a := p.share(i0, m, rows, k0, k)
	a.ld = (a.chain+p.kern.Width-1)/p.kern.Width*p.kern.Width + 4
	a.buf = scratch.Get((k + a.chain - 1) / a.chain * m * a.ld)
	return a
}

// pack copies the block of some rows that starts at row i, in the chain that starts at column q.
func (a *operand) pack(i, rows, q int) {
	p := a.p
	dst := a.buf.Data[q/a.chain*a.m*a.ld:]
	k := min(a.chain, a.k-q)
	if p.transA {
		src := p.a[(a.k0+q)*p.lda+a.i0+i:]
		for r := range k {
			copy(dst[i*k+r*rows:][:rows], src[r*p.lda:])
		}
		return
	}
	p.kern.lines(dst[i*a.ld:], p.a[(a.i0+i)*p.lda+a.k0+q:], rows, k, a.ld, p.lda)
}

// at makes the block that starts at row i, and the chain that starts at column q, the first operand of bl.
func (a *operand) at(bl *Block, i, q int) {
	p := a.p
	bl.K = min(a.chain, a.k-q)
	switch {
	case a.buf == nil && p.transA:
		bl.A, bl.ARow, bl.AK = p.a[(a.k0+q)*p.lda+a.i0+i:], 1, p.lda
	case a.buf == nil:
		bl.A, bl.ARow, bl.AK = p.a[a.place(i, q):], p.lda, 1
	case p.transA:
		bl.A, bl.ARow, bl.AK = a.buf.Data[q/a.chain*a.m*a.ld+i*bl.K:], 1, min(a.rows, a.m-i)
	default:
		bl.A, bl.ARow, bl.AK = a.buf.Data[a.place(i, q):], a.ld, 1
	}
}

// before tells bl, which is the block that starts at row i and column q, that the one at row nextI and column nextQ is likely to
// follow.
func (a *operand) before(bl *Block, i, q, nextI, nextQ int) {
	bl.Next = 0
	if !a.p.transA && nextI < a.m && nextQ < a.k {
		bl.Next = a.place(nextI, nextQ) - a.place(i, q)
	}
}

// place is where a row starts in the chain that starts at column q, if a is not transposed.
func (a *operand) place(i, q int) int {
	if a.buf == nil {
		return (a.i0+i)*a.p.lda + a.k0 + q
	}
	return q/a.chain*a.m*a.ld + i*a.ld
}

func (a *operand) free() {
	if a.buf != nil {
		a.buf.Free()
	}
}
