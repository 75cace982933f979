package main

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"

	"github.com/gander-ml/gander/tensor"
)

const (
	side  = 480 // pixels of a picture
	reach = 3   // of the plane, from the centre to each edge
)

var (
	paper = color.RGBA{255, 255, 255, 255}
	grey  = color.RGBA{205, 205, 205, 255}
	ink   = color.RGBA{200, 60, 20, 255}
)

// picture draws points (N,2) over as many of the mixture, which are grey.
func picture(m mixture, x *tensor.Tensor) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(img, img.Rect, image.NewUniform(paper), image.Point{}, draw.Src)
	dot(img, m.draw(x.Dim(0), rand.New(rand.NewPCG(0, 0))), grey, 2)
	dot(img, x, ink, 1)
	return img
}

// dot draws a square of the given reach at each point. Those outside the picture are not seen.
func dot(img *image.RGBA, x *tensor.Tensor, c color.Color, size int) {
	for i := range x.Dim(0) {
		px := int((float64(x.At(i, 0))/reach + 1) / 2 * side)
		py := int((1 - float64(x.At(i, 1))/reach) / 2 * side)
		at := image.Rect(px-size+1, py-size+1, px+size, py+size)
		draw.Draw(img, at.Intersect(img.Rect), image.NewUniform(c), image.Point{}, draw.Src)
	}
}
