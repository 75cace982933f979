package data_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func ints(n int) data.Slice[int] {
	out := make(data.Slice[int], n)
	for i := range out {
		out[i] = i
	}
	return out
}

func keep(xs []int, _ *rand.Rand) ([]int, error) { return slices.Clone(xs), nil }

// Each epoch has every example once, or all but the few of the last batch, whatever order batches are asked for in.
func TestEpochs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, size := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(1, 10).Draw(t, "size")
		l := data.NewLoader(ints(n), size, keep)
		l.KeepLast = rapid.Bool().Draw(t, "keep last")
		if l.Batches() == 0 {
			_, err := l.Batch(0, nil)
			require.Error(t, err)
			return
		}
		src := data.WithSeed[[]int](l, rapid.Uint64().Draw(t, "seed"))
		epochs := 3
		batches := make([][]int, epochs*l.Batches())
		for _, step := range rapid.Permutation(ints(len(batches))).Draw(t, "steps") {
			b, err := src.Batch(step, nil)
			require.NoError(t, err)
			batches[step] = b
		}
		var orders [][]int
		for e := range epochs {
			order := slices.Concat(batches[e*l.Batches() : (e+1)*l.Batches()]...)
			orders = append(orders, order)
			sorted := slices.Compact(slices.Sorted(slices.Values(order)))
			if l.KeepLast {
				require.Equal(t, []int(ints(n)), sorted)
			} else {
				require.Len(t, sorted, n/size*size)
			}
		}
		if n > 20 && size == 1 {
			require.NotEqual(t, orders[0], orders[1])
		}
	})
}

func TestOrderDependsOnTheSeed(t *testing.T) {
	order := func(l data.Loader[int, []int], run uint64) []int {
		b, err := data.WithSeed[[]int](l, run).Batch(0, nil)
		require.NoError(t, err)
		return b
	}
	l := data.NewLoader(ints(50), 50, keep)
	require.Equal(t, order(l, 1), order(l, 1))
	require.NotEqual(t, order(l, 1), order(l, 2))
	other := l
	other.Seed = 1
	require.NotEqual(t, order(l, 1), order(other, 1))
	l.Ordered = true
	require.Equal(t, []int(ints(50)), order(l, 1))
}

func TestSplitAndSubset(t *testing.T) {
	a, b := data.Split[int](ints(10), 3, 4)
	require.Equal(t, 3, a.Len())
	require.Equal(t, 7, b.Len())
	var all []int
	for _, d := range []data.Dataset[int]{a, b} {
		for i := range d.Len() {
			v, err := d.At(i)
			require.NoError(t, err)
			all = append(all, v)
		}
	}
	require.NotEqual(t, []int(ints(10)), all)
	slices.Sort(all)
	require.Equal(t, []int(ints(10)), all)
	require.PanicsWithValue(t, "data.Split: no part of 11 examples in 10", func() { data.Split[int](ints(10), 11, 0) })
}

func TestStack(t *testing.T) {
	got, err := data.Stack([]*tensor.Tensor{tensor.Full(1, 2, 3), tensor.Full(2, 2, 3)}, nil)
	require.NoError(t, err)
	require.Equal(t, []int{2, 2, 3}, got.Shape())
	require.Equal(t, []float32{1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2}, got.Data())
	_, err = data.Stack([]*tensor.Tensor{tensor.New(2), tensor.New(3)}, nil)
	require.EqualError(t, err, "data: examples of one batch have shapes (2) and (3)")
	_, err = data.Stack(nil, nil)
	require.Error(t, err)
}
