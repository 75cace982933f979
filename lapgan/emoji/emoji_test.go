package emoji

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
	require.Less(t, total, int64(5<<20))
}

// Pictures are on white, are not alike, and begin with the same coarse image where it is the same.
func TestItPaints(t *testing.T) {
	p, classes, err := Open()
	require.NoError(t, err)
	require.Equal(t, 64, p.Finest())
	require.Greater(t, len(classes), 5)
	rng := rand.New(rand.NewPCG(1, 2))
	var of []int
	for k := range classes {
		of = append(of, k, k)
	}
	c := p.Sample(rng, lapgan.Class(of...))
	x := p.Show(c.Result())
	require.True(t, tensor.AllFinite(x))
	corner := tensor.Mean(tensor.Crop2D(x, 0, 0, 3, 3).Reshape(-1), 0).Item()
	require.Greater(t, corner, float32(0.8), "the corners are white")
	mean := tensor.Mean(x.Reshape(-1), 0).Item()
	require.Less(t, mean, float32(0.97), "there is something on it")
	for k := range classes {
		a, b := x.Rows(2*k, 2*k+1), x.Rows(2*k+1, 2*k+2)
		require.Greater(t, tensor.Mean(tensor.Abs(tensor.Sub(a, b)).Reshape(-1), 0).Item(), float32(0.01), "two pictures of %s", classes[k])
	}
	again := p.Redraw(rng, c.Coarsest())
	require.Equal(t, c.Stages[0].Image, again.Stages[0].Image)
	require.NotEqual(t, c.Result().Data(), again.Result().Data())
}
