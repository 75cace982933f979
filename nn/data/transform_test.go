package data_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func picture(t *rapid.T) *tensor.Tensor {
	x := tensor.New(rapid.IntRange(1, 6).Draw(t, "h"), rapid.IntRange(1, 6).Draw(t, "w"), rapid.IntRange(1, 3).Draw(t, "c"))
	for i := range x.Data() {
		x.Data()[i] = float32(i)
	}
	return x
}

func TestTurnIsWhatItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := picture(t)
		way := rapid.IntRange(0, 7).Draw(t, "way")
		y := data.Turn(x, way)
		for i := range y.Dim(0) {
			for j := range y.Dim(1) {
				si, sj := i, j
				if way&4 != 0 {
					si, sj = j, i
				}
				if way&2 != 0 {
					si = x.Dim(0) - 1 - si
				}
				if way&1 != 0 {
					sj = x.Dim(1) - 1 - sj
				}
				for c := range y.Dim(2) {
					require.Equal(t, x.At(si, sj, c), y.At(i, j, c))
				}
			}
		}
	})
}

// Two quarter turns are a half turn, in both directions, and nothing else comes out of RandomRotate.
func TestRandomRotateRotates(t *testing.T) {
	x := tensor.Arange(6).Reshape(2, 3, 1)
	seen := map[[6]float32]int{}
	for seed := range uint64(200) {
		y := data.RandomRotate(x, data.Stream(seed))
		seen[[6]float32(y.Data())]++
	}
	require.Len(t, seen, 4)
	for _, want := range [][6]float32{{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 4, 1, 5, 2}, {2, 5, 1, 4, 0, 3}} {
		require.Contains(t, seen, want)
	}
}

func TestTransformsAreFunctionsOfTheirRandomNumbers(t *testing.T) {
	ts := map[string]data.Transform{
		"crop": data.RandomCrop(1, 1), "mirror": data.RandomMirror, "flip": data.RandomFlip, "rotate": data.RandomRotate,
		"turn": data.RandomTurn, "chain": data.Chain(data.RandomCrop(1, 1), data.RandomTurn, data.Signed),
	}
	rapid.Check(t, func(t *rapid.T) {
		x := picture(t)
		before := x.Clone()
		seed := rapid.Uint64().Draw(t, "seed")
		for name, f := range ts {
			a, b := f(x, data.Stream(seed)), f(x, data.Stream(seed))
			require.Equal(t, a.Shape(), b.Shape(), name)
			require.Equal(t, a.Data(), b.Data(), name)
			require.Equal(t, before.Data(), x.Data(), name)
		}
	})
}

func TestCropsAndSizes(t *testing.T) {
	x := tensor.Arange(20).Reshape(4, 5, 1)
	require.Equal(t, []float32{7, 8, 12, 13}, data.Crop(x, 1, 2, 2, 2).Data())
	require.Equal(t, []float32{6, 7, 8, 11, 12, 13}, data.CentreCrop(2, 3)(x, nil).Data())
	require.Equal(t, []int{4, 4, 1}, data.CentreSquare(x, nil).Shape())
	require.Equal(t, []int{7, 3, 1}, data.ResizeTo(7, 3, tensor.Bicubic)(x, nil).Shape())
	require.Equal(t, []int{8, 10, 1}, data.ResizeShort(8, tensor.Box)(x, nil).Shape())
	require.Equal(t, []int{10, 8, 1}, data.ResizeShort(8, tensor.Box)(tensor.New(5, 4, 1), nil).Shape())
	require.PanicsWithValue(t, "data.RandomCrop: want a picture of at least 5×5 pixels, got (4,5,1)", func() {
		data.RandomCrop(5, 5)(x, rand.New(rand.NewPCG(1, 1)))
	})
	// Every place is drawn.
	seen := map[float32]bool{}
	for seed := range uint64(300) {
		seen[data.RandomCrop(2, 3)(x, data.Stream(seed)).Data()[0]] = true
	}
	require.Len(t, seen, 9)
}

func TestNormalise(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 2, 3, 4}, 1, 2, 2)
	require.Equal(t, []float32{0, 0.5, 2, 1.5}, data.Normalise([]float32{1, 1}, []float32{1, 2})(x, nil).Data())
	require.Equal(t, []float32{0, 0.5, 1, 1.5}, data.Normalise([]float32{1}, []float32{2})(x, nil).Data())
	require.Equal(t, []float32{1, 3, 5, 7}, data.Signed(x, nil).Data())
	require.Panics(t, func() { data.Normalise([]float32{1, 2, 3}, []float32{1})(x, nil) })
}
