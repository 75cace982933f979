package synthetic

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gander-ml/gander/nn/data"
)

// each draws n pictures on all cores, picture i with a generator that depends on the seed, what is drawn and i.
func each(n int, seed, what uint64, draw func(i int, rng *rand.Rand)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				draw(i, data.Stream(seed, what, uint64(i)))
			}
		})
	}
	wait.Wait()
}

// The streams of the kinds of pictures.
const (
	digitStream = iota
	shapeStream
	captionStream
)

// between draws from the uniform distribution on [lo, hi).
func between(rng *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }

func byteOf(v float64) uint8 { return uint8(min(max(v, 0), 255) + 0.5) }

// pick returns an element at random.
func pick[T any](rng *rand.Rand, of []T) T { return of[rng.IntN(len(of))] }
