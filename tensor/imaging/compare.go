package imaging

import (
	"fmt"
	"image"

	"github.com/gander-ml/gander/tensor"
)

// Version is one of several renderings of the same picture.
type Version struct {
	Name   string         // "bicubic"
	Note   string         // a second line, "28.42 dB"; may be empty
	Pixels *tensor.Tensor // (H, W, C) in [0, 1]
}

// Compare puts the same crops of several versions of a picture side by side: a column for each version, a row for each
// crop, enlarged by g.Zoom so that every pixel shows. g.Columns and g.ColumnLabels are set by Compare; the rest is the
// caller's. It panics if the versions differ in size or a crop is outside.
func Compare(g Grid, crops []image.Rectangle, versions ...Version) *Image {
	if len(versions) == 0 || len(crops) == 0 {
		panic(fmt.Sprintf("imaging.Compare: nothing to compare: %d versions, %d crops", len(versions), len(crops)))
	}
	g.Columns, g.ColumnLabels = len(versions), nil
	for _, v := range versions {
		if first := versions[0].Pixels; v.Pixels.Dim(0) != first.Dim(0) || v.Pixels.Dim(1) != first.Dim(1) {
			panic(fmt.Sprintf("imaging.Compare: %s is %s, %s is %s", versions[0].Name, tensor.Format(first.Shape()),
				v.Name, tensor.Format(v.Pixels.Shape())))
		}
		g.ColumnLabels = append(g.ColumnLabels, v.Name+"\n"+v.Note)
	}
	var cells []*tensor.Tensor
	for _, r := range crops {
		for _, v := range versions {
			cells = append(cells, Crop(v.Pixels, r))
		}
	}
	return g.Compose(cells...)
}
