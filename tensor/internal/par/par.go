// Package par splits work over goroutines so that the result does not depend on how many there are.
package par

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// For calls body(lo, hi) for the consecutive blocks [0,grain), [grain,2·grain), … of [0,n), each exactly once, in any
// order and on any number of goroutines. The blocks depend on n and grain alone, so a body that owns what it writes
// gives the same bits on any number of cores. A panic in body comes out of For. Calls may nest.
func For(n, grain int, body func(lo, hi int)) {
	grain = max(grain, 1)
	blocks := (n + grain - 1) / grain
	procs := min(runtime.GOMAXPROCS(0), blocks)
	if procs <= 1 {
		for lo := 0; lo < n; lo += grain {
			body(lo, min(lo+grain, n))
		}
		return
	}
	j := &job{n: n, grain: grain, body: body}
	for range procs - 1 {
		if !offer(j) {
			break
		}
	}
	j.run()
	j.helpers.Wait()
	if p := j.panicked.Load(); p != nil {
		panic(p.value)
	}
}

type job struct {
	n, grain int
	body     func(lo, hi int)
	next     atomic.Int64
	helpers  sync.WaitGroup
	panicked atomic.Pointer[caught]
}

type caught struct{ value any }

func (j *job) run() {
	defer func() {
		if v := recover(); v != nil {
			j.panicked.CompareAndSwap(nil, &caught{v})
			j.next.Store(int64(j.n)) // no more blocks
		}
	}()
	for {
		lo := int(j.next.Add(int64(j.grain))) - j.grain
		if lo >= j.n {
			return
		}
		j.body(lo, min(lo+j.grain, j.n))
	}
}

var (
	jobs    = make(chan *job) // unbuffered: a job is handed only to a worker that is idle now
	workers atomic.Int64
)

// offer hands j to an idle worker, starting one if there are fewer than the processors need.
func offer(j *job) bool {
	j.helpers.Add(1)
	select {
	case jobs <- j:
		return true
	default:
	}
	if n := workers.Load(); n < int64(runtime.GOMAXPROCS(0))-1 && workers.CompareAndSwap(n, n+1) {
		go func() {
			for {
				j.run()
				j.helpers.Done()
				j = <-jobs
			}
		}()
		return true
	}
	j.helpers.Done()
	return false
}
