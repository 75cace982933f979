// Package safetensors reads and writes safetensors files: eight bytes with the length of a JSON header, the header,
// which gives each tensor a name, a number format, a shape and its place, and the numbers, one tensor after the other.
//
// The reader is strict. Whatever a file says is checked against its length before memory is taken, and what the
// format does not allow is an error that names the tensor and the reason.
package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
)

const (
	// maxHeader bounds the memory that a header can take; it has room for more than a hundred thousand tensors.
	maxHeader = 16 << 20
	// maxRank is more axes than any framework allows.
	maxRank = 64
	// metadataKey is the header's one key that is no tensor.
	metadataKey = "__metadata__"
)

// Info describes one tensor of a file.
type Info struct {
	Name  string
	DType dtype.DType
	Shape []int
	begin int64 // from the end of the header
	end   int64
}

// Elements returns how many numbers the tensor holds.
func (i Info) Elements() int { return int((i.end - i.begin) / int64(i.DType.Size())) }

// readHeader returns the tensors in the order of their data, the metadata, and where the data begins.
func readHeader(r io.ReaderAt, size int64) ([]Info, map[string]string, int64, error) {
	if size < 10 {
		return nil, nil, 0, fmt.Errorf("%d bytes are too few for a safetensors file", size)
	}
	var length [8]byte
	if err := readAt(r, length[:], 0); err != nil {
		return nil, nil, 0, err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > uint64(size-8) {
		return nil, nil, 0, fmt.Errorf("not a safetensors file, or cut short: a header of %d bytes in a file of %d", n, size)
	}
	if n > maxHeader {
		return nil, nil, 0, fmt.Errorf("the header has %d bytes, more than the limit of %d", n, maxHeader)
	}
	header := make([]byte, n)
	if err := readAt(r, header, 8); err != nil {
		return nil, nil, 0, err
	}
	tensors, meta, err := parseHeader(header)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("header: %w", err)
	}
	start := 8 + int64(n)
	if err := checkPlaces(tensors, size-start); err != nil {
		return nil, nil, 0, err
	}
	return tensors, meta, start, nil
}

// readAt fills b, and calls a file that ends too early cut short.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF || err == nil:
		return errors.New("the file is cut short")
	}
	return err
}

// checkPlaces sorts tensors by place and checks that together they cover the data, without holes or overlap.
func checkPlaces(tensors []Info, size int64) error {
	slices.SortStableFunc(tensors, func(a, b Info) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	var at int64
	for _, t := range tensors {
		n, ok := dtype.Elements(t.Shape)
		if !ok || int64(n) > math.MaxInt64/8 {
			return fmt.Errorf("tensor %q: impossible shape %v", t.Name, t.Shape)
		}
		switch want := int64(n) * int64(t.DType.Size()); {
		case t.begin > t.end:
			return fmt.Errorf("tensor %q: its data ends at %d, before it begins at %d", t.Name, t.end, t.begin)
		case t.end-t.begin != want:
			return fmt.Errorf("tensor %q: %s of shape %v takes %d bytes, the header gives it %d", t.Name, t.DType, t.Shape, want, t.end-t.begin)
		case t.begin < at:
			return fmt.Errorf("tensor %q: its data overlaps that of another tensor", t.Name)
		case t.begin > at:
			return fmt.Errorf("tensor %q: %d bytes before its data belong to no tensor", t.Name, t.begin-at)
		}
		at = t.end
	}
	switch {
	case at > size:
		return fmt.Errorf("cut short: the header promises %d bytes of data, the file has %d", at, size)
	case at < size:
		return fmt.Errorf("%d bytes at the end of the file belong to no tensor", size-at)
	}
	return nil
}
