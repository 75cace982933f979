package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// burtMatrices returns the definitions of REDUCE (⌈n/2⌉,n) and EXPAND (n,⌈n/2⌉) along one axis: a blur of the mirrored
// image, of all its samples or of those with zeros between them.
func burtMatrices(n int, a float64) (reduce, expand arr) {
	kernel := []float64{0.25 - a/2, 0.25, a, 0.25, 0.25 - a/2}
	blur := tensortest.Zeros(n, n)
	for i := range n {
		for m, w := range kernel {
			j := i + m - 2
			for n > 1 && (j < 0 || j >= n) {
				if j < 0 {
					j = -j
				} else {
					j = 2*(n-1) - j
				}
			}
			if n == 1 {
				j = 0
			}
			blur.Add(w, i, j)
		}
	}
	half := (n + 1) / 2
	reduce = tensortest.Build([]int{half, n}, func(i []int) float64 { return blur.At(2*i[0], i[1]) })
	expand = tensortest.Build([]int{n, half}, func(i []int) float64 { return 2 * blur.At(i[0], 2*i[1]) })
	if n == 1 {
		expand.Set(1, 0, 0)
	}
	return reduce, expand
}

func TestBurt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(1, 12).Draw(t, "h"), rapid.IntRange(1, 12).Draw(t, "w")
		a := rapid.SampledFrom([]float64{0.4, 0.3, 0.5, 0.6}).Draw(t, "a")
		rowsDown, rowsUp := burtMatrices(h, a)
		colsDown, colsUp := burtMatrices(w, a)
		down, up := tensor.NewBurtReduce(h, w, a), tensor.NewBurtExpand(h, w, a)
		x := drawFinite(t, 2, h, w, 3)
		small := down.Apply(x)
		tensortest.Close(t, tensortest.Separable(tensortest.From(x), rowsDown, colsDown), small, 1e-6)
		tensortest.Close(t, tensortest.Separable(tensortest.From(small), rowsUp, colsUp), up.Apply(small), 1e-6)
		checkAdjoint(t, down, 2, 3)
		checkAdjoint(t, up, 2, 3)

		flat := tensor.Full(0.7, 1, h, w, 1)
		tensortest.Close(t, tensortest.From(flat), up.Apply(down.Apply(flat)), 1e-6)

		// The pyramid is exact for any EXPAND, as the same one takes away and puts back.
		detail := tensor.Sub(x, up.Apply(small))
		tensortest.Close(t, tensortest.From(x), tensor.Add(detail, up.Apply(small)), 1e-5)
	})
}

func TestBurtKernel(t *testing.T) {
	x := zeros(1, 9, 1, 1)
	x.Set(1, 0, 4, 0, 0)
	y := tensor.NewBurtReduce(9, 1, tensor.BurtA).Apply(x)
	require.InDeltaSlice(t, []float32{0, 0.05, 0.4, 0.05, 0}, y.Data(), 1e-8)
	x.Set(0, 0, 4, 0, 0)
	x.Set(1, 0, 3, 0, 0)
	y = tensor.NewBurtReduce(9, 1, tensor.BurtA).Apply(x)
	require.InDeltaSlice(t, []float32{0, 0.25, 0.25, 0, 0}, y.Data(), 1e-8)
}

func TestBurtMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.NewBurtReduce: no image of 0×3 pixels", func() { tensor.NewBurtReduce(0, 3, tensor.BurtA) }},
		{"tensor.NewBurtExpand: no image of 3×0 pixels", func() { tensor.NewBurtExpand(3, 0, tensor.BurtA) }},
	})
}
