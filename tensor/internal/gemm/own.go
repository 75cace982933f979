package gemm

import (
	"runtime"
	"slices"
	"sync"

	"github.com/gander-ml/gander/tensor/internal/scratch"
)

// owned is what one goroutine has packed of the operands. Others do not read it: where cores do not share a cache, that would take
// longer than to pack it again.
type owned struct {
	a      operand
	done   []bool // by their first rows, the blocks of a, which are packed when they are first needed, if they are packed at all
	strip  int    // the columns of b
	panels *scratch.Buf
	place  int // where they are used, as scratch.Here tells
}

var unused = sync.Pool{New: func() any { return new(owned) }}

// owners is what was packed for a product that no goroutine uses at the moment.
type owners struct {
	sync.Mutex
	free []*owned
}

// take returns what holds a strip, if there is such, or else what was used here, or another, or nil.
func (o *owners) take(strip int) *owned {
	o.Lock()
	defer o.Unlock()
	last := len(o.free) - 1
	if last < 0 {
		return nil
	}
	at, here := last, scratch.Here()
	for i, s := range o.free {
		if s.strip == strip {
			at = i
			break
		}
		if s.place == here {
			at = i
		}
	}
	s := o.free[at]
	s.place = here
	o.free[at], o.free = o.free[last], o.free[:last]
	return s
}

func (o *owners) give(s *owned) {
	o.Lock()
	defer o.Unlock()
	o.free = append(o.free, s)
}

// apart computes rows i0 to i0+m of what slab does, and lets every goroutine pack what it needs.
func (p *product) apart(i0, m, j0, n, k0, k int) {
	chain, w := Chains(p.k), p.kern.Width
	rows, cols := p.blocks(n)
	packs := p.packsA(n)
	part := m
	if packs && !p.transA {
		n := parts(runtime.GOMAXPROCS(0))
		part = (m + n - 1) / n
	}
	down, across := (part+rows-1)/rows, (n+cols-1)/cols
	var all owners
	each((m+part-1)/part*across*down, 1, m*n*k, func(lo, hi int) {
		s := all.take(lo / down % across)
		if s == nil {
			s = unused.Get().(*owned)
			s.a, s.strip, s.panels, s.place = p.share(i0, m, rows, k0, k), -1, scratch.Get(k*cols), scratch.Here()
			if packs {
				s.a, s.done = p.room(i0, m, rows, k0, k), slices.Grow(s.done[:0], m)[:m]
				clear(s.done)
			}
		}
		defer all.give(s)
		bl := takeBlock()
		defer bl.giveBack()
		for t := lo; t < hi; t++ {
			top, strip := t/down/across*part, t/down%across
			i, end, j := top+t%down*rows, min(top+part, m), strip*cols
			if i >= end {
				continue // the last part can be lower
			}
			first := s.strip != strip
			s.strip = strip
			*bl = Block{C: p.c[(i0+i)*p.ldc+j0+j:], CRow: p.ldc, BRow: w, BPanel: k * w, M: min(rows, end-i), N: min(cols, n-j)}
			for q := 0; q < k; q += chain {
				if packs && !s.done[i] {
					s.a.pack(i, bl.M, q)
				}
				s.a.at(bl, i, q)
				if q+chain < k {
					s.a.before(bl, i, q, i, q+chain)
				} else {
					s.a.before(bl, i, q, i+rows, 0)
				}
				bl.B = s.panels.Data[q*w:]
				if bl.From = nil; first && p.transB {
					p.packB(bl.B, bl.BPanel, j0+j, bl.N, k0+q, bl.K)
				} else if first {
					bl.From, bl.FromRow = p.b[(k0+q)*p.ldb+j0+j:], p.ldb
				}
				bl.Accumulate = p.accumulate || k0+q > 0
				p.kern.Run(bl)
			}
			if packs {
				s.done[i] = true
			}
		}
	})
	for _, s := range all.free {
		s.a.free()
		s.panels.Free()
		s.a, s.panels = operand{}, nil
		unused.Put(s)
	}
}

// parts returns into how many parts of its rows a product is cut, one after the other, where a must be packed: so many that each core
// packs about as many rows of a as columns of b.
func parts(cores int) int {
	n := 1
	for n*n < cores {
		n *= 2
	}
	return n
}
