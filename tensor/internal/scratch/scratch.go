// Package scratch lends working memory to kernels: packed operands, transformed tiles, partial sums.
package scratch

import (
	"math/bits"
	"sync"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/hugepage"
)

// A Buf is a piece of working memory. Its values are undefined when it is lent.
type Buf struct {
	Data  []float32 // starts at a multiple of 64 bytes
	all   []float32
	class int
}

// limit is the memory, in elements, that the pool keeps for later; what comes back beyond it goes to the garbage
// collector.
const limit = 64 << 20

var pool struct {
	sync.Mutex
	free [64][]*Buf
	held int
}

// Get lends n elements.
func Get(n int) *Buf {
	class := bits.Len(uint(max(n, 256) - 1))
	pool.Lock()
	list := pool.free[class]
	if l := len(list); l > 0 {
		b := list[l-1]
		list[l-1] = nil
		pool.free[class] = list[:l-1]
		pool.held -= 1 << class
		pool.Unlock()
		b.Data = b.all[:n]
		return b
	}
	pool.Unlock()
	all := hugepage.Floats(1<<class + 15)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(all))) / 4 % 16)
	all = all[skip:][:1<<class]
	return &Buf{Data: all[:n], all: all, class: class}
}

// GetDoubles lends n numbers of double precision, which lie in Data.
func GetDoubles(n int) ([]float64, *Buf) {
	b := Get(2 * n)
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(b.all))), n), b
}

// Free gives b back. It must not be used afterwards.
func (b *Buf) Free() {
	pool.Lock()
	defer pool.Unlock()
	if pool.held+(1<<b.class) <= limit {
		pool.held += 1 << b.class
		pool.free[b.class] = append(pool.free[b.class], b)
	}
}
