package draw

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
)

func TestBatchesOfCaptionsOfOneLength(t *testing.T) {
	p, _ := synthetic.CaptionedShapes(40, 1, synthetic.ShapeOptions{Side: 8})
	var all []string
	for _, c := range p.Captions {
		all = append(all, c...)
	}
	v := NewVocabulary(all, 0)
	c, err := NewCaptioned(p, v, CaptionedOptions{Shortest: 5, Longest: 9})
	require.NoError(t, err)
	require.Equal(t, 200, c.Len()+c.LeftOut())
	require.Equal(t, 80, c.LeftOut()) // those of 3 words, and those of 10
	seen := map[int]bool{}
	for step := range 20 {
		b, err := c.Batches(6).Batch(step, newRand())
		require.NoError(t, err)
		require.Equal(t, []int{6, 8, 8, 3}, b.Images.Shape())
		require.Len(t, b.Text.Words, 6*b.Text.Length)
		seen[b.Text.Length] = true
	}
	for l := range seen {
		require.GreaterOrEqual(t, l, 5)
		require.LessOrEqual(t, l, 9)
	}
	first, captions, err := c.First(3)
	require.NoError(t, err)
	require.Len(t, first, 3)
	require.Equal(t, p.Captions[1][0], captions[1])
	want, err := v.Read(captions[1])
	require.NoError(t, err)
	require.Equal(t, want, first[1].Text)
	x, err := p.Images.Block(1, 2)
	require.NoError(t, err)
	require.Equal(t, x, first[1].Images)

	_, err = NewCaptioned(p, v, CaptionedOptions{Shortest: 50})
	require.EqualError(t, err, "draw: none of 200 captions has 50 to 256 words of which one is known")
}

func TestVectorsOfSentences(t *testing.T) {
	p, _ := synthetic.CaptionedShapes(4, 1, synthetic.ShapeOptions{Side: 8})
	var vectors []*tensor.Tensor
	for range p.Captions {
		vectors = append(vectors, tensor.RandN(newRand(), 5, 7))
	}
	c, err := NewCaptioned(p, nil, CaptionedOptions{Vectors: vectors})
	require.NoError(t, err)
	require.Equal(t, 20, c.Len())
	b, err := c.Batches(3).Batch(0, newRand())
	require.NoError(t, err)
	require.Equal(t, []int{3, 7}, b.Text.Vectors.Shape())
	require.Panics(t, func() { _, _ = NewCaptioned(p, nil, CaptionedOptions{Vectors: vectors[:2]}) })
}

func TestMeasure(t *testing.T) {
	m := New(tiny, newRand())
	n, err := m.Measure(digits(8), 3, 1)
	require.NoError(t, err)
	require.Equal(t, 24, n.Pictures)
	require.InDelta(t, n.Bound, n.Reconstruction+n.Divergence, 1e-9)
	require.Positive(t, n.StdErr)
	again, err := m.Measure(digits(8), 3, 1)
	require.NoError(t, err)
	require.Equal(t, n, again)
	_, err = m.Measure(digits(8), 0, 1)
	require.Error(t, err)
}
