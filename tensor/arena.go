package tensor

import (
	"math/bits"
	"slices"

	"github.com/gander-ml/gander/tensor/internal/hugepage"
)

// Arena lends memory to tensors that live for one step, and lends the same memory again in the next, so that a
// steady step allocates nothing of tensor size. A tensor of an arena is valid until it is given back by
// [Arena.Release], [Arena.ReleaseSince] or [Arena.Reset]; what outlives the step is copied with [Tensor.Clone].
//
// The zero value is ready. A nil *Arena is valid too and lends fresh memory from the heap that is never given back.
// An Arena belongs to one goroutine.
type Arena struct {
	pool *pool
	live []*block
}

// pool is the blocks of one arena, or of several, that are not on loan.
type pool struct{ free [64 * steps][]*block }

// block is one piece of lent memory. at is its place in Arena.live, or -1 while it is free.
type block struct {
	data  []float32
	class int
	at    int
}

// steps is the number of size classes in each power of two: at most a quarter of a block is slack.
const steps = 4

// New returns a tensor whose elements are undefined.
func (a *Arena) New(shape ...int) *Tensor {
	if a == nil {
		return New(shape...)
	}
	n := size("tensor.Arena.New", shape)
	class, room := sizeClass(n)
	b := a.blocks().take(class)
	if b == nil {
		b = &block{data: hugepage.Floats(room), class: class}
	}
	b.at = len(a.live)
	a.live = append(a.live, b)
	return &Tensor{shape: slices.Clone(shape), data: b.data[:n:n], block: b}
}

// Beside returns an arena that lends what a has free, and the other way round, so that two kinds of work that take turns need
// no more memory than the larger. Both belong to the same goroutine.
func (a *Arena) Beside() Arena { return Arena{pool: a.blocks()} }

func (a *Arena) blocks() *pool {
	if a.pool == nil {
		a.pool = &pool{}
	}
	return a.pool
}

// take returns a free block of a class, or of one that is up to twice as large, or nil.
func (p *pool) take(class int) *block {
	for c := class; c <= min(class+steps, len(p.free)-1); c++ {
		list := p.free[c]
		if l := len(list); l > 0 {
			b := list[l-1]
			list[l-1] = nil
			p.free[c] = list[:l-1]
			return b
		}
	}
	return nil
}

// Zeros returns a tensor of zeros.
func (a *Arena) Zeros(shape ...int) *Tensor {
	t := a.New(shape...)
	clear(t.data)
	return t
}

// Release gives the memory of t, and so of all its views, back. Tensors that are not on loan are left alone.
func (a *Arena) Release(t *Tensor) {
	if a == nil || t.block == nil || t.block.at < 0 {
		return
	}
	b := t.block
	if b.at >= len(a.live) || a.live[b.at] != b {
		panic("tensor.Arena.Release: the tensor belongs to another arena")
	}
	a.live[b.at] = nil
	a.put(b)
}

// Mark returns a point in time for [Arena.ReleaseSince].
func (a *Arena) Mark() int {
	if a == nil {
		return 0
	}
	return len(a.live)
}

// ReleaseSince gives back everything lent since mark except the memory of keep.
func (a *Arena) ReleaseSince(mark int, keep ...*Tensor) {
	if a == nil {
		return
	}
	tail := a.live[mark:]
	a.live = a.live[:mark]
	for _, b := range tail {
		switch {
		case b == nil:
		case slices.ContainsFunc(keep, func(t *Tensor) bool { return t != nil && t.block == b }):
			b.at = len(a.live)
			a.live = append(a.live, b)
		default:
			a.put(b)
		}
	}
	clear(tail[len(a.live)-mark:])
}

// Reset gives everything back. Tensors of the arena must not be used afterwards.
func (a *Arena) Reset() {
	if a != nil {
		a.ReleaseSince(0)
	}
}

// Owns reports whether t's memory is on loan from a.
func (a *Arena) Owns(t *Tensor) bool {
	return a != nil && t.block != nil && t.block.at >= 0 && t.block.at < len(a.live) && a.live[t.block.at] == t.block
}

// Place tells the memory that a has on loan apart: two tensors have the same place if one is a view of the other or both are of
// a third. It is the mark that the memory was lent at, or -1 if it is not on loan from a.
func (a *Arena) Place(t *Tensor) int {
	if !a.Owns(t) {
		return -1
	}
	return t.block.at
}

// LentSince reports whether t's memory is on loan from a and was lent after mark.
func (a *Arena) LentSince(mark int, t *Tensor) bool { return a.Owns(t) && t.block.at >= mark }

// Bytes returns how much memory the arena holds, lent and free, what it shares included.
func (a *Arena) Bytes() int64 {
	if a == nil {
		return 0
	}
	n := 0
	for _, b := range a.live {
		if b != nil {
			n += len(b.data)
		}
	}
	for _, list := range a.blocks().free {
		for _, b := range list {
			n += len(b.data)
		}
	}
	return 4 * int64(n)
}

func (a *Arena) put(b *block) {
	b.at = -1
	p := a.blocks()
	p.free[b.class] = append(p.free[b.class], b)
}

// sizeClass returns the smallest class that holds n elements, and how many a block of it has.
func sizeClass(n int) (class, room int) {
	n = max(n, 16)
	exp := bits.Len(uint(n-1)) - 1 // 2^exp < n <= 2^(exp+1), for n a power of two the upper end
	unit := max(1, 1<<exp/steps)
	step := (n - 1<<exp + unit - 1) / unit
	return exp*steps + step - 1, 1<<exp + step*unit
}
