package data

import (
	"context"
	"sync"
)

// PrefetchOptions say how far [Prefetch] works ahead. Zero fields mean the usual choice.
type PrefetchOptions struct {
	Workers int // goroutines that make batches; 0 means 2
	Ahead   int // batches that may be ready or in the making before they are asked for; 0 means 2 for each worker
}

// Prefetch makes the batches of steps from, from+1, … on goroutines of their own and hands them out in this order. The
// batch of a step depends on src, seed and the step alone. The goroutines end when ctx does, or with Close.
func Prefetch[B any](ctx context.Context, src Source[B], seed uint64, from int, o PrefetchOptions) *Prefetcher[B] {
	workers := max(o.Workers, 1)
	if o.Workers == 0 {
		workers = 2
	}
	ahead := max(o.Ahead, workers)
	if o.Ahead == 0 {
		ahead = 2 * workers
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &Prefetcher[B]{ctx: ctx, cancel: cancel, order: make(chan chan made[B], ahead)}
	tasks := make(chan task[B])
	p.running.Add(1 + workers)
	go func() {
		defer p.running.Done()
		defer close(tasks)
		for step := from; ; step++ {
			// The channel of a step enters the order before its task does, so that Next meets the steps in turn.
			out := make(chan made[B], 1)
			select {
			case p.order <- out:
			case <-ctx.Done():
				return
			}
			select {
			case tasks <- task[B]{step, out}:
			case <-ctx.Done():
				return
			}
		}
	}()
	for range workers {
		go func() {
			defer p.running.Done()
			for t := range tasks {
				b, err := batchOf(src, seed, t.step)
				t.out <- made[B]{b, err}
			}
		}()
	}
	return p
}

// Prefetcher hands out batches that were made ahead. It belongs to one goroutine.
type Prefetcher[B any] struct {
	ctx     context.Context
	cancel  context.CancelFunc
	order   chan chan made[B]
	running sync.WaitGroup
}

type task[B any] struct {
	step int
	out  chan made[B]
}

type made[B any] struct {
	batch B
	err   error
}

// Next returns the batch of the next step. It returns an error if the source did, or if the context ended.
func (p *Prefetcher[B]) Next() (b B, err error) {
	if err := p.ctx.Err(); err != nil {
		return b, err // also where a batch is ready
	}
	var out chan made[B]
	select {
	case out = <-p.order:
	case <-p.ctx.Done():
		return b, p.ctx.Err()
	}
	select {
	case m := <-out:
		return m.batch, m.err
	case <-p.ctx.Done():
		return b, p.ctx.Err()
	}
}

// Close stops the goroutines and waits until they have ended.
func (p *Prefetcher[B]) Close() {
	p.cancel()
	p.running.Wait()
}
