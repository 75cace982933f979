package imaging

import (
	"encoding/binary"
	"image"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/internal/par"
)

// ToImage returns a copy of m as the image type that holds it: Gray, RGBA or, with alpha, NRGBA, or their 16-bit kin
// (grey with alpha is NRGBA too). Values are clamped to [0, 1] and halves round up; NaN is black. It panics unless m is
// a picture.
func (m *Image) ToImage() image.Image {
	m.check("imaging.Image.ToImage")
	return m.render(m.Depth)
}

// ToImage returns pixels (H, W, 1) or (H, W, 3) in [0, 1] as an 8-bit Gray or RGBA image, rounded as [Image.ToImage] does.
func ToImage(pixels *tensor.Tensor) image.Image { return (&Image{Pixels: pixels}).ToImage() }

// render is ToImage at a depth of its own.
func (m *Image) render(depth int) image.Image {
	r := image.Rect(0, 0, m.Width(), m.Height())
	switch grey, deep := m.Channels() == 1 && m.Alpha == nil, depth == 16; {
	case grey && deep:
		out := image.NewGray16(r)
		m.fill(out.Pix, 1, 2)
		return out
	case grey:
		out := image.NewGray(r)
		m.fill(out.Pix, 1, 1)
		return out
	case m.Alpha == nil && deep:
		out := image.NewRGBA64(r)
		m.fill(out.Pix, 4, 2)
		return out
	case m.Alpha == nil:
		out := image.NewRGBA(r)
		m.fill(out.Pix, 4, 1)
		return out
	case deep:
		out := image.NewNRGBA64(r)
		m.fill(out.Pix, 4, 2)
		return out
	default:
		out := image.NewNRGBA(r)
		m.fill(out.Pix, 4, 1)
		return out
	}
}

// fill writes each pixel as samples (1 grey, 2 grey and alpha, 4 RGBA) of width bytes, big-endian.
func (m *Image) fill(dst []byte, samples, width int) {
	top := 255.0
	if width == 2 {
		top = 0xffff
	}
	put := func(at int, v float32) {
		if width == 1 {
			dst[at] = uint8(level(v, top))
		} else {
			binary.BigEndian.PutUint16(dst[2*at:], uint16(level(v, top)))
		}
	}
	src, c := m.Pixels.Data(), m.Channels()
	par.For(m.Height(), rowGrain, func(lo, hi int) {
		for i := lo * m.Width(); i < hi*m.Width(); i++ {
			at := i * samples
			colours := max(samples-1, 1)
			for k := range colours {
				put(at+k, src[i*c+min(k, c-1)])
			}
			if samples == 1 {
				continue
			}
			a := float32(1)
			if m.Alpha != nil {
				a = m.Alpha.Data()[i]
			}
			put(at+samples-1, a)
		}
	})
}
