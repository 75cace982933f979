package tensor_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestL2Pool(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 3)
		k, last := rapid.IntRange(1, 4).Draw(t, "k"), len(shape)-1
		out := slices.Clone(shape)
		shape[last] *= k
		x := drawTensor(t, shape...)
		a := tensortest.From(x)
		want := tensortest.Build(out, func(i []int) float64 {
			s := 0.0
			for m := range k {
				s += math.Pow(a.At(append(slices.Clone(i[:last]), i[last]*k+m)...), 2)
			}
			return math.Sqrt(s)
		})
		check(t, want, 1e-6, tensor.L2Pool(x, k), func(dst tsr) { tensor.L2PoolInto(dst, x, k) })
	})
	require.Equal(t, []float32{5, 0}, tensor.L2Pool(tensor.FromSlice([]float32{3, 4, 0, 0}, 1, 4), 2).Data())
	huge := tensor.FromSlice([]float32{3e30, 4e30}, 2)
	require.Equal(t, []float32{5e30}, tensor.L2Pool(huge, 2).Data(), "no overflow")
}

func TestL2PoolMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.L2Pool: want channels in groups of 2, got (2,3)", func() { tensor.L2Pool(zeros(2, 3), 2) }},
	})
}
