package imaging

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// DecodeOptions says how a picture is read. The zero value is the usual choice.
type DecodeOptions struct {
	MaxPixels       int  // the largest width × height; 0 means 100 million
	KeepOrientation bool // leave the pixels as they are stored, whatever the file's EXIF orientation
}

func (o DecodeOptions) maxPixels() int {
	if o.MaxPixels <= 0 {
		return 100_000_000
	}
	return o.MaxPixels
}

// maxBytes is the longest file that is read: the widest pixel of any format, 8 bytes, for all of them, and metadata.
func (o DecodeOptions) maxBytes() int64 { return 8*int64(o.maxPixels()) + 64<<20 }

// Open decodes the picture in a file; see [Decode]. Errors begin with the path.
func Open(path string, o DecodeOptions) (*Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := Decode(f, o)
	var pe *os.PathError
	switch {
	case errors.As(err, &pe): // has the path in it
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Decode reads a picture in any [Format], whatever its name says. Of an animated GIF it is the first frame; an animated
// WebP is an error. The EXIF orientation of JPEG, PNG, WebP and TIFF is applied. Grey pictures, also those with alpha or
// a grey palette, have one channel; CMYK becomes RGB without its profile. A file that is cut short, damaged or larger than
// the limit is an error that says so; the size is checked in the header before memory is taken.
func Decode(r io.Reader, o DecodeOptions) (*Image, error) {
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	head = head[:n]
	if sniff(head) == "" { // before an endless stream is read for nothing
		return DecodeBytes(head, o)
	}
	var b bytes.Buffer
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Size() <= o.maxBytes() {
			b.Grow(int(info.Size()) + bytes.MinRead)
		}
	}
	b.Write(head)
	if _, err := b.ReadFrom(io.LimitReader(r, o.maxBytes()-int64(n)+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > o.maxBytes() {
		return nil, fmt.Errorf("the file is larger than any picture within the limit of %s (DecodeOptions.MaxPixels)", megapixels(o.maxPixels()))
	}
	return DecodeBytes(b.Bytes(), o)
}

// DecodeBytes is [Decode] for a file in memory. The result does not share memory with data.
func DecodeBytes(data []byte, o DecodeOptions) (*Image, error) {
	format := sniff(data)
	if format == "" {
		if len(data) == 0 {
			return nil, errors.New("the file is empty")
		}
		return nil, errors.New("not a PNG, JPEG, GIF, WebP, BMP or TIFF image")
	}
	if err := checkSize(format, data, o.maxPixels()); err != nil {
		return nil, err
	}
	m, err := decodePixels(format, data)
	if err != nil {
		return nil, explain(format, data, err)
	}
	meta := readMetadata(format, data)
	out, err := guard(func() (*Image, error) {
		return convert(m, traits{grey: meta.grey, video: format == WebP}), nil
	})
	if err != nil {
		return nil, explain(format, data, err)
	}
	if !o.KeepOrientation {
		out.Pixels, out.Alpha = upright(out.Pixels, meta.orientation), upright(out.Alpha, meta.orientation)
	}
	out.Format = format
	out.ICC = iccFor(meta.icc, out.Channels())
	return out, nil
}

func checkSize(format Format, data []byte, limit int) error {
	c, err := guard(func() (image.Config, error) {
		r := bytes.NewReader(data)
		switch format {
		case PNG:
			return png.DecodeConfig(r)
		case JPEG:
			return jpeg.DecodeConfig(r)
		case GIF:
			return gif.DecodeConfig(r)
		case WebP:
			return webp.DecodeConfig(r)
		case BMP:
			return bmp.DecodeConfig(r)
		}
		return tiff.DecodeConfig(r)
	})
	switch {
	case err != nil:
		return explain(format, data, err)
	case c.Width <= 0 || c.Height <= 0:
		return fmt.Errorf("a picture of %d×%d pixels has nothing in it", c.Width, c.Height)
	case c.Width > limit/c.Height:
		return fmt.Errorf("%d×%d pixels is more than the limit of %s (DecodeOptions.MaxPixels)", c.Width, c.Height, megapixels(limit))
	}
	return nil
}

func megapixels(n int) string {
	if n >= 1_000_000 && n%100_000 == 0 {
		return fmt.Sprintf("%g megapixels", float64(n)/1e6)
	}
	return fmt.Sprintf("%d pixels", n)
}

func decodePixels(format Format, data []byte) (image.Image, error) {
	return guard(func() (image.Image, error) {
		r := bytes.NewReader(data)
		switch format {
		case PNG:
			return png.Decode(r)
		case JPEG:
			return jpeg.Decode(r)
		case GIF:
			return decodeGIF(data)
		case WebP:
			return webp.Decode(r)
		case BMP:
			return bmp.Decode(r)
		}
		return tiff.Decode(r)
	})
}

// decodeGIF puts the first frame where it belongs on the picture, which may be larger.
func decodeGIF(data []byte) (image.Image, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	whole := image.Rect(0, 0, c.Width, c.Height)
	if frame.Bounds() == whole {
		return frame, nil
	}
	canvas := image.NewNRGBA(whole)
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return canvas, nil
}

// guard turns a panic inside a decoder into an error: files come from strangers.
func guard[T any](f func() (T, error)) (out T, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the decoder gave up: %v", v)
		}
	}()
	return f()
}

func explain(format Format, data []byte, err error) error {
	if format == WebP && bytes.Contains(data[:min(len(data), 256)], []byte("ANIM")) {
		return errors.New("animated WebP is not supported")
	}
	text := err.Error()
	for _, sign := range []string{"EOF", "not enough", "short chunk", "missing SOS"} { // the decoders wrap and rename io's errors
		if strings.Contains(text, sign) {
			return fmt.Errorf("the %s file is cut short", format)
		}
	}
	return fmt.Errorf("damaged or unsupported %s file: %w", format, err)
}
