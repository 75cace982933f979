package imaging

import (
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/tensor"
)

// EncodeOptions says how a picture is written. The zero value is the usual choice.
type EncodeOptions struct {
	Quality    int         // of JPEG, 1 to 100; 0 means 95
	Background color.Color // what shows through alpha in a JPEG, which has none; nil means white
}

// Save writes m to a file in the format of its extension; see [Encode] and [FormatOf]. The file is written beside, synced
// and renamed: it is either whole or, after an error, what it was before.
func Save(path string, m *Image, o EncodeOptions) error {
	format, err := FormatOf(path)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		if err := Encode(w, m, format, o); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// Encode writes m in a format, keeping as much of it as the format can hold:
//
//	PNG   8 and 16 bit, grey, alpha, palette, profile
//	TIFF  8 and 16 bit, grey (not with alpha: it becomes RGB), alpha, palette without alpha
//	JPEG  8 bit, grey, profile; alpha is flattened onto the background
//	BMP   8 bit, grey (not with alpha), alpha, palette without alpha
//	GIF   8 bit; at most 256 colours, found by median cut and dithered if there are more; alpha below one half is transparent
//
// A palette is kept while the pixels, rounded to 8 bits, use only its colours. Rounding is that of [Image.ToImage]. It
// panics unless m is a picture; it returns an error for a format that is not written and for sides that the format
// cannot hold.
func Encode(w io.Writer, m *Image, format Format, o EncodeOptions) error {
	m.check("imaging.Encode")
	switch format {
	case PNG:
		return m.encodePNG(w)
	case JPEG:
		return m.encodeJPEG(w, o)
	case GIF:
		if m.Width() > 0xffff || m.Height() > 0xffff {
			return tooLarge(m.Width(), m.Height(), GIF, 0xffff)
		}
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{m.quantized()}, Delay: []int{0}})
	case BMP:
		if m.Alpha != nil {
			return m.encodeAlphaBMP(w)
		}
		if p := m.paletted(); p != nil {
			return bmp.Encode(w, p)
		}
		return bmp.Encode(w, m.render(8))
	case TIFF:
		o := &tiff.Options{Compression: tiff.Deflate}
		if p := m.paletted(); p != nil && m.Alpha == nil {
			return tiff.Encode(w, p, o)
		}
		return tiff.Encode(w, m.render(m.Depth), o)
	}
	return fmt.Errorf("pictures are not written as %q, only as PNG, JPEG, GIF, BMP or TIFF", string(format))
}

func tooLarge(width, height int, format Format, side int) error {
	return fmt.Errorf("%d×%d pixels do not fit into a %s file, whose sides are at most %d", width, height, format, side)
}

func (m *Image) encodePNG(w io.Writer) error {
	if m.Channels() == 1 && m.Alpha != nil {
		return m.encodeGreyAlphaPNG(w)
	}
	var pixels image.Image = m.render(m.Depth)
	if p := m.paletted(); p != nil {
		pixels = p
	}
	if icc := iccFor(m.ICC, m.Channels()); icc != nil {
		w = pngWithICC(w, icc)
	}
	return png.Encode(w, pixels)
}

// pngWithICC puts a colour profile into a PNG file on its way to w.
func pngWithICC(w io.Writer, icc []byte) io.Writer {
	const signatureAndIHDR = 8 + 25
	return &inserter{w: w, after: signatureAndIHDR, text: pngChunk("iCCP", deflateICC(icc))}
}

// jpegWithICC puts a colour profile into a JPEG file on its way to w.
func jpegWithICC(w io.Writer, icc []byte) io.Writer {
	const startOfImage = 2
	return &inserter{w: w, after: startOfImage, text: splitICC(icc)}
}

// quality returns the quality of a JPEG, or an error if there is no such quality.
func (o EncodeOptions) quality() (int, error) {
	if o.Quality == 0 {
		return 95, nil
	}
	if o.Quality < 1 || o.Quality > 100 {
		return 0, fmt.Errorf("JPEG quality must be from 1 to 100, got %d", o.Quality)
	}
	return o.Quality, nil
}

func (m *Image) encodeJPEG(w io.Writer, o EncodeOptions) error {
	quality, err := o.quality()
	if err != nil {
		return err
	}
	if m.Width() > 0xffff || m.Height() > 0xffff {
		return tooLarge(m.Width(), m.Height(), JPEG, 0xffff)
	}
	flat := m
	if m.Alpha != nil {
		flat = m.Flatten(o.Background)
	}
	if icc := iccFor(m.ICC, flat.Channels()); icc != nil {
		w = jpegWithICC(w, icc)
	}
	return jpeg.Encode(w, flat.render(8), &jpeg.Options{Quality: quality})
}

// Flatten returns m without alpha, as it looks before a background of one colour; nil means white. A grey picture stays
// grey if the background is. Values are mixed as stored, as browsers do.
func (m *Image) Flatten(background color.Color) *Image {
	m.check("imaging.Image.Flatten")
	if m.Alpha == nil {
		return m
	}
	if background == nil {
		background = color.White
	}
	back := straight(background)
	out := *m
	out.Alpha, out.Palette = nil, nil
	if m.Channels() == 1 && (back[0] != back[1] || back[1] != back[2]) {
		out.Pixels, out.ICC = m.RGB(), nil
	}
	c := out.Channels()
	src := out.Pixels.Data()
	out.Pixels = tensor.New(m.Height(), m.Width(), c)
	dst := out.Pixels.Data()
	for i, a := range m.Alpha.Data() {
		for k := range c {
			dst[i*c+k] = float32(a*src[i*c+k]) + float32((1-a)*back[k])
		}
	}
	return &out
}

// inserter passes bytes on and puts text in after the first few.
type inserter struct {
	w     io.Writer
	after int
	text  []byte
}

func (i *inserter) Write(p []byte) (int, error) {
	if i.text == nil {
		return i.w.Write(p)
	}
	n := min(i.after, len(p))
	done, err := i.w.Write(p[:n])
	i.after -= done
	if err != nil || i.after > 0 {
		return done, err
	}
	text := i.text
	i.text = nil
	if _, err := i.w.Write(text); err != nil {
		return done, err
	}
	rest, err := i.w.Write(p[n:])
	return done + rest, err
}
