package imaging

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/tensor"
)

// SaveBlocks is [SaveRows] for a picture whose parts are made in any order: produce hands over blocks (h,w,C) with values in
// [0,1], which belong at row y and column x, do not overlap and cover the picture. Where SaveRows need not collect a picture,
// blocks wait in a temporary file in the folder of path, as large as the picture's samples, and the whole picture is never in
// memory.
func SaveBlocks(path string, h Header, o EncodeOptions, produce func(emit func(y, x int, block *tensor.Tensor) error) error) error {
	h.check("imaging.SaveBlocks")
	format, err := FormatOf(path)
	if err != nil {
		return err
	}
	if !h.streams(format) {
		return saveCollected(path, h, format, o, produce)
	}
	if err := h.fits(path, format); err != nil {
		return err
	}
	raw, err := newRaster(filepath.Dir(path), h)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer raw.close()
	if err := produce(raw.put); err != nil {
		return err
	}
	if err := h.missing(path, raw.pixels); err != nil {
		return err
	}
	return SaveRows(path, h, o, raw.rows)
}

// missing is an error if not all pixels of the picture have been made.
func (h Header) missing(path string, pixels int) error {
	if pixels != h.Height*h.Width {
		return fmt.Errorf("%s: %d of %d pixels were made", path, pixels, h.Height*h.Width)
	}
	return nil
}

// raster holds the samples of a picture in a temporary file, row by row.
type raster struct {
	h      Header
	file   *os.File
	bytes  int // of a sample
	pixels int // that have been put
	buf    []byte
}

func newRaster(dir string, h Header) (*raster, error) {
	f, err := os.CreateTemp(dir, ".blocks-*.tmp")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(f.Name()) // where an open file can be: then nothing is left behind, whatever happens
	r := &raster{h: h, file: f, bytes: 1}
	if h.Depth == 16 {
		r.bytes = 2
	}
	return r, nil
}

func (r *raster) close() {
	_ = r.file.Close()
	_ = os.Remove(r.file.Name())
}

func (r *raster) at(y, x int) int64 {
	return (int64(y)*int64(r.h.Width) + int64(x)) * int64(r.h.Channels*r.bytes)
}

// samples returns memory for so many pixels.
func (r *raster) samples(pixels int) []byte {
	if n := pixels * r.h.Channels * r.bytes; n > cap(r.buf) {
		r.buf = make([]byte, n)
	}
	return r.buf[:pixels*r.h.Channels*r.bytes]
}

// put writes a block where it belongs.
func (r *raster) put(y, x int, block *tensor.Tensor) error {
	r.h.checkBlock(y, x, block)
	h, w := block.Dim(0), block.Dim(1)
	b := r.samples(h * w)
	pack(b, block.Data(), r.bytes)
	stride := len(b) / h
	for i := range h {
		if _, err := r.file.WriteAt(b[i*stride:(i+1)*stride], r.at(y+i, x)); err != nil {
			return err
		}
	}
	r.pixels += h * w
	return nil
}

// rows reads the picture from top to bottom.
func (r *raster) rows(emit func(rows *tensor.Tensor) error) error {
	part := tensor.New(min(window, r.h.Height), r.h.Width, r.h.Channels)
	for y := 0; y < r.h.Height; y += window {
		n := min(window, r.h.Height-y)
		b := r.samples(n * r.h.Width)
		if _, err := r.file.ReadAt(b, r.at(y, 0)); err != nil {
			return err
		}
		rows := part.Rows(0, n)
		unpack(rows.Data(), b, r.bytes)
		if err := emit(rows); err != nil {
			return err
		}
	}
	return nil
}
