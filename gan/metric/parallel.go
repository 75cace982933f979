package metric

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blocks calls body(lo, hi) for the consecutive blocks of size grain of [0, n), each once, on all cores. The blocks do not
// depend on the number of cores, so a body that owns what it writes gives the same bits on any.
func blocks(n, grain int, body func(lo, hi int)) {
	count := (n + grain - 1) / grain
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(count, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for b := int(next.Add(1)) - 1; b < count; b = int(next.Add(1)) - 1 {
				body(b*grain, min((b+1)*grain, n))
			}
		})
	}
	wait.Wait()
}
