package style_test

import (
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

func TestBank(t *testing.T) {
	require.Len(t, style.NewBank(tensor.New(5, 3)), 5)
	require.Equal(t, []int{1, 3}, style.NewBank(tensor.New(5, 3))[4].Shape())
	require.Equal(t, []int{2, 3}, style.NewBank(tensor.New(5, 2, 3))[4].Shape())
	require.Panics(t, func() { style.NewBank(tensor.New(5)) })

	b := style.Bank{tensor.FromSlice([]float32{1, 2, 3}, 3, 1), tensor.FromSlice([]float32{10}, 1, 1)}
	require.NoError(t, b.Check(2))
	require.ErrorContains(t, b.Check(3), "captions of 2 pictures; want 3 or more")
	require.ErrorContains(t, style.Bank{b[0], tensor.New(1, 2)}.Check(1), "picture 1")
	require.ErrorContains(t, style.Bank{b[0], nil}.Check(1), "got none")

	require.Equal(t, []float32{2, 10}, b.Mean().Data())

	// Both pictures are equally likely, however many captions they have, and so are the captions of each.
	seen := map[float32]int{}
	for _, v := range b.Draw(6000, 0, newRand(1)).Data() {
		seen[v]++
	}
	require.Len(t, seen, 4)
	require.InDelta(t, 3000, seen[10], 200)
	require.InDelta(t, 1000, seen[2], 150)
	// Means of two of the three captions, with replacement.
	clear(seen)
	for _, v := range b.Draw(6000, 2, newRand(1)).Data() {
		seen[v]++
	}
	require.Len(t, seen, 6) // 1, 1.5, 2, 2.5, 3 and 10
	require.InDelta(t, 1000, seen[2], 150)
	require.InDelta(t, 667, seen[1.5], 150)

	x, err := b.Batches(0, 1).Batch(3, data.Stream(1))
	require.NoError(t, err)
	require.Equal(t, []int{64, 1}, x.Shape())
	_, err = style.Bank{}.Batches(4, 1).Batch(0, data.Stream(1))
	require.Error(t, err)
}
