package srgan

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// However a picture is made and written, the file is the same.
func TestEnlargeFile(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	u := NewUpscaler(small(Options{Channels: 8, Blocks: 1}, 22))
	dir := t.TempDir()
	for i, m := range []*imaging.Image{
		{Pixels: tensor.RandU(rng, 0, 1, 70, 9, 3)},
		{Pixels: tensor.RandU(rng, 0, 1, 5, 31, 1)},
		{Pixels: tensor.RandU(rng, 0, 1, 20, 20, 3), Depth: 16},
		{Pixels: tensor.RandU(rng, 0, 1, 20, 20, 3), Alpha: tensor.RandU(rng, 0, 1, 20, 20, 1)},
	} {
		for k, tile := range []int{0, 8, 0, 8} { // rows in order, and strips
			u.Tile, u.Half = tile, k >= 2
			require.Equal(t, tile == 0, u.inOrder(m.Height(), m.Width()))
			big, err := u.EnlargeImage(context.Background(), m)
			require.NoError(t, err)
			want, got := filepath.Join(dir, "want.png"), filepath.Join(dir, "got.png")
			require.NoError(t, imaging.Save(want, big, imaging.EncodeOptions{}))
			require.NoError(t, u.EnlargeFile(context.Background(), got, m, imaging.EncodeOptions{}))
			a, err := os.ReadFile(want)
			require.NoError(t, err)
			b, err := os.ReadFile(got)
			require.NoError(t, err)
			require.Equal(t, a, b, i)
		}
	}
}

// The same of a generator that is worked on in tiles.
func TestEnlargeFileOfTiles(t *testing.T) {
	u := NewUpscaler(small(Options{Channels: 8, Blocks: 1, Reflect: true}, 22))
	m := &imaging.Image{Pixels: tensor.RandU(rand.New(rand.NewPCG(5, 6)), 0, 1, 30, 21, 3)}
	dir := t.TempDir()
	var files [][]byte
	for _, tile := range []int{0, 8} {
		u.Tile = tile
		path := filepath.Join(dir, "a.png")
		require.NoError(t, u.EnlargeFile(context.Background(), path, m, imaging.EncodeOptions{}))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		files = append(files, b)
	}
	require.Equal(t, files[0], files[1])
	got, err := imaging.DecodeBytes(files[0], imaging.DecodeOptions{})
	require.NoError(t, err)
	want, err := u.Tensor(context.Background(), m.Pixels)
	require.NoError(t, err)
	require.InDeltaSlice(t, want.Data(), got.Pixels.Data(), 0.51/255)
}

func TestEnlargeFileStopsWhenAsked(t *testing.T) {
	u := NewUpscaler(small(Options{Channels: 8, Blocks: 1}, 22))
	ctx, cancel := context.WithCancel(context.Background())
	u.Progress = func(float64) { cancel() }
	m := &imaging.Image{Pixels: tensor.New(200, 300, 3)}
	path := filepath.Join(t.TempDir(), "a.png")
	err := u.EnlargeFile(ctx, path, m, imaging.EncodeOptions{})
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
	require.NoFileExists(t, path)
}
