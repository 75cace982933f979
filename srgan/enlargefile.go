package srgan

import (
	"context"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// EnlargeFile enlarges m as [Upscaler.EnlargeImage] does and writes the result to a file, as imaging.Save does. The result,
// sixteen times as large as the picture, is never whole in memory: where rows are made from top to bottom, which they are for an
// SRResNet while Memory allows for strips as wide as the picture, they are written as they are made, and otherwise strips or tiles
// wait in a temporary file. That is so for pictures without alpha and without Ensemble, in files that imaging.SaveRows need not
// collect.
func (u *Upscaler) EnlargeFile(ctx context.Context, path string, m *imaging.Image, o imaging.EncodeOptions) error {
	if m.Alpha != nil || u.Ensemble {
		big, err := u.EnlargeImage(ctx, m)
		if err != nil {
			return err
		}
		return imaging.Save(path, big, o)
	}
	h := imaging.Header{Height: m.Height() * u.Scale(), Width: m.Width() * u.Scale(), Channels: m.Channels(), Depth: m.Depth, ICC: m.ICC}
	blocks := func(emit blockFunc) error {
		return u.Blocks(ctx, m.RGB(), func(y, x int, block *tensor.Tensor) error {
			if h.Channels == 1 {
				block = tensor.Mean(block, 3)
			}
			return emit(y, x, block.Reshape(block.Dim(1), block.Dim(2), h.Channels))
		})
	}
	if !u.inOrder(m.Height(), m.Width()) {
		return imaging.SaveBlocks(path, h, o, func(emit func(y, x int, block *tensor.Tensor) error) error { return blocks(emit) })
	}
	return imaging.SaveRows(path, h, o, func(emit func(rows *tensor.Tensor) error) error {
		return blocks(func(_, _ int, rows *tensor.Tensor) error { return emit(rows) })
	})
}

// inOrder reports whether the blocks of a picture are as wide as it.
func (u *Upscaler) inOrder(h, w int) bool {
	g := u.streamed()
	if g == nil {
		return false
	}
	tile, _ := u.fit(g, h, w, streamHalo(g)+grain)
	return tile >= w
}
