// Package par splits work over goroutines so that the result does not depend on how many there are.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// For calls body(lo, hi) for the consecutive blocks [0,grain), [grain,2·grain), … of [0,n), each exactly once, in any
// order and on any number of goroutines up to GOMAXPROCS. The blocks depend on n and grain alone, so a body that owns
// what it writes gives the same bits on any number of cores. A panic in body comes out of For, after which no further
// block is started. Calls may nest.
func For(n, grain int, body func(lo, hi int)) {
	if n <= 0 {
		return
	}
	grain = max(grain, 1)
	blocks := (n-1)/grain + 1
	procs := min(runtime.GOMAXPROCS(0), blocks)
	if procs <= 1 {
		for lo := 0; lo < n; lo += grain {
			body(lo, min(lo+grain, n))
		}
		return
	}
	j := jobs.Get().(*job)
	j.n, j.grain, j.body = n, grain, body
	j.cut(blocks, procs)
	defer j.finish()
	j.post(procs - 1)
	j.run(0)
	j.whole = true
}

// A job is one call of For. The caller posts it on the board, where workers find it.
type job struct {
	n, grain int
	body     func(lo, hi int)
	shares   []share      // of the blocks, one for each goroutine that may take part, which begins with it
	whole    bool         // the caller came to the end without a panic
	offered  int64        // seats for helpers at first
	seats    atomic.Int64 // seats that are left
	// balance is minus the helpers that have left until the caller adds those that came; who then brings it to 0 is last.
	balance  atomic.Int64
	last     chan struct{}
	panicked atomic.Pointer[caught]
}

// A share is some blocks that follow each other. It has a cache line of its own.
type share struct {
	next atomic.Int64 // first block that nobody has taken
	end  int64
	_    [48]byte
}

type caught struct{ value any }

var jobs = sync.Pool{New: func() any { return &job{last: make(chan struct{}, 1)} }}

// cut shares the blocks out.
func (j *job) cut(blocks, shares int) {
	if cap(j.shares) < shares {
		j.shares = make([]share, shares)
	}
	j.shares = j.shares[:shares]
	for i := range j.shares {
		j.shares[i].next.Store(int64(blocks) * int64(i) / int64(shares))
		j.shares[i].end = int64(blocks) * int64(i+1) / int64(shares)
	}
}

// stop lets no further block be started.
func (j *job) stop() {
	for i := range j.shares {
		j.shares[i].next.Store(j.shares[i].end)
	}
}

// post lets helpers in. Without a free slot on the board the caller works alone.
func (j *job) post(seats int) {
	j.offered = int64(seats)
	j.seats.Store(j.offered)
	if pin(j) {
		callWorkers(seats)
	}
}

// join takes a seat. It fails when the job is closed or has helpers enough. A job may have been closed and used again
// since it was found on the board; the seat is then one of the new job, which is as good.
func (j *job) join() bool {
	for {
		s := j.seats.Load()
		if s <= 0 {
			return false
		}
		if j.seats.CompareAndSwap(s, s-1) {
			return true
		}
	}
}

// run does blocks until there are none left, those of a share first.
func (j *job) run(first int) {
	for i := range j.shares {
		s := &j.shares[(first+i)%len(j.shares)]
		for {
			b := s.next.Add(1) - 1
			if b >= s.end {
				break
			}
			lo := int(b) * j.grain
			j.body(lo, min(lo+j.grain, j.n))
		}
	}
}

// help is run for a worker. A panic is kept for the caller.
func (j *job) help(worker int) {
	whole := false
	defer func() {
		v := recover()
		if v == nil && !whole {
			v = "par: a body called runtime.Goexit"
		}
		if v != nil {
			j.panicked.CompareAndSwap(nil, &caught{v})
			j.stop()
		}
		if j.balance.Add(-1) == 0 {
			j.last <- struct{}{}
		}
	}()
	j.run(1 + worker%max(1, len(j.shares)-1))
	whole = true
}

// finish waits for the helpers, and passes a panic of theirs on unless the caller has one itself.
func (j *job) finish() {
	if !j.whole {
		j.stop()
	}
	unpin(j)
	if came := j.offered - j.seats.Swap(0); j.balance.Add(came) != 0 {
		j.wait()
	}
	whole, p := j.whole, j.panicked.Swap(nil)
	j.whole, j.body = false, nil
	j.balance.Store(0)
	jobs.Put(j)
	if whole && p != nil {
		panic(p.value)
	}
}

// wait blocks until the last helper has left. That is mostly soon, so it looks for a while first.
func (j *job) wait() {
	for range spins {
		select {
		case <-j.last:
			return
		default:
		}
	}
	<-j.last
}
