package main

import (
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"slices"

	"github.com/gander-ml/gander/examples/internal/captions"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/gander-ml/gander/txt2img/draw"
)

// zoomOf is how much pictures of a height are enlarged to be looked at.
func zoomOf(height int) int { return max(1, 64/height) }

// stages returns which canvases of a painting to show, the first and the last among them.
func stages(p *draw.Painting, n int) []int {
	all := make([]int, len(p.Canvases))
	for i := range all {
		all[i] = i
	}
	return append(captions.Spread(all[:len(all)-1], n-1), len(all)-1)
}

// strip shows a row for each picture, from the first canvas to the finished picture. labels may be nil.
func strip(p *draw.Painting, labels []string) *imaging.Image {
	at := stages(p, 12)
	names := make([]string, len(at))
	for k, s := range at {
		names[k] = fmt.Sprintf("%d", s)
	}
	var cells []*tensor.Tensor
	for i := range p.Last().Dim(0) {
		for _, s := range at {
			cells = append(cells, p.Canvases[s].Rows(i, i+1))
		}
	}
	return imaging.Grid{
		Columns: len(at), Zoom: zoomOf(p.Last().Dim(1)), ColumnLabels: names, RowLabels: labels,
	}.Compose(cells...)
}

// words shows what a picture looked like in some steps and, right of it, how much the model attended to each word of the
// caption: the lighter, the more. The most of a step is a light grey, which does not vanish on the white of the sheet.
func words(p *draw.Painting, i int, caption string) *imaging.Image {
	at := stages(p, 9)[1:]
	shape := p.Last().Shape()
	shape[0] = 1
	text := draw.Words(caption)
	var cells []*tensor.Tensor
	var rows []string
	for _, s := range at {
		cells, rows = append(cells, p.Canvases[s].Rows(i, i+1)), append(rows, fmt.Sprintf("step %d", s))
		weights := p.Attention[s-1].Rows(i, i+1).Data()
		most := slices.Max(weights)
		for _, w := range weights {
			cells = append(cells, tensor.Full(0.85*w/most, shape...))
		}
	}
	return imaging.Grid{
		Columns: 1 + len(text), Zoom: zoomOf(shape[1]), RowLabels: rows, ColumnLabels: append([]string{""}, text...), Title: caption,
	}.Compose(cells...)
}

// animate shows all pictures side by side, a frame for each step, and holds the finished ones for two seconds.
func animate(p *draw.Painting) *gif.GIF {
	n := p.Last().Dim(0)
	grid := imaging.Grid{Columns: min(n, 8), Zoom: 2 * zoomOf(p.Last().Dim(1))}
	out := &gif.GIF{}
	for t, x := range p.Canvases {
		m := grid.Compose(x).ToImage()
		frame := image.NewPaletted(m.Bounds(), palette(p.Last().Dim(3)))
		for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
			for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
				frame.Set(x, y, m.At(x, y))
			}
		}
		delay := 8
		if t == len(p.Canvases)-1 {
			delay = 200
		}
		out.Image, out.Delay = append(out.Image, frame), append(out.Delay, delay)
	}
	return out
}

// palette is 256 greys, or 6 levels of each of three colours and 40 greys.
func palette(channels int) color.Palette {
	var p color.Palette
	if channels == 1 {
		for v := range 256 {
			p = append(p, color.Gray{uint8(v)})
		}
		return p
	}
	for r := range 6 {
		for g := range 6 {
			for b := range 6 {
				p = append(p, color.RGBA{uint8(51 * r), uint8(51 * g), uint8(51 * b), 255})
			}
		}
	}
	for v := range 40 {
		p = append(p, color.Gray{uint8(3 + v*25/4)})
	}
	return p
}
