package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPixelShuffle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawShape(t, 4, 4)
		r := rapid.IntRange(1, 3).Draw(t, "r")
		s[3] *= r * r
		x := drawTensor(t, s...)
		want := build(x, []int{s[0], s[1] * r, s[2] * r, s[3] / r / r}, func(i []int) []int {
			return []int{i[0], i[1] / r, i[2] / r, i[3]*r*r + i[1]%r*r + i[2]%r}
		})
		y := tensor.PixelShuffle(x, r)
		check(t, want, 0, y, func(dst tsr) { tensor.PixelShuffleInto(dst, x, r) })
		check(t, tensortest.From(x), 0, tensor.PixelUnshuffle(y, r), func(dst tsr) { tensor.PixelUnshuffleInto(dst, y, r) })
	})
	require.Equal(t, []float32{0, 1, 2, 3}, tensor.PixelShuffle(seq(1, 1, 1, 4), 2).Data())
}

func TestPixelShuffleGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(*tensor.Tensor, int) *tensor.Tensor
		r    int
	}{
		{"pixel_shuffle_r2", tensor.PixelShuffle, 2},
		{"pixel_shuffle_r3", tensor.PixelShuffle, 3},
		{"pixel_unshuffle_r2", tensor.PixelUnshuffle, 2},
	} {
		v := golden.Load(c.name)
		tensortest.Close(t, images(v["y"]), c.f(images(v["x"]).Tensor(), c.r), 0)
	}
}

func TestPixelShuffleMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.PixelShuffle: want (N,H,W,C·2²), got (1,2,2,6)", func() { tensor.PixelShuffle(zeros(1, 2, 2, 6), 2) }},
		{"tensor.PixelUnshuffle: want (N,H·2,W·2,C), got (1,2,3,6)", func() { tensor.PixelUnshuffle(zeros(1, 2, 3, 6), 2) }},
	})
}
