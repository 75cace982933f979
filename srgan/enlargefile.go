package srgan

import (
	"context"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// EnlargeFile enlarges m as [Upscaler.EnlargeImage] does and writes the result to a file, as imaging.Save does. Where rows are
// made from top to bottom, which they are for an SRResNet while Memory allows for strips as wide as the picture, they are
// written as they are made: the result, sixteen times as large as the picture, is never whole in memory. That is so for
// pictures without alpha and without Ensemble, in files that imaging.SaveRows need not collect.
func (u *Upscaler) EnlargeFile(ctx context.Context, path string, m *imaging.Image, o imaging.EncodeOptions) error {
	if m.Alpha != nil || u.Ensemble || !u.inOrder(m.Height(), m.Width()) {
		big, err := u.EnlargeImage(ctx, m)
		if err != nil {
			return err
		}
		return imaging.Save(path, big, o)
	}
	h := imaging.Header{Height: m.Height() * u.Scale(), Width: m.Width() * u.Scale(), Channels: m.Channels(), Depth: m.Depth, ICC: m.ICC}
	return imaging.SaveRows(path, h, o, func(emit func(rows *tensor.Tensor) error) error {
		return u.Blocks(ctx, m.RGB(), func(_, _ int, block *tensor.Tensor) error {
			rows := block.Reshape(block.Dim(1), block.Dim(2), 3)
			if h.Channels == 1 {
				rows = tensor.Mean(rows, 2).Reshape(rows.Dim(0), rows.Dim(1), 1)
			}
			return emit(rows)
		})
	})
}

// inOrder reports whether the blocks of a picture are as wide as it.
func (u *Upscaler) inOrder(h, w int) bool {
	g, ok := u.gen.(*SRResNet)
	if !ok || u.weights == nil {
		return false
	}
	tile, _ := u.fit(g, h, w, streamHalo(g))
	return tile >= w
}
