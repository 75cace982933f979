package data_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestStreamsAreFunctionsOfTheirKeys(t *testing.T) {
	seen := map[uint64]string{}
	for _, keys := range [][]uint64{{}, {0}, {1}, {0, 0}, {0, 1}, {1, 0}, {1, 1}, {2}, {0, 0, 0}} {
		for seed := range uint64(3) {
			v := data.Stream(seed, keys...).Uint64()
			name := fmt.Sprint(seed, keys)
			require.NotContains(t, seen, v, name)
			seen[v] = name
			require.Equal(t, v, data.Stream(seed, keys...).Uint64())
		}
	}
	// The draws of neighbouring streams are uniform together, too.
	mean := 0.0
	for step := range uint64(10_000) {
		mean += data.Stream(7, step).Float64() / 10_000
	}
	require.InDelta(t, 0.5, mean, 0.02) // seven standard deviations
}

// draws is a source that tells its step and its random number.
var draws = data.Func[string](func(step int, rng *rand.Rand) (string, error) {
	return fmt.Sprintf("%d:%x", step, rng.Uint64()), nil
})

func TestPrefetchKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 50).Draw(t, "from")
		slow := data.Func[string](func(step int, rng *rand.Rand) (string, error) {
			if step%3 == 0 {
				runtime.Gosched()
			}
			return draws(step, rng)
		})
		p := data.Prefetch(context.Background(), slow, 3, from, data.PrefetchOptions{
			Workers: rapid.IntRange(0, 5).Draw(t, "workers"), Ahead: rapid.IntRange(0, 5).Draw(t, "ahead")})
		defer p.Close()
		for step := from; step < from+20; step++ {
			want, _ := draws(step, data.Stream(3, uint64(step)))
			got, err := p.Next()
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	})
}

func TestPrefetchReportsErrorsAtTheirStep(t *testing.T) {
	broken := errors.New("broken")
	src := data.Func[int](func(step int, _ *rand.Rand) (int, error) {
		switch step {
		case 2:
			return 0, broken
		case 3:
			panic("no")
		}
		return step, nil
	})
	p := data.Prefetch(context.Background(), src, 0, 0, data.PrefetchOptions{})
	defer p.Close()
	for want := range 2 {
		got, err := p.Next()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := p.Next()
	require.ErrorIs(t, err, broken)
	require.EqualError(t, err, "data: batch of step 2: broken")
	_, err = p.Next()
	require.EqualError(t, err, "data: batch of step 3: panic: no")
}

func TestPrefetchLeavesNoGoroutineBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	a := data.Prefetch(ctx, draws, 0, 0, data.PrefetchOptions{Workers: 4})
	b := data.Prefetch(ctx, draws, 0, 0, data.PrefetchOptions{Workers: 4})
	_, err := a.Next()
	require.NoError(t, err)
	cancel()
	_, err = b.Next()
	require.ErrorIs(t, err, context.Canceled)
	a.Close()
	b.Close()
	for range 1000 { // Close returns when they are about to end
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

func TestMapAndZip(t *testing.T) {
	numbers := data.Slice[int]{10, 20, 30, 40, 50}
	join := func(xs []int, _ *rand.Rand) ([]int, error) { return slices.Clone(xs), nil }
	a := data.Map(data.Source[[]int](data.NewLoader(numbers, 2, join)), func(xs []int, rng *rand.Rand) (int, error) { return xs[0] + xs[1], nil })
	z := data.WithSeed(data.Zip(a, data.Source[string](draws)), 5)
	got, err := z.Batch(1, data.Stream(1))
	require.NoError(t, err)
	inner, err := data.WithSeed[[]int](data.NewLoader(numbers, 2, join), 5).Batch(1, nil)
	require.NoError(t, err)
	require.Equal(t, inner[0]+inner[1], got.First)
	want, _ := draws(1, data.Stream(1))
	require.Equal(t, want, got.Second)

	broken := errors.New("broken")
	bad := data.Func[int](func(int, *rand.Rand) (int, error) { return 0, broken })
	_, err = data.Zip[int, int](a, bad).Batch(0, nil)
	require.ErrorIs(t, err, broken)
	_, err = data.Map(data.Source[int](bad), func(int, *rand.Rand) (int, error) { return 1, nil }).Batch(0, nil)
	require.ErrorIs(t, err, broken)
}

func TestShard(t *testing.T) {
	x := tensor.Arange(12).Reshape(6, 2)
	part, err := data.Shard(x, 1, 3)
	require.NoError(t, err)
	require.Equal(t, []float32{4, 5, 6, 7}, part.Data())
	pair, err := data.Shard(data.Pair[*tensor.Tensor, data.Slice[string]]{First: x, Second: data.Slice[string]{"a", "b"}}, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{6, 7, 8, 9, 10, 11}, pair.First.Data())
	require.Equal(t, data.Slice[string]{"b"}, pair.Second)
	_, err = data.Shard(x, 0, 4)
	require.EqualError(t, err, "6 examples are not a multiple of 4")
	_, err = data.Shard(3, 0, 2)
	require.EqualError(t, err, "neither the source nor the batch has a method Shard")
}
