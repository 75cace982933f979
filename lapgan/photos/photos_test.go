package photos

import (
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/lapgan"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestItIsSmall(t *testing.T) {
	total := int64(0)
	require.NoError(t, fs.WalkDir(files, ".", func(_ string, d fs.DirEntry, err error) error {
		info, _ := d.Info()
		total += info.Size()
		return err
	}))
	require.Less(t, total, int64(9<<19))
}

// It makes an edge sharper than enlarging does, on both sides of which the colours stay.
func TestItSharpensAnEdge(t *testing.T) {
	p, err := Open()
	require.NoError(t, err)
	require.Equal(t, 8, p.Sizes[0])
	x := tensor.Full(0.75, 1, 64, 64, 3)
	for i := range 64 {
		for j := range 20 {
			for c := range 3 {
				x.Set(0.25, 0, i, j, c)
			}
		}
	}
	start := p.Decompose(p.Norm.Apply(x)).Coarsest()
	y := p.Show(p.Redraw(rand.New(rand.NewPCG(1, 2)), start.Repeat(8)).Result())
	require.True(t, tensor.AllFinite(y))
	low := tensor.Clamp(tensor.Resize(p.Show(start.Images), 64, 64, tensor.Bilinear), 0, 1)
	require.Greater(t, steepest(y), 1.5*steepest(low))
	require.InDelta(t, 0.25, tensor.Mean(tensor.Crop2D(y, 16, 2, 32, 10).Reshape(-1), 0).Item(), 0.08)
	require.InDelta(t, 0.75, tensor.Mean(tensor.Crop2D(y, 16, 40, 32, 20).Reshape(-1), 0).Item(), 0.08)
}

// steepest is the greatest change from one column to the next, in the mean of all images and rows of the middle.
func steepest(x *tensor.Tensor) float64 {
	most := 0.0
	for j := 12; j < 28; j++ {
		at := func(j int) float64 {
			return float64(tensor.Mean(tensor.Crop2D(x, 16, j, 32, 1).Reshape(-1), 0).Item())
		}
		most = max(most, at(j+1)-at(j))
	}
	return most
}

func TestItDrawsByItself(t *testing.T) {
	p, err := Open()
	require.NoError(t, err)
	x := p.Show(p.Sample(rand.New(rand.NewPCG(3, 4)), lapgan.Many(6)).Result())
	require.True(t, tensor.AllFinite(x))
	for i := range 5 {
		a, b := x.Rows(i, i+1), x.Rows(i+1, i+2)
		require.Greater(t, tensor.Mean(tensor.Abs(tensor.Sub(a, b)).Reshape(-1), 0).Item(), float32(0.02))
	}
}
