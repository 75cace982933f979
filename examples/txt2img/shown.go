package main

import (
	"image"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img"
)

// shown is what the sheets of a run show: some captions with their pictures, of both kinds.
type shown struct {
	texts  *tensor.Tensor // (N,E)
	real   *tensor.Tensor // (N,S,S,3) in [-1,1]
	labels []string
}

func chooseShown(c captions.Corpus, encoder txt2img.TextEncoder, side int) (shown, error) {
	var s shown
	var sentences []string
	var real []*tensor.Tensor
	for k, p := range []*caption.Pictures{c.Learn, c.Held} {
		if p == nil {
			continue
		}
		const each = 5
		for i := range min(each, p.Len()) {
			at := (2*i + 1) * p.Len() / (2 * min(each, p.Len()))
			x, err := p.Images.Block(at, at+1)
			if err != nil {
				return s, err
			}
			sentences, real = append(sentences, p.Captions[at][0]), append(real, resized(tensor.Affine(x, 2, -1), side))
			label := captions.Short(p.Captions[at][0], 60)
			if k == 1 {
				label += " (held out)"
			}
			s.labels = append(s.labels, label)
		}
	}
	texts, err := txt2img.Embed(encoder, [][]string{sentences})
	if err != nil {
		return s, err
	}
	s.texts, s.real = texts[0], tensor.Concat(0, real...)
	return s, nil
}

// resized brings pictures (N,H,W,3) with values in [-1,1] to a side.
func resized(x *tensor.Tensor, side int) *tensor.Tensor {
	if x.Dim(1) == side && x.Dim(2) == side {
		return x
	}
	return tensor.Clamp(tensor.Resize(x, side, side, tensor.Bicubic), -1, 1)
}

// sheet shows a row for each caption: its picture, and what is painted of it from the same noise down each column.
func (s shown) sheet(generator gan.Conditional, latent gan.Latent, v *train.View) image.Image {
	const columns = 8
	z := latent.Draw(columns, v.Rand)
	var cells []*tensor.Tensor
	for i := range s.labels {
		text := tensor.Gather(s.texts, repeated(i, columns))
		cells = append(cells, s.real.Rows(i, i+1), gan.Draw(generator, z, text))
	}
	grid := imaging.Grid{
		Columns: columns + 1, Zoom: zoomOf(s.real.Dim(1)), Range: [2]float32{-1, 1}, RowLabels: s.labels,
		ColumnLabels: append([]string{"real", "painted"}, make([]string, columns-1)...),
	}
	return grid.Compose(cells...).ToImage()
}

func repeated(i, n int) []int {
	out := make([]int, n)
	for k := range out {
		out[k] = i
	}
	return out
}

// zoomOf is how much pictures of a side are enlarged to be looked at.
func zoomOf(side int) int { return max(1, 64/side) }
