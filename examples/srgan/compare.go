package main

import (
	"cmp"
	"context"
	"image"
	"slices"

	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

const (
	compareCrops  = 3
	compareSide   = 48 // pixels of the input
	compareMargin = 64 // around a crop, so that its edges look as they do in the whole picture
)

// compare draws the busiest parts of a picture, enlarged by each method, side by side.
func compare(ctx context.Context, path string, in *imaging.Image, methods ...srgan.Method) error {
	rgb := in.Flatten(nil).RGB()
	bounds := image.Rect(0, 0, rgb.Dim(1), rgb.Dim(0))
	grid := imaging.Grid{Columns: len(methods)}
	for _, m := range methods {
		grid.ColumnLabels = append(grid.ColumnLabels, m.Name)
	}
	var cells []*tensor.Tensor
	for _, crop := range busiest(rgb, compareCrops, compareSide) {
		around := crop.Inset(-compareMargin).Intersect(bounds)
		part := imaging.Crop(rgb, around)
		for _, m := range methods {
			big, err := m.Enlarge(ctx, part)
			if err != nil {
				return err
			}
			s := big.Dim(0) / part.Dim(0)
			grid.Zoom = max(1, 4/s) // what is enlarged less is shown as large
			at := crop.Sub(around.Min)
			cell := imaging.Crop(big, image.Rect(at.Min.X*s, at.Min.Y*s, at.Max.X*s, at.Max.Y*s))
			cells = append(cells, tensor.Clamp(cell, 0, 1))
		}
	}
	return imaging.Save(path, grid.Compose(cells...), imaging.EncodeOptions{})
}

// busiest returns up to n squares of a side, or what fits, that do not overlap and in which neighbouring pixels differ most.
func busiest(rgb *tensor.Tensor, n, side int) []image.Rectangle {
	h, w := rgb.Dim(0), rgb.Dim(1)
	bh, bw := min(side, h), min(side, w)
	type square struct {
		at   image.Rectangle
		busy float64
	}
	var squares []square
	for y := 0; y+bh <= h; y += bh {
		for x := 0; x+bw <= w; x += bw {
			r := image.Rect(x, y, x+bw, y+bh)
			squares = append(squares, square{r, busy(imaging.Crop(rgb, r))})
		}
	}
	slices.SortStableFunc(squares, func(a, b square) int { return cmp.Compare(b.busy, a.busy) })
	var out []image.Rectangle
	for _, s := range squares[:min(n, len(squares))] {
		out = append(out, s.at)
	}
	return out
}

// busy is the mean difference between neighbours.
func busy(x *tensor.Tensor) float64 {
	h, w, c := x.Dim(0), x.Dim(1), x.Dim(2)
	var sum float64
	d := x.Data()
	for y := range h {
		for i := c; i < w*c; i++ {
			sum += abs(d[y*w*c+i] - d[y*w*c+i-c])
		}
		if y > 0 {
			for i := range w * c {
				sum += abs(d[y*w*c+i] - d[(y-1)*w*c+i])
			}
		}
	}
	return sum / float64(h*w*c)
}

func abs(x float32) float64 { return float64(max(x, -x)) }
