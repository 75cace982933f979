package data_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// pool makes batches of a number and uses their memory again. It fails if it gets back what it has not given, or twice.
type pool struct {
	t     *testing.T
	size  int
	mu    sync.Mutex
	spare []*tensor.Tensor
	out   map[*tensor.Tensor]bool
	made  int
}

func newPool(t *testing.T, size int) *pool {
	return &pool{t: t, size: size, out: map[*tensor.Tensor]bool{}}
}

func (p *pool) Batch(step int, _ *rand.Rand) (*tensor.Tensor, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var x *tensor.Tensor
	if n := len(p.spare); n > 0 {
		x, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		x = tensor.New(p.size)
		p.made++
	}
	x.Fill(float32(step))
	p.out[x] = true
	return x, nil
}

func (p *pool) Recycle(x *tensor.Tensor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	require.True(p.t, p.out[x], "memory that is not lent")
	delete(p.out, x)
	p.spare = append(p.spare, x)
}

// labelledPart is a batch that shares memory with what it is made of, and has something in common with all others.
type labelledPart struct {
	Table  *tensor.Tensor
	Sizes  [2]int
	Labels []int
	Half   *tensor.Tensor
	Any    any
}

// Through maps and pairs, memory goes back to where it came from, and a steady loop allocates no batches.
func TestRecyclingGoesThroughMapAndZip(t *testing.T) {
	const size, warm, steps = 1 << 18, 20, 200
	first, second := newPool(t, size), newPool(t, size)
	table := tensor.New(3)
	part := func(x *tensor.Tensor, _ *rand.Rand) (labelledPart, error) {
		return labelledPart{Table: table, Half: x.Rows(0, size/2)}, nil
	}
	again := func(b labelledPart, _ *rand.Rand) (labelledPart, error) {
		b.Labels, b.Any = make([]int, 1), b.Half
		return b, nil
	}
	src := data.WithSeed(data.Zip(data.Map(data.Map[*tensor.Tensor](first, part), again), data.Source[*tensor.Tensor](second)), 1)
	batches := data.Prefetch(context.Background(), src, 1, 0, data.PrefetchOptions{Workers: 3})
	defer batches.Close()
	var before, after runtime.MemStats
	var held []data.Pair[labelledPart, *tensor.Tensor] // a round of several batches
	for step := range warm + steps {
		if step == warm {
			runtime.ReadMemStats(&before)
		}
		b, err := batches.Next()
		require.NoError(t, err)
		held = append(held, b)
		if len(held) == 3 {
			for i, b := range held {
				want := float32(step - 2 + i)
				require.Equal(t, [2]float32{want, want}, [2]float32{b.First.Half.At(size/2 - 1), b.Second.At(7)}, "nobody wrote to what is in use")
				src.(data.Recycler[data.Pair[labelledPart, *tensor.Tensor]]).Recycle(b)
			}
			held = held[:0]
		}
	}
	runtime.ReadMemStats(&after)
	// How many batches are on their way at once is the scheduler's business, so the pools may still grow by a few; of the
	// 200 pairs, nearly all must be old ones.
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(steps/10*2*size*4), "bytes for all batches")
	require.LessOrEqual(t, first.made, 16)
	require.LessOrEqual(t, second.made, 16)
}

// What cannot be told from others is left to the garbage collector.
func TestMapRecyclesOnlyWhatItKnows(t *testing.T) {
	p := newPool(t, 1)
	type recycler[B any] interface {
		data.Source[B]
		data.Recycler[B]
	}
	numbers := data.Map[*tensor.Tensor](p, func(x *tensor.Tensor, _ *rand.Rand) (float32, error) { return x.At(0), nil }).(recycler[float32])
	v, err := numbers.Batch(3, nil)
	require.NoError(t, err)
	numbers.Recycle(v)
	require.Empty(t, p.spare)

	lazy := data.Map[*tensor.Tensor](p, func(x *tensor.Tensor, _ *rand.Rand) (func() float32, error) {
		return func() float32 { return x.At(0) }, nil
	}).(recycler[func() float32])
	f, err := lazy.Batch(4, nil)
	require.NoError(t, err)
	lazy.Recycle(f)
	require.Empty(t, p.spare)
	require.Equal(t, float32(4), f())

	same := data.Map[*tensor.Tensor](p, func(x *tensor.Tensor, _ *rand.Rand) (*tensor.Tensor, error) { return x, nil }).(recycler[*tensor.Tensor])
	x, err := same.Batch(5, nil)
	require.NoError(t, err)
	same.Recycle(tensor.New(1))
	require.Empty(t, p.spare, "of another")
	same.Recycle(x)
	same.Recycle(x)
	require.Equal(t, []*tensor.Tensor{x}, p.spare, "once")

	// Who recycles nothing does not make the map remember everything.
	for step := range 1000 {
		_, err := same.Batch(step, nil)
		require.NoError(t, err)
	}
	p.spare = nil
	for _, x := range slices.Collect(maps.Keys(p.out)) {
		same.Recycle(x)
	}
	require.Len(t, p.spare, 64)
}
