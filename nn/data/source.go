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

// Map returns a source whose batches are those of src after f, which continues with the same random numbers. f may share the memory
// of a, but not keep it for anything else: if src can use it again, it gets it back with the batch that was made of it.
func Map[A, B any](src Source[A], f func(a A, rng *rand.Rand) (B, error)) Source[B] {
	return &mapped[A, B]{src: src, f: f}
}

type mapped[A, B any] struct {
	src    Source[A]
	f      func(A, *rand.Rand) (B, error)
	origin origins[A]
}

// Batch implements [Source].
func (m *mapped[A, B]) Batch(step int, rng *rand.Rand) (b B, err error) {
	a, err := m.src.Batch(step, rng)
	if err != nil {
		return b, err
	}
	b, err = m.f(a, rng)
	if _, ok := m.src.(Recycler[A]); ok && err == nil {
		m.origin.put(b, a)
	}
	return b, err
}

// WithSeed implements [Seeded].
func (m *mapped[A, B]) WithSeed(seed uint64) Source[B] {
	return &mapped[A, B]{src: WithSeed(m.src, seed), f: m.f}
}

// Recycle implements [Recycler].
func (m *mapped[A, B]) Recycle(b B) {
	if r, ok := m.src.(Recycler[A]); ok {
		if a, ok := m.origin.take(b); ok {
			r.Recycle(a)
		}
	}
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

// Batch implements [Source].
func (z zipped[A, B]) Batch(step int, rng *rand.Rand) (p Pair[A, B], err error) {
	if p.First, err = z.a.Batch(step, rng); err != nil {
		return p, err
	}
	p.Second, err = z.b.Batch(step, rng)
	return p, err
}

// WithSeed implements [Seeded].
func (z zipped[A, B]) WithSeed(seed uint64) Source[Pair[A, B]] {
	return zipped[A, B]{WithSeed(z.a, seed), WithSeed(z.b, seed)}
}

// Recycle implements [Recycler].
func (z zipped[A, B]) Recycle(p Pair[A, B]) {
	if r, ok := z.a.(Recycler[A]); ok {
		r.Recycle(p.First)
	}
	if r, ok := z.b.(Recycler[B]); ok {
		r.Recycle(p.Second)
	}
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
