package srgan

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// testPhotos reads a folder of GANDER_DATA, or skips the test where it is missing.
func testPhotos(t *testing.T, folder string) []*tensor.Tensor {
	t.Helper()
	dir := filepath.Join(os.Getenv("GANDER_DATA"), folder)
	if _, err := os.Stat(dir); os.Getenv("GANDER_DATA") == "" || err != nil {
		t.Skip("needs " + folder + " in the folder that GANDER_DATA names")
	}
	files, err := data.ImageFiles(dir)
	require.NoError(t, err)
	var photos []*tensor.Tensor
	for _, f := range files {
		m, err := data.LoadImage(f)
		require.NoError(t, err)
		photos = append(photos, m.RGB())
	}
	return photos
}

func TestPatchesAreWhereTheySay(t *testing.T) {
	// A photo whose colour tells the place: shrinking it changes nothing but the rounding.
	photo := tensor.New(64, 48, 3)
	for y := range 64 {
		for x := range 48 {
			photo.Set(float32(y)/64, y, x, 0)
			photo.Set(float32(x)/48, y, x, 1)
		}
	}
	p, err := NewPatches([]*tensor.Tensor{photo}, PatchOptions{Size: 16, Batch: 64, Shrink: []float64{0.5}})
	require.NoError(t, err)
	require.Equal(t, 2, p.Len())
	b, err := p.Batch(0, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	require.Equal(t, []int{64, 4, 4, 3}, b.LR.Shape())
	require.Equal(t, []int{64, 16, 16, 3}, b.HR.Shape())
	turned := 0
	for i := range 64 {
		hr := b.HR.Rows(i, i+1)
		if hr.At(0, 0, 1, 1) <= hr.At(0, 0, 0, 1) {
			turned++
		}
		lr := b.LR.Rows(i, i+1)
		back, _ := LowRes(tensor.Affine(hr, 0.5, 0.5), 4)
		for _, at := range [][2]int{{1, 1}, {1, 2}, {2, 1}, {2, 2}} { // away from the patch's border
			for c := range 3 {
				require.InDelta(t, back.At(0, at[0], at[1], c), lr.At(0, at[0], at[1], c), 0.03)
			}
		}
	}
	require.Greater(t, turned, 16)
	require.Less(t, turned, 64)

	again, err := p.Batch(0, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	require.Equal(t, b.HR.Data(), again.HR.Data(), "a batch is a function of the random numbers")
	first := b.HR.Clone()
	p.Recycle(b)
	reused, err := p.Batch(0, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	require.Equal(t, first.Data(), reused.HR.Data())

	half, err := b.Shard(1, 2)
	require.NoError(t, err)
	require.Equal(t, b.HR.Rows(32, 64).Data(), half.HR.Data())
	_, err = b.Shard(0, 5)
	require.Error(t, err)

	_, err = NewPatches([]*tensor.Tensor{tensor.New(95, 200, 3)}, PatchOptions{})
	require.EqualError(t, err, "srgan: none of the 1 photos has 96×96 pixels, which a patch needs")
}

func TestVividAndSwappedColours(t *testing.T) {
	photo := tensor.New(32, 32, 3)
	for i, v := range []float32{0.5, 0.4, 0.3} {
		for y := range 32 {
			for x := range 32 {
				photo.Set(v, y, x, i)
			}
		}
	}
	p, err := NewPatches([]*tensor.Tensor{photo}, PatchOptions{Size: 16, Batch: 64, Vivid: 2, SwapColours: true, Choices: 3})
	require.NoError(t, err)
	require.Equal(t, 2, p.Len())
	b, err := p.Batch(0, rand.New(rand.NewPCG(1, 1)))
	require.NoError(t, err)
	seen := map[[3]int]bool{}
	for i := range 64 {
		var hr, lr [3]int
		for c := range 3 {
			hr[c] = int(b.HR.At(i, 7, 7, c)*127.5 + 127.5 + 0.5)
			lr[c] = int(b.LR.At(i, 2, 2, c)*255 + 0.5)
		}
		require.Equal(t, hr, lr, "both images of a patch are changed alike")
		seen[hr] = true
	}
	require.Len(t, seen, 12, "six orders of the colours, of the photo and of its vivid version: %v", seen)
	require.True(t, seen[[3]int{128, 102, 77}])
	require.True(t, seen[[3]int{153, 102, 51}])
}

func TestChoicesFindDetail(t *testing.T) {
	photo := tensor.Full(0.5, 64, 256, 3)
	for y := range 64 {
		for x := range 16 {
			photo.Set(float32((x/4+y/4)%2), y, x, 1)
		}
	}
	detail := func(choices int) (n float64) {
		p, err := NewPatches([]*tensor.Tensor{photo}, PatchOptions{Size: 16, Batch: 100, Choices: choices})
		require.NoError(t, err)
		b, err := p.Batch(0, rand.New(rand.NewPCG(2, 2)))
		require.NoError(t, err)
		return tensor.Dot(b.HR, b.HR)
	}
	require.Greater(t, detail(4), 2*detail(1))
}
