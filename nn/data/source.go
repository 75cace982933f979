package data

import (
	"fmt"
	"math/rand/v2"
)

// Source makes batches. Batch must be a pure function of the step and of what it draws from rng, which the caller makes
// for this step, and may be called from several goroutines at once.
type Source[B any] interface {
	Batch(step int, rng *rand.Rand) (B, error)
}

// Seeded is a source that depends on a seed beyond the generator of each step, as the order of an epoch does.
// [WithSeed] gives it the seed of a run.
type Seeded[B any] interface {
	Source[B]
	WithSeed(seed uint64) Source[B]
}

// WithSeed returns src with the seed of a run, or src itself if it is not [Seeded].
func WithSeed[B any](src Source[B], seed uint64) Source[B] {
	if s, ok := src.(Seeded[B]); ok {
		return s.WithSeed(seed)
	}
	return src
}

// Recycler is a source that can use the memory of a batch again. A training loop hands a batch back when its round is
// over; nothing of the batch may be used afterwards.
type Recycler[B any] interface {
	Recycle(b B)
}

// Func is a source made of a function.
type Func[B any] func(step int, rng *rand.Rand) (B, error)

// Batch implements [Source].
func (f Func[B]) Batch(step int, rng *rand.Rand) (B, error) { return f(step, rng) }

// Map returns a source whose batches are those of src after f, which continues with the same random numbers.
func Map[A, B any](src Source[A], f func(a A, rng *rand.Rand) (B, error)) Source[B] {
	return mapped[A, B]{src, f}
}

type mapped[A, B any] struct {
	src Source[A]
	f   func(A, *rand.Rand) (B, error)
}

func (m mapped[A, B]) Batch(step int, rng *rand.Rand) (b B, err error) {
	a, err := m.src.Batch(step, rng)
	if err != nil {
		return b, err
	}
	return m.f(a, rng)
}

func (m mapped[A, B]) WithSeed(seed uint64) Source[B] {
	return mapped[A, B]{WithSeed(m.src, seed), m.f}
}

// Pair is what [Zip] makes.
type Pair[A, B any] struct {
	First  A
	Second B
}

// Zip returns a source of pairs of batches. The two draw from the same random numbers one after the other.
func Zip[A, B any](a Source[A], b Source[B]) Source[Pair[A, B]] { return zipped[A, B]{a, b} }

type zipped[A, B any] struct {
	a Source[A]
	b Source[B]
}

func (z zipped[A, B]) Batch(step int, rng *rand.Rand) (p Pair[A, B], err error) {
	if p.First, err = z.a.Batch(step, rng); err != nil {
		return p, err
	}
	p.Second, err = z.b.Batch(step, rng)
	return p, err
}

func (z zipped[A, B]) WithSeed(seed uint64) Source[Pair[A, B]] {
	return zipped[A, B]{WithSeed(z.a, seed), WithSeed(z.b, seed)}
}

// batchOf calls src.Batch with the generator of the step, and turns a panic in it into an error: it runs on a goroutine
// of its own, where nobody could catch it.
func batchOf[B any](src Source[B], seed uint64, step int) (b B, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("data: batch of step %d: panic: %v", step, v)
		}
	}()
	b, err = src.Batch(step, Stream(seed, uint64(step)))
	if err != nil {
		err = fmt.Errorf("data: batch of step %d: %w", step, err)
	}
	return b, err
}
