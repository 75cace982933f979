package style

import (
	"fmt"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Of returns the styles (N,Z) that an encoder sees in pictures (N,H,W,3) with values in [-1,1]. It runs in inference, in
// parts, so that memory stays bounded.
func Of(encoder nn.Layer, pictures *tensor.Tensor) *tensor.Tensor {
	return gan.Draw(encoder, pictures, nil)
}

// Transfer paints every text (R,E) in the style of every picture (C,H,W,3): R·C pictures (R·C,H,W,3), row by row, a row for
// each text and a column for each picture,
//
//	x̂ = G(S(x), text)
//
// Reed et al. 2016, §4.4 and fig. 6.
func Transfer(g Generator, encoder nn.Layer, pictures, texts *tensor.Tensor) *tensor.Tensor {
	if pictures.Rank() != 4 || texts.Rank() != 2 {
		panic(fmt.Sprintf("style.Transfer: want pictures (C,H,W,3) and texts (R,E), got %s and %s",
			tensor.Format(pictures.Shape()), tensor.Format(texts.Shape())))
	}
	styles := Of(encoder, pictures)
	rows, cols := texts.Dim(0), styles.Dim(0)
	z, y := tensor.New(rows*cols, styles.Dim(1)), tensor.New(rows*cols, texts.Dim(1))
	for r := range rows {
		z.Rows(r*cols, (r+1)*cols).CopyFrom(styles)
		for c := range cols {
			y.Rows(r*cols+c, r*cols+c+1).CopyFrom(texts.Rows(r, r+1))
		}
	}
	return gan.Draw(g, z, y)
}

// Sheet draws what [Transfer] painted below the pictures that gave the style, with the sentences on the left. Pixels are
// shown zoom times as large; 0 means 1. It panics unless there is a sentence for each row.
func Sheet(pictures, painted *tensor.Tensor, sentences []string, zoom int) *imaging.Image {
	cols := pictures.Dim(0)
	if painted.Dim(0) != cols*len(sentences) {
		panic(fmt.Sprintf("style.Sheet: %d pictures painted of %d styles and %d sentences", painted.Dim(0), cols, len(sentences)))
	}
	grid := imaging.Grid{Columns: cols, Zoom: zoom, Range: [2]float32{-1, 1}, RowLabels: append([]string{"style"}, sentences...)}
	return grid.Compose(pictures, painted)
}
