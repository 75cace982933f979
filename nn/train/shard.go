package train

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Exchange has the shards of a turn computed, wherever its workers are. In one process the workers are goroutines, which
// is what a nil Exchange in a [Run] means.
type Exchange interface {
	// Collect returns when every part of a turn is present in this process: it calls compute for the index of each part
	// that this process owns, from any goroutines and in any order, and receives the tensors of the others.
	Collect(parts []*Part, compute func(i int)) error
}

// Part is what one shard leaves: the gradients, in the order of the player's parameters.
type Part struct {
	Grads []*tensor.Tensor
}

// goroutines computes all parts in this process, on so many goroutines.
type goroutines int

func (n goroutines) Collect(parts []*Part, compute func(i int)) error {
	workers := min(int(n), len(parts))
	if workers <= 1 {
		for i := range parts {
			compute(i)
		}
		return nil
	}
	var (
		wait     sync.WaitGroup
		once     sync.Once
		panicked any
	)
	for w := range workers {
		wait.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					once.Do(func() { panicked = v })
				}
			}()
			for i := w; i < len(parts); i += workers {
				compute(i)
			}
		})
	}
	wait.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return nil
}

// defaultWorkers is how many goroutines compute shards, which changes no result.
func defaultWorkers() goroutines { return goroutines(runtime.GOMAXPROCS(0)) }

// sumTree adds the gradients of all parts into those of the first, along the binary tree ((0+1)+(2+3))+… whose form depends
// on their number alone.
func sumTree(parts []*Part) {
	for stride := 1; stride < len(parts); stride *= 2 {
		for i := 0; i+stride < len(parts); i += 2 * stride {
			for k, g := range parts[i].Grads {
				tensor.AddScaledInto(g, parts[i+stride].Grads[k], 1)
			}
		}
	}
}

// shardOf cuts shard i of k out of a batch, by what the source or the batch itself knows.
func shardOf[B any](src data.Source[B], b B, i, k int) (B, error) {
	if k == 1 {
		return b, nil
	}
	if s, ok := src.(data.Sharder[B]); ok {
		return s.Shard(b, i, k)
	}
	return data.Shard(b, i, k)
}

func shardError[B any](k int, err error) error {
	var b B
	return fmt.Errorf("train: cannot cut a batch (%T) into %d shards: %w", b, k, err)
}
