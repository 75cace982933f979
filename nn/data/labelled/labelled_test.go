package labelled_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// numbered returns n pictures of 2×3 pixels; byte k of picture i is 6·i+k.
func numbered(n int) *labelled.Images {
	m := &labelled.Images{Height: 2, Width: 3, Channels: 1, Classes: []string{"even", "odd"}}
	for i := range n {
		for k := range 6 {
			m.Pixels = append(m.Pixels, uint8(6*i+k))
		}
		m.Labels = append(m.Labels, i%2)
	}
	return m
}

func rng() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func TestImages(t *testing.T) {
	m := numbered(7)
	require.NoError(t, m.Check())
	require.Equal(t, 7, m.Len())
	e, err := m.At(3)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3, 1}, e.Image.Shape())
	require.Equal(t, float32(22)/255, e.Image.At(1, 1, 0))
	require.Equal(t, 1, e.Class)
	x, err := m.Block(2, 5)
	require.NoError(t, err)
	require.Equal(t, []int{3, 2, 3, 1}, x.Shape())
	require.Equal(t, e.Image.Data(), x.Rows(1, 2).Data())
	require.Equal(t, []int{1, 3, 5}, m.OfClass(1))

	part := m.Slice(2, 4)
	require.Equal(t, []int{0, 1}, part.Labels)
	sub := m.Subset([]int{6, 3})
	require.Equal(t, []int{0, 1}, sub.Labels)
	joined, err := labelled.Concat(part, sub)
	require.NoError(t, err)
	require.Equal(t, 4, joined.Len())
	require.NoError(t, joined.Check())
	last, err := joined.At(3)
	require.NoError(t, err)
	require.Equal(t, e.Image.Data(), last.Image.Data())
	require.Equal(t, -1, (&labelled.Images{Height: 1, Width: 1, Channels: 1, Pixels: []byte{0}}).Label(0))
	require.PanicsWithValue(t, "labelled.Images.Slice: no pictures 3 to 7 among 7", func() { m.Slice(3, 8) })

	other := numbered(2)
	other.Classes = []string{"a", "b"}
	_, err = labelled.Concat(m, other)
	require.ErrorContains(t, err, "other classes")
	other = numbered(2)
	other.Height, other.Width = 3, 2
	_, err = labelled.Concat(m, other)
	require.ErrorContains(t, err, "2×3×1 and of 3×2×1")
}

func TestCheck(t *testing.T) {
	for want, spoil := range map[string]func(*labelled.Images){
		"not whole pictures":          func(m *labelled.Images) { m.Pixels = m.Pixels[1:] },
		"6 labels for 7 pictures":     func(m *labelled.Images) { m.Labels = m.Labels[1:] },
		"label 2; there are 2":        func(m *labelled.Images) { m.Labels[4] = 2 },
		"label -1; there are":         func(m *labelled.Images) { m.Labels[4] = -1 },
		"pictures of 0×2":             func(m *labelled.Images) { m.Width = 0 },
		"pictures of 1073741824×1073": func(m *labelled.Images) { m.Width, m.Height = 1<<30, 1<<30 },
	} {
		m := numbered(7)
		spoil(m)
		require.ErrorContains(t, m.Check(), want)
	}
}

func TestBatches(t *testing.T) {
	m := numbered(10)
	src := data.WithSeed(m.Batches(4, labelled.BatchOptions{KeepLast: true}), 3)
	var seen []float32
	for step := range 3 {
		b, err := src.Batch(step, rng())
		require.NoError(t, err)
		for i, l := range b.Labels {
			first := b.Images.At(i, 0, 0, 0)
			seen = append(seen, first)
			require.Equal(t, int(first*255/6+0.5)%2, l, "the label goes with the picture")
		}
	}
	require.Len(t, seen, 10)
	require.False(t, slices.IsSorted(seen), "pictures are shuffled")
	slices.Sort(seen)
	require.Len(t, slices.Compact(seen), 10, "an epoch shows every picture once")

	a, err := data.WithSeed(m.Batches(4, labelled.BatchOptions{}), 3).Batch(1, rng())
	require.NoError(t, err)
	b, err := data.WithSeed(m.Batches(4, labelled.BatchOptions{}), 3).Batch(1, rng())
	require.NoError(t, err)
	require.Equal(t, a, b, "a batch is a function of seed and step")
}

func TestBatchesUseMemoryAgain(t *testing.T) {
	src := data.WithSeed(numbered(10).Batches(4, labelled.BatchOptions{Signed: true}), 1)
	b, err := src.Batch(0, rng())
	require.NoError(t, err)
	src.(data.Recycler[labelled.Batch]).Recycle(b)
	want := b.Images.Clone()
	again, err := src.Batch(0, rng())
	require.NoError(t, err)
	require.True(t, tensor.SharesMemory(b.Images, again.Images))
	require.Equal(t, want.Data(), again.Images.Data(), "what was in it does not shine through")
}

func TestBatchOptions(t *testing.T) {
	m := numbered(4)
	flip := func(x *tensor.Tensor, rng *rand.Rand) *tensor.Tensor { return data.Turn(x, 1) }
	b, err := m.Batches(4, labelled.BatchOptions{Ordered: true, Signed: true, Transform: flip}).Batch(0, rng())
	require.NoError(t, err)
	require.InDelta(t, 2*float64(6+2)/255-1, b.Images.At(1, 0, 0, 0), 1e-6)
	half, err := b.Shard(1, 2)
	require.NoError(t, err)
	require.Equal(t, b.Images.Rows(2, 4).Data(), half.Images.Data())
	require.Equal(t, []int{0, 1}, half.Labels)
	_, err = b.Shard(0, 3)
	require.Error(t, err)

	crop := data.CentreCrop(1, 1)
	_, err = m.Batches(2, labelled.BatchOptions{Transform: crop}).Batch(0, rng())
	require.ErrorContains(t, err, "made (1,1,1) of a picture (2,3,1)")
	_, err = m.Batches(5, labelled.BatchOptions{}).Batch(0, rng())
	require.ErrorContains(t, err, "cannot be drawn from 4 examples")
}

func TestCollect(t *testing.T) {
	want := numbered(5)
	got, err := labelled.Collect(want, want.Classes)
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = labelled.Collect(want, nil)
	require.NoError(t, err)
	require.Nil(t, got.Labels)
	_, err = labelled.Collect(want, want.Classes[:1])
	require.ErrorContains(t, err, "example 1 is of class 1; there are 1")
	_, err = labelled.Collect(data.Slice[data.Example]{
		{Image: tensor.New(2, 3, 1), Path: "a.png"}, {Image: tensor.New(4, 3, 1), Path: "b.png"},
	}, nil)
	require.ErrorContains(t, err, "b.png has 3×4 pixels and 1 channels, pictures before it 3×2 and 1")
	_, err = labelled.Collect(data.Slice[data.Example]{}, nil)
	require.ErrorContains(t, err, "empty")
}
