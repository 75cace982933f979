package srgan

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
)

// Rows that come in pieces of any size are halved to the bits of the whole.
func TestHalverMatchesTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w, c := 2*rapid.IntRange(1, 30).Draw(t, "h"), 2*rapid.IntRange(1, 9).Draw(t, "w"), rapid.SampledFrom([]int{1, 3}).Draw(t, "c")
		x := tensor.RandU(rand.New(rand.NewPCG(1, uint64(h*w))), 0, 1, h, w, c)
		var got []*tensor.Tensor
		v := halver{height: h, emit: func(rows *tensor.Tensor) error {
			got = append(got, rows.Clone())
			return nil
		}}
		for at := 0; at < h; {
			n := min(h-at, rapid.IntRange(1, 12).Draw(t, "n"))
			require.NoError(t, v.add(x.Rows(at, at+n)))
			require.LessOrEqual(t, v.kept.Dim(0), 12+halfAbove+halfBelow+2, "rows that are done with are let go")
			at += n
		}
		require.Equal(t, halved(x).Data(), tensor.Concat(0, got...).Data())
	})
}

func TestHalf(t *testing.T) {
	ctx := context.Background()
	x := tensor.RandU(rand.New(rand.NewPCG(5, 6)), 0, 1, 21, 43, 3)
	u := NewUpscaler(small(Options{Channels: 8, Blocks: 1}, 22))
	big, err := u.Tensor(ctx, x)
	require.NoError(t, err)
	u.Half = true
	require.Equal(t, 2, u.Scale())
	got, err := u.Tensor(ctx, x)
	require.NoError(t, err)
	require.Equal(t, []int{42, 86, 3}, got.Shape())
	require.Equal(t, halved(big).Data(), got.Data())
	for _, tile := range []int{0, 8} {
		u.Tile = tile
		pieces := tensor.New(42, 86, 3)
		require.NoError(t, u.Blocks(ctx, x, func(y, x int, block *tensor.Tensor) error {
			require.Equal(t, tile == 0, block.Dim(2) == 86)
			for i := range block.Dim(1) {
				copy(pieces.Rows(y+i, y+i+1).Data()[3*x:], block.Reshape(block.Dim(1), -1).Rows(i, i+1).Data())
			}
			return nil
		}))
		require.Equal(t, got.Data(), pieces.Data())
	}
	require.PanicsWithValue(t, "srgan.Upscaler: Half of a network that enlarges by 3", func() {
		(&Upscaler{scale: 3, Half: true}).Scale()
	})
}
