package imaging

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

// randomImage holds whole levels of its depth, so that a lossless format gives back the same bits.
func randomImage(rng *rand.Rand, h, w, c, depth int, alpha bool) *Image {
	top := 255
	if depth == 16 {
		top = 0xffff
	}
	fill := func(t *tensor.Tensor) *tensor.Tensor {
		for i := range t.Data() {
			t.Data()[i] = float32(rng.IntN(top+1)) / float32(top)
		}
		return t
	}
	m := &Image{Pixels: fill(tensor.New(h, w, c)), Depth: depth}
	if alpha {
		m.Alpha = fill(tensor.New(h, w, 1))
		m.Alpha.Data()[0] = 0 // so that it is never wholly opaque
	}
	return m
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func encoded(t testing.TB, m *Image, f Format) []byte {
	var b bytes.Buffer
	require.NoError(t, Encode(&b, m, f, EncodeOptions{}))
	return b.Bytes()
}

func decoded(t testing.TB, data []byte) *Image {
	m, err := DecodeBytes(data, DecodeOptions{})
	require.NoError(t, err)
	return m
}

// profile is the head of an ICC profile for a colour space, padded to n bytes of noise.
func profile(space string, n int) []byte {
	p := make([]byte, n)
	rng := newRand()
	for i := range p {
		p[i] = byte(rng.IntN(256))
	}
	binary.BigEndian.PutUint32(p, uint32(n))
	copy(p[16:], space)
	copy(p[36:], "acsp")
	return p
}

// exifWith is EXIF data of one directory with one entry.
func exifWith(order binary.ByteOrder, orientation int) []byte {
	mark := "II*\x00"
	if order == binary.ByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	b := make([]byte, 8+2+12+4)
	copy(b, mark)
	order.PutUint32(b[4:], 8)
	order.PutUint16(b[8:], 1)
	order.PutUint16(b[10:], tagOrientation)
	order.PutUint16(b[12:], 3)
	order.PutUint32(b[14:], 1)
	order.PutUint16(b[18:], uint16(orientation))
	return b
}

// riff wraps chunks, name and data in turn, as a WebP file.
func riff(chunks ...any) []byte {
	b := []byte("WEBP")
	for i := 0; i < len(chunks); i += 2 {
		data := chunks[i+1].([]byte)
		b = append(b, chunks[i].(string)...)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, data...)
		if len(data)%2 == 1 {
			b = append(b, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(b))), b...)
}

// vp8x is the extended header; flags tell what other chunks there are.
func vp8x(flags byte, w, h int) []byte {
	b := []byte{flags, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), byte((w - 1) >> 16), byte(h - 1), byte((h - 1) >> 8), byte((h - 1) >> 16)}
	return b
}

// bitWriter packs bits from the least significant up, as VP8L does.
type bitWriter struct {
	bytes []byte
	n     int
}

func (b *bitWriter) put(v, n int) {
	for i := range n {
		if b.n%8 == 0 {
			b.bytes = append(b.bytes, 0)
		}
		b.bytes[b.n/8] |= byte(v>>i&1) << (b.n % 8)
		b.n++
	}
}

// vp8l encodes a picture without loss in the plainest way: no transforms, and codes of eight bits for all 256 values, whose
// bits come most significant first.
func vp8l(m *image.NRGBA) []byte {
	b := &bitWriter{}
	b.put(0x2f, 8)
	b.put(m.Rect.Dx()-1, 14)
	b.put(m.Rect.Dy()-1, 14)
	b.put(1, 1) // alpha is used
	b.put(0, 3+1+1+1)
	for _, alphabet := range []int{256 + 24, 256, 256, 256} {
		b.put(0, 1)    // a normal code, whose code lengths are coded themselves,
		b.put(12-4, 4) // by a code for the lengths 17, 18, 0, 1, … 8 in their order on file
		for i := range 12 {
			if i == 2 || i == 11 { // lengths 0 and 8, one bit each
				b.put(1, 3)
			} else {
				b.put(0, 3)
			}
		}
		b.put(0, 1) // no limit to the symbols
		for i := range alphabet {
			if i < 256 {
				b.put(1, 1)
			} else {
				b.put(0, 1)
			}
		}
	}
	b.put(1, 1) // distances: a simple code
	b.put(0, 3) // of the one symbol 0
	for i := range len(m.Pix) / 4 {
		p := m.Pix[4*i : 4*i+4]
		for _, v := range []byte{p[1], p[0], p[2], p[3]} {
			for k := 7; k >= 0; k-- {
				b.put(int(v)>>k, 1)
			}
		}
	}
	return b.bytes
}

// vp8 is a key frame whose arithmetic-coded part is all zeros, which every decoder reads as: no coefficients, and
// prediction from borders of 127 and 129. All its samples are 128.
func vp8(w, h int) []byte {
	const part = 200
	b := []byte{0x10 | part<<5&0xff, part >> 3, 0, 0x9d, 0x01, 0x2a, byte(w), byte(w >> 8), byte(h), byte(h >> 8)}
	return append(b, make([]byte, 2*part)...)
}

// samples are small valid files of every format and kind.
func samples(t testing.TB) map[string][]byte {
	rng := newRand()
	grey, rgb := randomImage(rng, 7, 5, 1, 8, false), randomImage(rng, 7, 5, 3, 8, false)
	rgba := randomImage(rng, 7, 5, 3, 8, true)
	deep := randomImage(rng, 7, 5, 3, 16, true)
	greyAlpha := randomImage(rng, 7, 5, 1, 16, true)
	pal := palettedImage()
	withICC := *rgb
	withICC.ICC = profile("RGB ", 300)
	out := map[string][]byte{
		"grey.png": encoded(t, grey, PNG), "rgb.png": encoded(t, &withICC, PNG), "deep.png": encoded(t, deep, PNG),
		"greyalpha.png": encoded(t, greyAlpha, PNG), "palette.png": encoded(t, pal, PNG),
		"grey.jpg": encoded(t, grey, JPEG), "rgb.jpg": encoded(t, &withICC, JPEG),
		"palette.gif": encoded(t, pal, GIF), "grey.gif": encoded(t, grey, GIF),
		"grey.bmp": encoded(t, grey, BMP), "rgb.bmp": encoded(t, rgb, BMP), "rgba.bmp": encoded(t, rgba, BMP),
		"palette.bmp": encoded(t, pal, BMP), "grey.tif": encoded(t, grey, TIFF), "rgba.tif": encoded(t, rgba, TIFF),
		"deep.tif": encoded(t, deep, TIFF), "palette.tif": encoded(t, pal, TIFF),
		"lossless.webp": riff("VP8L", vp8l(rgba.render(8).(*image.NRGBA))), "lossy.webp": riff("VP8 ", vp8(5, 7)),
	}
	out["oriented.jpg"] = withSegment(out["rgb.jpg"], 0xe1, append([]byte("Exif\x00\x00"), exifWith(binary.BigEndian, 6)...))
	out["oriented.png"] = withChunk(out["rgb.png"], "eXIf", exifWith(binary.LittleEndian, 5))
	out["extended.webp"] = riff("VP8X", vp8x(0x18, 5, 7), "ALPH", append([]byte{0}, make([]byte, 35)...), "VP8 ", vp8(5, 7),
		"EXIF", exifWith(binary.LittleEndian, 8))
	return out
}

// palettedImage uses four colours.
func palettedImage() *Image {
	p := color.Palette{
		color.NRGBA{R: 255, A: 255}, color.NRGBA{G: 128, B: 3, A: 255}, color.NRGBA{R: 9, G: 9, B: 200, A: 255}, color.NRGBA{R: 1, A: 255},
	}
	m := image.NewPaletted(image.Rect(0, 0, 5, 7), p)
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i % 4)
	}
	return FromImage(m)
}

// withSegment puts a JPEG segment right after the start.
func withSegment(jpeg []byte, marker byte, body []byte) []byte {
	b := append([]byte(nil), jpeg[:2]...)
	b = append(b, 0xff, marker)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)+2))
	b = append(b, body...)
	return append(b, jpeg[2:]...)
}

// withChunk puts a PNG chunk right after IHDR.
func withChunk(png []byte, name string, body []byte) []byte {
	b := append([]byte(nil), png[:33]...)
	b = append(b, pngChunk(name, body)...)
	return append(b, png[33:]...)
}
