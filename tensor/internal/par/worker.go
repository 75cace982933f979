package par

import (
	"runtime"
	"sync/atomic"
)

// spins is how often an idle goroutine looks for work, or a caller for the end of it, before it blocks: some tens of
// microseconds, about what it costs a virtual machine to wake a processor that has gone to sleep.
const spins = 40000

var (
	board    [8]atomic.Pointer[job] // the jobs that take helpers
	news     atomic.Uint64          // changes whenever a job is put on the board
	workers  atomic.Int64           // goroutines that look at the board
	sleepers atomic.Int64           // those of them that wait for wake
	wake     = make(chan struct{}, 64)
)

// pin puts j on the board, or reports that there is no room.
func pin(j *job) bool {
	for i := range board {
		if board[i].Load() == nil && board[i].CompareAndSwap(nil, j) {
			news.Add(1)
			return true
		}
	}
	return false
}

func unpin(j *job) {
	for i := range board {
		if board[i].Load() == j && board[i].CompareAndSwap(j, nil) {
			return
		}
	}
}

// callWorkers wakes n workers, and starts new ones up to the number of processors.
func callWorkers(n int) {
	for range n {
		if takeSleeper() {
			wake <- struct{}{}
			continue
		}
		w := workers.Load()
		if w < int64(n) && workers.CompareAndSwap(w, w+1) {
			go work(int(w))
		}
	}
}

// takeSleeper claims a sleeping worker. Who has claimed one must send on wake.
func takeSleeper() bool {
	for {
		s := sleepers.Load()
		if s == 0 {
			return false
		}
		if sleepers.CompareAndSwap(s, s-1) {
			return true
		}
	}
}

// work is the worker with a number from 0 on.
func work(number int) {
	defer workers.Add(-1) // runtime.Goexit in a body ends the worker
	for {
		seen := news.Load()
		for helpAny(number) {
		}
		if spin(seen) {
			continue
		}
		sleepers.Add(1)
		if news.Load() != seen && takeSleeper() {
			continue // it claimed itself, or another one for which it goes on in its place
		}
		<-wake
	}
}

// helpAny helps with one job of the board.
func helpAny(number int) bool {
	for i := range board {
		if j := board[i].Load(); j != nil && j.join() {
			j.help(number)
			return true
		}
	}
	return false
}

// spin waits a while for news.
func spin(seen uint64) bool {
	for i := range spins {
		if news.Load() != seen {
			return true
		}
		if i%256 == 255 {
			runtime.Gosched()
		}
	}
	return false
}
