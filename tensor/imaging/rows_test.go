package imaging_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// A picture written row by row is, to the byte, the picture written whole.
func TestSaveRowsWritesWhatSaveWrites(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		h, w := rapid.IntRange(1, 150).Draw(rt, "height"), rapid.IntRange(1, 40).Draw(rt, "width")
		m := &imaging.Image{
			Pixels: tensor.RandU(rng, -0.1, 1.1, h, w, rapid.SampledFrom([]int{1, 3}).Draw(rt, "channels")),
			Depth:  rapid.SampledFrom([]int{8, 16}).Draw(rt, "depth"),
		}
		name := "a." + rapid.SampledFrom([]string{"png", "jpg", "bmp", "tiff", "gif"}).Draw(rt, "format")
		want, got := filepath.Join(dir, "whole-"+name), filepath.Join(dir, "rows-"+name)
		require.NoError(rt, imaging.Save(want, m, imaging.EncodeOptions{}))
		header := imaging.Header{Height: h, Width: w, Channels: m.Channels(), Depth: m.Depth}
		err := imaging.SaveRows(got, header, imaging.EncodeOptions{}, func(emit func(*tensor.Tensor) error) error {
			for y := 0; y < h; {
				n := min(1+rng.IntN(70), h-y)
				rows := m.Pixels.Rows(y, y+n).Clone()
				if err := emit(rows); err != nil {
					return err
				}
				rows.Fill(0) // the producer's memory is its own again
				y += n
			}
			return nil
		})
		require.NoError(rt, err)
		a, err := os.ReadFile(want)
		require.NoError(rt, err)
		b, err := os.ReadFile(got)
		require.NoError(rt, err)
		require.Equal(rt, a, b)
	})
}

func TestSaveRowsIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	header := imaging.Header{Height: 100, Width: 8, Channels: 3}
	broken := errors.New("the lights went out")
	some := func(n int, err error) func(emit func(*tensor.Tensor) error) error {
		return func(emit func(*tensor.Tensor) error) error {
			for range n {
				if err := emit(tensor.New(10, 8, 3)); err != nil {
					return err
				}
			}
			return err
		}
	}
	of := map[string]string{"a.png": "90 of 100 rows were made", "a.jpg": "90 of 100 rows were made", "a.tiff": "720 of 800 pixels were made"}
	for name := range of {
		path := filepath.Join(dir, name)
		require.ErrorIs(t, imaging.SaveRows(path, header, imaging.EncodeOptions{}, some(3, broken)), broken)
		require.ErrorContains(t, imaging.SaveRows(path, header, imaging.EncodeOptions{}, some(9, nil)), of[name])
		require.NoFileExists(t, path)
	}
	// The encoder fails first: the producer hears of it.
	err := imaging.SaveRows(filepath.Join(dir, "a.jpg"), header, imaging.EncodeOptions{Quality: 1000}, some(10, nil))
	require.ErrorContains(t, err, "JPEG quality must be from 1 to 100")
	err = imaging.SaveRows(filepath.Join(dir, "a.jpg"), imaging.Header{Height: 1 << 16, Width: 8, Channels: 3}, imaging.EncodeOptions{}, some(10, nil))
	require.ErrorContains(t, err, "8×65536 pixels do not fit into a JPEG file")
	require.ErrorContains(t, imaging.SaveRows(filepath.Join(dir, "a.txt"), header, imaging.EncodeOptions{}, some(10, nil)), "a.txt")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Panics(t, func() {
		_ = imaging.SaveRows("a.png", imaging.Header{Height: 1, Width: 1, Channels: 2}, imaging.EncodeOptions{}, nil)
	})
}
