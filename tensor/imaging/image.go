package imaging

import (
	"fmt"
	"image/color"
	"math"

	"github.com/gander-ml/gander/tensor"
)

// Image is a decoded picture and what its file said about it. Only Pixels is needed to encode one.
type Image struct {
	Pixels  *tensor.Tensor // (H, W, C) in [0, 1]; C is 1 for grey and 3 for RGB
	Alpha   *tensor.Tensor // (H, W, 1) in [0, 1], straight; nil means opaque
	Depth   int            // bits per channel of the file, 8 or 16; 0 means 8
	Palette color.Palette  // the colours of a paletted file that is not grey; nil otherwise
	ICC     []byte         // colour profile for these channels; nil means sRGB
	Format  Format         // what it was decoded from; "" if it was not
}

// Height returns the number of rows.
func (m *Image) Height() int { return m.Pixels.Dim(0) }

// Width returns the number of columns.
func (m *Image) Width() int { return m.Pixels.Dim(1) }

// Channels returns 1 for grey and 3 for RGB. Alpha does not count.
func (m *Image) Channels() int { return m.Pixels.Dim(2) }

// RGB returns the pixels as (H, W, 3): Pixels itself if it has three channels, otherwise a copy with the grey repeated.
func (m *Image) RGB() *tensor.Tensor {
	m.check("imaging.Image.RGB")
	if m.Channels() == 3 {
		return m.Pixels
	}
	out := tensor.New(m.Height(), m.Width(), 3)
	dst := out.Data()
	for i, v := range m.Pixels.Data() {
		dst[3*i], dst[3*i+1], dst[3*i+2] = v, v, v
	}
	return out
}

// check panics unless m holds a picture of at least one pixel.
func (m *Image) check(op string) {
	if m.Pixels == nil {
		panic(op + ": the image has no pixels")
	}
	if p := m.Pixels; p.Rank() != 3 || p.Dim(2) != 1 && p.Dim(2) != 3 || p.Len() == 0 {
		panic(fmt.Sprintf("%s: want pixels (H,W,1) or (H,W,3), got %s", op, tensor.Format(p.Shape())))
	}
	if a := m.Alpha; a != nil && (a.Rank() != 3 || a.Dim(0) != m.Height() || a.Dim(1) != m.Width() || a.Dim(2) != 1) {
		panic(fmt.Sprintf("%s: want alpha (%d,%d,1), got %s", op, m.Height(), m.Width(), tensor.Format(a.Shape())))
	}
	if m.Depth != 0 && m.Depth != 8 && m.Depth != 16 {
		panic(fmt.Sprintf("%s: want depth 8 or 16, got %d", op, m.Depth))
	}
}

// level returns x in [0, 1] as a whole number in [0, top]: clamped, halves rounded up, NaN as 0.
func level(x float32, top float64) float64 { return level64(float64(x), top) }

func level64(x, top float64) float64 {
	switch {
	case !(x > 0):
		return 0
	case x >= 1:
		return top
	}
	return math.Floor(x*top + 0.5)
}
