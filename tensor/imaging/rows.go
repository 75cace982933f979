package imaging

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/tensor"
)

// Header describes a picture whose pixels come later. It has no alpha.
type Header struct {
	Height, Width int
	Channels      int    // 1 for grey, 3 for RGB
	Depth         int    // 8 or 16; 0 means 8
	ICC           []byte // as in Image
}

// SaveRows writes a picture while its rows are made: produce hands them over from top to bottom, (h,W,C) with values in [0,1]
// and any h, by calling emit, and ends with its error. PNG and JPEG files (the latter in colour) are written without the whole picture in
// memory; of others the samples are collected first. The file is the one that [Save] writes, but for a palette, and like there it is whole
// or not written at all. An error of emit means that nothing more is wanted; produce should return it.
func SaveRows(path string, h Header, o EncodeOptions, produce func(emit func(rows *tensor.Tensor) error) error) error {
	h.check("imaging.SaveRows")
	format, err := FormatOf(path)
	if err != nil {
		return err
	}
	if !h.streams(format) {
		at := 0
		return saveCollected(path, h, format, o, func(emit func(y, x int, block *tensor.Tensor) error) error {
			return produce(func(rows *tensor.Tensor) error {
				at += h.checkRows(rows, at)
				return emit(at-rows.Dim(0), 0, rows)
			})
		})
	}
	if err := h.fits(path, format); err != nil {
		return err
	}
	if format == JPEG {
		h.Depth = 8
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		rows := newRowImage(h)
		done := make(chan error, 1)
		go func() {
			err := produce(rows.emit)
			close(rows.next)
			done <- err
		}()
		var err error
		if format == PNG {
			if icc := iccFor(h.ICC, h.Channels); icc != nil {
				w = pngWithICC(w, icc)
			}
			err = png.Encode(w, rows)
		} else {
			if icc := iccFor(h.ICC, h.Channels); icc != nil {
				w = jpegWithICC(w, icc)
			}
			var quality int
			if quality, err = o.quality(); err == nil {
				err = jpeg.Encode(w, rows, &jpeg.Options{Quality: quality})
			}
		}
		close(rows.stop)
		// What the producer says comes first: the encoder has merely seen rows that were never made.
		if made := <-done; made != nil && !errors.Is(made, errStopped) {
			return made
		}
		if err == nil {
			err = rows.missing()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
}

// check panics unless h describes a picture.
func (h Header) check(op string) {
	if h.Height < 1 || h.Width < 1 || h.Channels != 1 && h.Channels != 3 || h.Depth != 0 && h.Depth != 8 && h.Depth != 16 {
		panic(fmt.Sprintf("%s: no picture of %d×%d pixels, %d channels and depth %d", op, h.Width, h.Height, h.Channels, h.Depth))
	}
}

// streams reports whether the format's encoder can look at a picture row by row. That of JPEG makes colour of any grey picture
// but an image.Gray.
func (h Header) streams(f Format) bool { return f == PNG || f == JPEG && h.Channels == 3 }

func (h Header) fits(path string, f Format) error {
	if f == JPEG && (h.Width > 0xffff || h.Height > 0xffff) {
		return fmt.Errorf("%s: %w", path, tooLarge(h.Width, h.Height, JPEG, 0xffff))
	}
	return nil
}

// checkBlock panics unless a block lies within the picture.
func (h Header) checkBlock(y, x int, block *tensor.Tensor) {
	if block.Rank() != 3 || block.Dim(2) != h.Channels || y < 0 || x < 0 || y+block.Dim(0) > h.Height || x+block.Dim(1) > h.Width {
		panic(fmt.Sprintf("imaging.SaveBlocks: want parts (h,w,%d) of %d×%d pixels, got %s at row %d, column %d",
			h.Channels, h.Width, h.Height, tensor.Format(block.Shape()), y, x))
	}
}

// checkRows panics unless rows follow the first at rows of a picture. It returns how many they are.
func (h Header) checkRows(rows *tensor.Tensor, at int) int {
	if rows.Rank() != 3 || rows.Dim(1) != h.Width || rows.Dim(2) != h.Channels || at+rows.Dim(0) > h.Height {
		panic(fmt.Sprintf("imaging.SaveRows: want rows (h,%d,%d), %d in all and %d so far, got %s",
			h.Width, h.Channels, h.Height, at, tensor.Format(rows.Shape())))
	}
	return rows.Dim(0)
}

var errStopped = errors.New("the picture is written no further")

// window is how many rows an encoder looks at together: JPEG's blocks of 16, and some for rows that come in blocks of their own.
const window = 64

// rowImage is a picture of which the encoder sees some rows while others are not made yet. Encoders ask for pixels from top
// to bottom, none more than 16 rows above another before.
type rowImage struct {
	h     Header
	grey  bool
	bytes int // of a sample

	next chan *Image // made and not yet seen
	stop chan struct{}
	made int // rows handed over, for the producer alone

	part   *Image // what rows are taken from
	taken  int    // of part
	pixels []byte // a ring of the last rows
	seen   int    // rows there have been in the ring
	failed bool
}

func newRowImage(h Header) *rowImage {
	r := &rowImage{h: h, grey: h.Channels == 1, bytes: 1, next: make(chan *Image), stop: make(chan struct{})}
	if h.Depth == 16 {
		r.bytes = 2
	}
	r.pixels = make([]byte, window*r.stride())
	return r
}

func (r *rowImage) samples() int {
	if r.grey {
		return 1
	}
	return 4
}

func (r *rowImage) stride() int { return r.h.Width * r.samples() * r.bytes }

// emit is for the producer. The rows may be overwritten once it returns.
func (r *rowImage) emit(rows *tensor.Tensor) error {
	r.made += r.h.checkRows(rows, r.made)
	select {
	case r.next <- &Image{Pixels: rows.Clone()}:
		return nil
	case <-r.stop:
		return errStopped
	}
}

func (r *rowImage) missing() error {
	if r.failed {
		return fmt.Errorf("%d of %d rows were made", r.made, r.h.Height)
	}
	return nil
}

// row returns the samples of a row, zeros if it will never be made.
func (r *rowImage) row(y int) []byte {
	stride := r.stride()
	for y >= r.seen {
		if r.part == nil && !r.failed {
			part, ok := <-r.next
			r.part, r.taken, r.failed = part, 0, !ok
		}
		at := r.pixels[r.seen%window*stride:][:stride]
		r.seen++
		if r.failed {
			clear(at)
			continue
		}
		one := Image{Pixels: r.part.Pixels.Rows(r.taken, r.taken+1)}
		one.fill(at, r.samples(), r.bytes)
		if r.taken++; r.taken == r.part.Height() {
			r.part = nil
		}
	}
	return r.pixels[y%window*stride:][:stride]
}

// ColorModel implements image.Image.
func (r *rowImage) ColorModel() color.Model {
	switch {
	case r.grey && r.bytes == 2:
		return color.Gray16Model
	case r.grey:
		return color.GrayModel
	case r.bytes == 2:
		return color.RGBA64Model
	}
	return color.RGBAModel
}

// Bounds implements image.Image.
func (r *rowImage) Bounds() image.Rectangle { return image.Rect(0, 0, r.h.Width, r.h.Height) }

// Opaque keeps encoders from looking at all pixels to find out.
func (r *rowImage) Opaque() bool { return true }

// At implements image.Image.
func (r *rowImage) At(x, y int) color.Color {
	p := r.row(y)[x*r.samples()*r.bytes:]
	deep := func(i int) uint16 { return uint16(p[2*i])<<8 | uint16(p[2*i+1]) }
	switch {
	case r.grey && r.bytes == 2:
		return color.Gray16{Y: deep(0)}
	case r.grey:
		return color.Gray{Y: p[0]}
	case r.bytes == 2:
		return color.RGBA64{R: deep(0), G: deep(1), B: deep(2), A: 0xffff}
	}
	return color.RGBA{R: p[0], G: p[1], B: p[2], A: 0xff}
}
