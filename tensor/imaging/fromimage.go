package imaging

import (
	"image"
	"image/color"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/internal/par"
)

// rowGrain is how many rows of a picture one block of parallel work holds.
const rowGrain = 16

// FromImage returns m as tensors. Grey images, and palettes of greys, give one channel, all others three. Alpha becomes
// straight, and nil if every pixel is opaque. It panics if m is nil or empty.
func FromImage(m image.Image) *Image {
	if m == nil || m.Bounds().Empty() {
		panic("imaging.FromImage: empty image")
	}
	return convert(m, traits{})
}

// traits is what the file says and image.Image cannot.
type traits struct {
	grey  bool // R = G = B in all pixels
	video bool // YCbCr in the studio range of WebP instead of JPEG's
}

// source reads one pixel as straight R, G, B, A in [0, 1].
type source func(x, y int) [4]float32

func convert(m image.Image, t traits) *Image {
	r := m.Bounds()
	out := &Image{Depth: depthOf(m)}
	if p, ok := m.(*image.Paletted); ok {
		t.grey = greyPalette(p.Palette)
		if !t.grey {
			out.Palette = append(color.Palette(nil), p.Palette...)
		}
	}
	channels := 3
	switch m.(type) {
	case *image.Gray, *image.Gray16:
		channels = 1
	default:
		if t.grey {
			channels = 1
		}
	}
	out.Pixels = tensor.New(r.Dy(), r.Dx(), channels)
	if o, ok := m.(interface{ Opaque() bool }); !ok || !o.Opaque() {
		out.Alpha = tensor.New(r.Dy(), r.Dx(), 1)
	}
	at := sourceOf(m, t.video)
	par.For(r.Dy(), rowGrain, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			row := out.Pixels.Rows(y, y+1).Data()
			for x := range r.Dx() {
				c := at(r.Min.X+x, r.Min.Y+y)
				copy(row[x*channels:(x+1)*channels], c[:])
				if out.Alpha != nil {
					out.Alpha.Data()[y*r.Dx()+x] = c[3]
				}
			}
		}
	})
	if out.Alpha != nil && opaque(out.Alpha.Data()) {
		out.Alpha = nil
	}
	return out
}

func opaque(alpha []float32) bool {
	for _, a := range alpha {
		if a != 1 {
			return false
		}
	}
	return true
}

func depthOf(m image.Image) int {
	switch m.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64, *image.Alpha16:
		return 16
	}
	switch m.ColorModel() {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model, color.Alpha16Model:
		return 16
	}
	return 8
}

func greyPalette(p color.Palette) bool {
	for _, c := range p {
		r, g, b, _ := c.RGBA()
		if r != g || g != b {
			return false
		}
	}
	return len(p) > 0
}

func sourceOf(m image.Image, video bool) source {
	switch m := m.(type) {
	case *image.Gray:
		return func(x, y int) [4]float32 {
			v := float32(m.Pix[m.PixOffset(x, y)]) / 255
			return [4]float32{v, v, v, 1}
		}
	case *image.Gray16:
		return func(x, y int) [4]float32 {
			v := float32(m.Gray16At(x, y).Y) / 0xffff
			return [4]float32{v, v, v, 1}
		}
	case *image.NRGBA:
		return func(x, y int) [4]float32 { return straight8(m.NRGBAAt(x, y)) }
	case *image.RGBA:
		return func(x, y int) [4]float32 {
			c := m.RGBAAt(x, y)
			return divided(float32(c.R), float32(c.G), float32(c.B), float32(c.A), 0xff)
		}
	case *image.NRGBA64:
		return func(x, y int) [4]float32 { return straight16(m.NRGBA64At(x, y)) }
	case *image.RGBA64:
		return func(x, y int) [4]float32 {
			c := m.RGBA64At(x, y)
			return divided(float32(c.R), float32(c.G), float32(c.B), float32(c.A), 0xffff)
		}
	case *image.Paletted:
		var table [256][4]float32
		for i, c := range m.Palette[:min(len(m.Palette), 256)] {
			table[i] = straight(c)
		}
		return func(x, y int) [4]float32 { return table[m.Pix[m.PixOffset(x, y)]] }
	case *image.YCbCr:
		return func(x, y int) [4]float32 { return fromYCbCr(m.YCbCrAt(x, y), 0xff, video) }
	case *image.NYCbCrA:
		return func(x, y int) [4]float32 {
			c := m.NYCbCrAAt(x, y)
			return fromYCbCr(c.YCbCr, c.A, video)
		}
	case *image.CMYK:
		return func(x, y int) [4]float32 {
			c := m.CMYKAt(x, y)
			r, g, b := color.CMYKToRGB(c.C, c.M, c.Y, c.K)
			return straight8(color.NRGBA{R: r, G: g, B: b, A: 0xff})
		}
	}
	return func(x, y int) [4]float32 { return straight(m.At(x, y)) }
}

// straight reads any colour. Straight ones keep what they hold under a transparent alpha.
func straight(c color.Color) [4]float32 {
	switch c := c.(type) {
	case color.NRGBA:
		return straight8(c)
	case color.NRGBA64:
		return straight16(c)
	}
	r, g, b, a := c.RGBA()
	return divided(float32(r), float32(g), float32(b), float32(a), 0xffff)
}

func straight8(c color.NRGBA) [4]float32 {
	return [4]float32{float32(c.R) / 0xff, float32(c.G) / 0xff, float32(c.B) / 0xff, float32(c.A) / 0xff}
}

func straight16(c color.NRGBA64) [4]float32 {
	return [4]float32{float32(c.R) / 0xffff, float32(c.G) / 0xffff, float32(c.B) / 0xffff, float32(c.A) / 0xffff}
}

// divided undoes the multiplication by alpha. The minimum guards against files whose colour exceeds their alpha.
func divided(r, g, b, a, top float32) [4]float32 {
	if a == 0 {
		return [4]float32{}
	}
	return [4]float32{min(r/a, 1), min(g/a, 1), min(b/a, 1), a / top}
}

// fromYCbCr converts by BT.601 to 8 bits. JPEG uses all 256 levels; the VP8 of WebP keeps to [16, 235], which image.YCbCr
// does not know, so that a picture would come out washed.
func fromYCbCr(c color.YCbCr, alpha uint8, video bool) [4]float32 {
	if !video {
		r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		return straight8(color.NRGBA{R: r, G: g, B: b, A: alpha})
	}
	y, cb, cr := float64(c.Y)/255, float64(c.Cb)/255, float64(c.Cr)/255
	r, g, b := rgbOf(y, cb, cr)
	return straight8(color.NRGBA{
		R: uint8(level(float32(r), 255)), G: uint8(level(float32(g), 255)), B: uint8(level(float32(b), 255)), A: alpha,
	})
}
