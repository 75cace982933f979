package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

func TestMakingTensors(t *testing.T) {
	require.Equal(t, []float32{0, 0, 0, 0, 0, 0}, tensor.New(2, 3).Data())
	require.Equal(t, []float32{2, 2}, tensor.Full(2, 2).Data())
	require.Equal(t, []float32{0, 1, 2}, tensor.Arange(3).Data())
	require.Equal(t, 0, tensor.Scalar(4).Rank())
	require.Equal(t, float32(4), tensor.Scalar(4).Item())
	require.Equal(t, 0, tensor.New(3, 0).Len())

	data := []float32{1, 2, 3, 4, 5, 6}
	x := tensor.FromSlice(data, 2, 3)
	require.Equal(t, float32(6), x.At(1, 2))
	data[5] = 7
	require.Equal(t, float32(7), x.At(1, 2), "FromSlice shares memory")
	x.Set(8, 0, 1)
	require.Equal(t, float32(8), data[1])
	require.Equal(t, 3, x.Dim(-1))
	require.Equal(t, 2, x.Dim(0))

	shape := []int{2, 3}
	x = tensor.New(shape...)
	shape[0] = 5
	require.Equal(t, []int{2, 3}, x.Shape(), "the caller's slice is not kept")
}

func TestRandomTensors(t *testing.T) {
	a := tensor.RandN(rand.New(rand.NewPCG(1, 2)), 100, 100)
	tensortest.Same(t, a, tensor.RandN(rand.New(rand.NewPCG(1, 2)), 100, 100))
	require.InDelta(t, 0, tensor.Mean(a).Item(), 0.03)
	require.InDelta(t, 100, tensor.Norm(a), 2)
	u := tensor.RandU(newRand(), -2, 3, 100, 100)
	require.GreaterOrEqual(t, tensor.Min(u).Item(), float32(-2))
	require.Less(t, tensor.Max(u).Item(), float32(3))
	require.InDelta(t, 0.5, tensor.Mean(u).Item(), 0.06)
}

func TestViews(t *testing.T) {
	x := seq(4, 3)
	v := x.Reshape(2, -1)
	require.Equal(t, []int{2, 6}, v.Shape())
	v.Set(50, 0, 5)
	require.Equal(t, float32(50), x.At(1, 2), "Reshape shares memory")
	require.True(t, tensor.SharesMemory(x, v))

	rows := x.Rows(1, 3)
	require.Equal(t, []int{2, 3}, rows.Shape())
	require.Equal(t, []float32{3, 4, 50, 6, 7, 8}, rows.Data())
	rows.Fill(-1)
	require.Equal(t, []float32{0, 1, 2, -1, -1, -1, -1, -1, -1, 9, 10, 11}, x.Data())
	require.Equal(t, 6, cap(rows.Data()), "a view cannot grow into its neighbour")
	require.Equal(t, 0, x.Rows(2, 2).Len())
	require.Equal(t, []int{4, 3, 1}, x.Reshape(4, 3, -1).Shape())
	require.Equal(t, []int{0, 3}, zeros(0, 3).Reshape(-1, 3).Shape())

	c := x.Clone()
	c.Fill(0)
	require.Equal(t, float32(11), x.At(3, 2), "Clone has memory of its own")
	require.False(t, tensor.SharesMemory(x, c))
	c.CopyFrom(x)
	tensortest.Same(t, x, c)
}

func TestFill(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), 3, nan} {
		x := tensor.Full(1, 3)
		x.Fill(float32(v))
		for _, got := range x.Data() {
			require.True(t, float64(got) == v || got != got && v != v)
		}
	}
}

func TestTensorMistakes(t *testing.T) {
	x := zeros(2, 3)
	requirePanics(t, []mistake{
		{"tensor.New: impossible shape (2,-1)", func() { tensor.New(2, -1) }},
		{"tensor.New: impossible shape (1073741824,1073741824,4)", func() { tensor.New(1<<30, 1<<30, 4) }},
		{"tensor.FromSlice: shape (2,3) wants 6 values, got 5", func() { tensor.FromSlice(make([]float32, 5), 2, 3) }},
		{"tensor.Dim: no axis 2 in shape (2,3)", func() { x.Dim(2) }},
		{"tensor.Dim: no axis -3 in shape (2,3)", func() { x.Dim(-3) }},
		{"tensor.At: 1 indices into shape (2,3)", func() { x.At(1) }},
		{"tensor.At: index (0,3) out of range for shape (2,3)", func() { x.At(0, 3) }},
		{"tensor.Set: index (-1,0) out of range for shape (2,3)", func() { x.Set(1, -1, 0) }},
		{"tensor.Item: want one element, got shape (2,3)", func() { x.Item() }},
		{"tensor.Reshape: cannot view shape (2,3) as (4,-1)", func() { x.Reshape(4, -1) }},
		{"tensor.Reshape: cannot view shape (2,3) as (-1,-1)", func() { x.Reshape(-1, -1) }},
		{"tensor.Reshape: cannot view shape (2,3) as (2,2)", func() { x.Reshape(2, 2) }},
		{"tensor.Reshape: cannot view shape (2,3) as (0,-1)", func() { x.Reshape(0, -1) }},
		{"tensor.Reshape: cannot view shape (0,3) as (-1,0)", func() { zeros(0, 3).Reshape(-1, 0) }},
		{"tensor.Rows: no rows 1:3 in shape (2,3)", func() { x.Rows(1, 3) }},
		{"tensor.Rows: no rows 0:0 in shape ()", func() { tensor.Scalar(1).Rows(0, 0) }},
		{"tensor.CopyFrom: want equal shapes, got (2,3) and (3,2)", func() { x.CopyFrom(zeros(3, 2)) }},
	})
}
