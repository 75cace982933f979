package imaging

import (
	"fmt"
	"image"
	"image/jpeg"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/tensor"
)

// collected holds the samples of a whole picture, as the encoders that cannot do with less want them.
type collected struct {
	h              Header
	image          image.Image
	pix            []byte // of image
	samples, bytes int    // of a pixel, and of a sample
	pixels         int    // that have been put
}

// collect returns a black picture of the depth that a format keeps.
func (h Header) collect(f Format) *collected {
	if f != TIFF {
		h.Depth = 8
	}
	c := &collected{h: h, samples: 4, bytes: 1}
	r := image.Rect(0, 0, h.Width, h.Height)
	switch grey, deep := h.Channels == 1, h.Depth == 16; {
	case grey && deep:
		m := image.NewGray16(r)
		c.image, c.pix, c.samples, c.bytes = m, m.Pix, 1, 2
	case grey:
		m := image.NewGray(r)
		c.image, c.pix, c.samples = m, m.Pix, 1
	case deep:
		m := image.NewRGBA64(r)
		c.image, c.pix, c.bytes = m, m.Pix, 2
	default:
		m := image.NewRGBA(r)
		c.image, c.pix = m, m.Pix
	}
	return c
}

// put renders a block where it belongs.
func (c *collected) put(y, x int, block *tensor.Tensor) error {
	c.h.checkBlock(y, x, block)
	h, w := block.Dim(0), block.Dim(1)
	pixel := c.samples * c.bytes
	for i := range h {
		row := Image{Pixels: block.Rows(i, i+1)}
		row.fill(c.pix[((y+i)*c.h.Width+x)*pixel:][:w*pixel], c.samples, c.bytes)
	}
	c.pixels += h * w
	return nil
}

// saveCollected is SaveBlocks for formats whose encoders want the whole picture.
func saveCollected(path string, h Header, f Format, o EncodeOptions, produce func(emit func(y, x int, block *tensor.Tensor) error) error) error {
	if err := h.fits(path, f); err != nil {
		return err
	}
	quality, err := o.quality()
	if err != nil && f == JPEG {
		return fmt.Errorf("%s: %w", path, err)
	}
	c := h.collect(f)
	if err := produce(c.put); err != nil {
		return err
	}
	if err := h.missing(path, c.pixels); err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		var err error
		switch f {
		case JPEG:
			if icc := iccFor(h.ICC, h.Channels); icc != nil {
				w = jpegWithICC(w, icc)
			}
			err = jpeg.Encode(w, c.image, &jpeg.Options{Quality: quality})
		case BMP:
			err = bmp.Encode(w, c.image)
		case TIFF:
			err = tiff.Encode(w, c.image, &tiff.Options{Compression: tiff.Deflate})
		default:
			err = Encode(w, FromImage(c.image), f, o)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}
