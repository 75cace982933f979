package safetensors

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// piece is how many bytes are read at a time; a multiple of every number's size.
const piece = 1 << 18

// File is an open file, of which only the header is in memory. It may be used by several goroutines.
type File struct {
	r        io.ReaderAt
	tensors  []Info // in the order of their data
	byName   map[string]Info
	meta     map[string]string
	start    int64
	checksum string // "" if the file has none
}

// New reads the header of a file of the given size.
func New(r io.ReaderAt, size int64) (*File, error) {
	tensors, meta, start, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	sum, err := expected(meta)
	if err != nil {
		return nil, err
	}
	delete(meta, checksumKey)
	f := &File{r: r, tensors: tensors, byName: make(map[string]Info, len(tensors)), meta: meta, start: start, checksum: sum}
	for _, t := range tensors {
		f.byName[t.Name] = t
	}
	return f, nil
}

// Tensors describes the tensors in the order of their data. The caller must not change the result.
func (f *File) Tensors() []Info { return f.tensors }

// Metadata returns the file's metadata, without the checksum. The caller must not change it.
func (f *File) Metadata() map[string]string { return f.meta }

// HasChecksum reports whether damage to the file can be told.
func (f *File) HasChecksum() bool { return f.checksum != "" }

// Scan reads the tensors once. For each of them it calls sink, and what that returns, unless nil, with the bytes, in
// order and in pieces of whole numbers. The checksum is verified on the way: if it does not hold, that is the error,
// whatever the sinks said, else it is the first error of a sink. Tensors that no sink wants are read for the checksum
// only. No order is promised.
func (f *File) Scan(sink func(Info) func([]byte) error) error {
	d := newDigest(f.meta)
	var longest int64
	for _, t := range f.tensors {
		longest = max(longest, t.end-t.begin)
	}
	buf := make([]byte, min(piece, longest))
	var failed error
	for _, name := range slices.Sorted(maps.Keys(f.byName)) {
		t := f.byName[name]
		d.begin(name, string(t.DType), t.Shape, t.end-t.begin)
		take := sink(t)
		if take == nil && f.checksum == "" {
			continue
		}
		for at := t.begin; at < t.end; {
			b := buf[:min(piece, t.end-at)]
			if err := readAt(f.r, b, f.start+at); err != nil {
				return fmt.Errorf("tensor %q: %w", name, err)
			}
			at += int64(len(b))
			if f.checksum != "" {
				d.Write(b)
			}
			if take != nil && failed == nil {
				if err := take(b); err != nil {
					failed = fmt.Errorf("tensor %q %w", name, err)
				}
			}
		}
	}
	if f.checksum != "" && d.sum() != f.checksum {
		return ErrDamaged
	}
	return failed
}

// Verify reads all of a file that has a checksum and verifies it.
func (f *File) Verify() error {
	if f.checksum == "" {
		return nil
	}
	return f.Scan(func(Info) func([]byte) error { return nil })
}

// ReadInto converts tensors to float32: dst gives, by name, where each goes, in slices as long as the tensors. It
// verifies the checksum, and panics for a name or a length that the file does not have.
func (f *File) ReadInto(dst map[string][]float32) error {
	for name, d := range dst {
		if t, ok := f.byName[name]; !ok || t.Elements() != len(d) {
			panic(fmt.Sprintf("safetensors.ReadInto: no tensor %q of %d elements", name, len(d)))
		}
	}
	return f.Scan(func(t Info) func([]byte) error {
		out := dst[t.Name]
		if out == nil {
			return nil
		}
		return func(b []byte) error {
			n := len(b) / t.DType.Size()
			err := t.DType.Decode(out[:n], b)
			out = out[n:]
			return err
		}
	})
}
