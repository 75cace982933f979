package lapgan

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/tensor"
)

// Vectors that are one-hot classes say what the classes say, and other vectors something else.
func TestVectorsStandForClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	level := NewConv(ConvOptions{Side: 8, Classes: 3, Width: 4}, rng)
	low := tensor.RandU(rng, 0, 1, 2, 8, 8, 3)
	sample := func(g Given) *tensor.Tensor { return level.Sample(g, rand.New(rand.NewPCG(3, 4))) }
	want := sample(Given{N: 2, Low: low, Classes: []int{2, 0}})
	require.Equal(t, want, sample(Given{N: 2, Low: low, Vectors: gan.Class(3).Encode(2, 0)}))
	require.NotEqual(t, want, sample(Given{N: 2, Low: low, Vectors: tensor.RandN(rng, 2, 3)}))
	b := Batch{Target: low, Low: low, Vectors: tensor.RandN(rng, 2, 3)}
	require.Equal(t, b.Vectors.Rows(1, 2), b.Rows(1, 2).Vectors)
	require.PanicsWithValue(t, "lapgan.Level: want vectors (2,3), got (2,4)", func() {
		sample(Given{N: 2, Low: low, Vectors: tensor.New(2, 4)})
	})
}
