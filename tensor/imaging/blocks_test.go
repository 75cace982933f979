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

// A picture whose blocks come in any order is, to the byte, the picture written whole.
func TestSaveBlocksWritesWhatSaveWrites(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		h, w := rapid.IntRange(1, 150).Draw(rt, "height"), rapid.IntRange(1, 40).Draw(rt, "width")
		m := &imaging.Image{
			Pixels: tensor.RandU(rng, -0.1, 1.1, h, w, rapid.SampledFrom([]int{1, 3}).Draw(rt, "channels")),
			Depth:  rapid.SampledFrom([]int{8, 16}).Draw(rt, "depth"),
		}
		bh, bw := rapid.IntRange(1, h).Draw(rt, "block height"), rapid.IntRange(1, w).Draw(rt, "block width")
		var corners [][2]int
		for y := 0; y < h; y += bh {
			for x := 0; x < w; x += bw {
				corners = append(corners, [2]int{y, x})
			}
		}
		rng.Shuffle(len(corners), func(i, j int) { corners[i], corners[j] = corners[j], corners[i] })
		name := "a." + rapid.SampledFrom([]string{"png", "jpg", "bmp", "tiff", "gif"}).Draw(rt, "format")
		want, got := filepath.Join(dir, "whole-"+name), filepath.Join(dir, "blocks-"+name)
		require.NoError(rt, imaging.Save(want, m, imaging.EncodeOptions{}))
		header := imaging.Header{Height: h, Width: w, Channels: m.Channels(), Depth: m.Depth}
		err := imaging.SaveBlocks(got, header, imaging.EncodeOptions{}, func(emit func(y, x int, block *tensor.Tensor) error) error {
			for _, c := range corners {
				y, x := c[0], c[1]
				block := tensor.Slice(m.Pixels.Rows(y, min(y+bh, h)), 1, x, min(x+bw, w)).Clone()
				if err := emit(y, x, block); err != nil {
					return err
				}
				block.Fill(0) // the producer's memory is its own again
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

func TestSaveBlocksIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	header := imaging.Header{Height: 20, Width: 8, Channels: 3}
	broken := errors.New("the lights went out")
	one := func(err error) func(emit func(y, x int, block *tensor.Tensor) error) error {
		return func(emit func(y, x int, block *tensor.Tensor) error) error {
			if err := emit(10, 0, tensor.New(10, 8, 3)); err != nil {
				return err
			}
			return err
		}
	}
	for _, name := range []string{"a.png", "a.jpg", "a.tiff"} {
		path := filepath.Join(dir, name)
		require.ErrorIs(t, imaging.SaveBlocks(path, header, imaging.EncodeOptions{}, one(broken)), broken)
		require.ErrorContains(t, imaging.SaveBlocks(path, header, imaging.EncodeOptions{}, one(nil)), "80 of 160 pixels were made")
		require.NoFileExists(t, path)
	}
	require.Panics(t, func() {
		_ = imaging.SaveBlocks(filepath.Join(dir, "a.png"), header, imaging.EncodeOptions{}, func(emit func(y, x int, block *tensor.Tensor) error) error {
			return emit(11, 0, tensor.New(10, 8, 3))
		})
	})
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Error(t, imaging.SaveBlocks(filepath.Join(dir, "missing", "a.png"), header, imaging.EncodeOptions{}, one(nil)))
}
