// Package scratch lends working memory to kernels: packed operands, transformed tiles, partial sums.
package scratch

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/gander-ml/gander/tensor/internal/hugepage"
)

// A Buf is a piece of working memory. Its values are undefined when it is lent.
type Buf struct {
	Data  []float32 // starts at a multiple of 64 bytes
	all   []float32
	class int
	place int // of who has it, or had it last
}

const (
	// limit is the memory, in elements, that the pool keeps for later; what comes back beyond it goes to the garbage
	// collector.
	limit = 64 << 20
	// places is the number of processors that are told apart.
	places = 16
)

// What a core has written last is in its caches, so each gets its own memory back while there is some.
var pool struct {
	sync.Mutex
	free [places][64][]*Buf
	held int
}

// A sync.Pool keeps things apart for each processor, so what lies in it tells where one is.
var (
	signs = sync.Pool{New: func() any {
		n := int(posted.Add(1)-1) % places
		return &n
	}}
	posted atomic.Uint32
)

// Here returns a number for the processor that the caller runs on, which is mostly the same each time and seldom that of another.
func Here() int {
	sign := signs.Get().(*int)
	defer signs.Put(sign)
	return *sign
}

// Get lends n elements.
func Get(n int) *Buf {
	class := bits.Len(uint(max(n, 256) - 1))
	here := Here()
	if b := take(here, class); b != nil {
		b.Data, b.place = b.all[:n], here
		return b
	}
	all := hugepage.Floats(1<<class + 15)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(all))) / 4 % 16)
	all = all[skip:][:1<<class]
	return &Buf{Data: all[:n], all: all, class: class, place: here}
}

// take returns a free Buf, preferably one of a place, or nil.
func take(place, class int) *Buf {
	pool.Lock()
	defer pool.Unlock()
	for i := range places {
		free := &pool.free[(place+i)%places][class]
		if l := len(*free); l > 0 {
			b := (*free)[l-1]
			(*free)[l-1] = nil
			*free = (*free)[:l-1]
			pool.held -= 1 << class
			return b
		}
	}
	return nil
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
		free := &pool.free[b.place][b.class]
		*free = append(*free, b)
	}
}
