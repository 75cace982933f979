package data

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gander-ml/gander/tensor"
)

// Dataset is a list of examples. At may be called from several goroutines at once.
type Dataset[T any] interface {
	Len() int
	At(i int) (T, error)
}

// Slice is a data set in memory.
type Slice[T any] []T

// Len implements [Dataset].
func (s Slice[T]) Len() int { return len(s) }

// At implements [Dataset].
func (s Slice[T]) At(i int) (T, error) { return s[i], nil }

// Shard implements what [Shard] asks of a batch.
func (s Slice[T]) Shard(i, k int) (Slice[T], error) {
	lo, hi, err := ShardRange(len(s), i, k)
	if err != nil {
		return nil, err
	}
	return s[lo:hi:hi], nil
}

// Subset returns the examples with the given indices, in their order.
func Subset[T any](d Dataset[T], indices []int) Dataset[T] { return subset[T]{d, indices} }

type subset[T any] struct {
	from    Dataset[T]
	indices []int
}

func (s subset[T]) Len() int            { return len(s.indices) }
func (s subset[T]) At(i int) (T, error) { return s.from.At(s.indices[i]) }

// Split returns two parts of a data set, of n examples and of the others, drawn by a seed. It panics unless 0 ≤ n ≤ Len.
func Split[T any](d Dataset[T], n int, seed uint64) (first, rest Dataset[T]) {
	if n < 0 || n > d.Len() {
		panic(fmt.Sprintf("data.Split: no part of %d examples in %d", n, d.Len()))
	}
	order := Stream(seed).Perm(d.Len())
	return Subset(d, order[:n]), Subset(d, order[n:])
}

// Loader is the source that goes through a data set again and again, each time in another order, which is a function of
// the seed and the number of the epoch.
type Loader[T, B any] struct {
	Data Dataset[T]
	Size int // examples in a batch

	// Collate makes a batch of examples; [Stack] does for tensors. rng is that of the step, for transforms.
	Collate func(examples []T, rng *rand.Rand) (B, error)

	Ordered  bool   // keep the order of the data set instead of shuffling
	KeepLast bool   // an epoch ends with a smaller batch instead of leaving examples out for once
	Seed     uint64 // of the orders; in a training loop, the seed of the run is mixed in
}

// NewLoader returns a shuffling source of batches of size examples. It panics unless size is positive.
func NewLoader[T, B any](d Dataset[T], size int, collate func([]T, *rand.Rand) (B, error)) Loader[T, B] {
	return Loader[T, B]{Data: d, Size: size, Collate: collate}
}

// Batches returns how many batches an epoch has.
func (l Loader[T, B]) Batches() int {
	if l.Size < 1 {
		panic(fmt.Sprintf("data.Loader: want at least 1 example in a batch, got %d", l.Size))
	}
	if l.KeepLast {
		return (l.Data.Len() + l.Size - 1) / l.Size
	}
	return l.Data.Len() / l.Size
}

// WithSeed implements [Seeded].
func (l Loader[T, B]) WithSeed(seed uint64) Source[B] {
	l.Seed = mix(l.Seed) ^ seed
	return &shuffling[T, B]{Loader: l}
}

// Batch implements [Source].
func (l Loader[T, B]) Batch(step int, rng *rand.Rand) (B, error) {
	return (&shuffling[T, B]{Loader: l}).Batch(step, rng)
}

// shuffling is a Loader that remembers the orders of the epochs it is in, of which there are two where one ends.
type shuffling[T, B any] struct {
	Loader[T, B]
	mu     sync.Mutex
	orders map[int][]int
}

func (l *shuffling[T, B]) Batch(step int, rng *rand.Rand) (b B, err error) {
	per := l.Batches()
	if per == 0 {
		return b, fmt.Errorf("a batch of %d cannot be drawn from %d examples", l.Size, l.Data.Len())
	}
	lo := step % per * l.Size
	hi := min(lo+l.Size, l.Data.Len())
	examples := make([]T, 0, hi-lo)
	order := l.order(step / per)
	for i := lo; i < hi; i++ {
		k := i
		if order != nil {
			k = order[i]
		}
		e, err := l.Data.At(k)
		if err != nil {
			return b, fmt.Errorf("example %d: %w", k, err)
		}
		examples = append(examples, e)
	}
	return l.Collate(examples, rng)
}

func (l *shuffling[T, B]) order(epoch int) []int {
	if l.Ordered {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if order, ok := l.orders[epoch]; ok {
		return order
	}
	if len(l.orders) >= 2 || l.orders == nil {
		l.orders = map[int][]int{}
	}
	order := Stream(l.Seed, uint64(epoch)).Perm(l.Data.Len())
	l.orders[epoch] = order
	return order
}

// Stack makes a batch (N, …) of tensors of equal shapes; it is a Collate of [Loader]. Different shapes are an error.
func Stack(examples []*tensor.Tensor, _ *rand.Rand) (*tensor.Tensor, error) {
	if len(examples) == 0 {
		return nil, fmt.Errorf("data: an empty batch")
	}
	first := examples[0]
	out := tensor.New(append([]int{len(examples)}, first.Shape()...)...)
	for i, x := range examples {
		if !tensor.SameShape(x, first) {
			return nil, fmt.Errorf("data: examples of one batch have shapes %s and %s",
				tensor.Format(first.Shape()), tensor.Format(x.Shape()))
		}
		out.Rows(i, i+1).Reshape(x.Shape()...).CopyFrom(x)
	}
	return out, nil
}
