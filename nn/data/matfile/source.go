package matfile

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Types of elements.
const (
	miInt8       = 1
	miUint8      = 2
	miInt16      = 3
	miUint16     = 4
	miInt32      = 5
	miUint32     = 6
	miSingle     = 7
	miDouble     = 9
	miInt64      = 12
	miUint64     = 13
	miMatrix     = 14
	miCompressed = 15
	miUTF8       = 16
	miUTF16      = 17
	miUTF32      = 18
)

// widths are the bytes of one number of a type.
var widths = map[uint32]int64{
	miInt8: 1, miUint8: 1, miUTF8: 1, miInt16: 2, miUint16: 2, miUTF16: 2, miInt32: 4, miUint32: 4, miUTF32: 4, miSingle: 4,
	miDouble: 8, miInt64: 8, miUint64: 8,
}

// tag is the beginning of an element. Up to four bytes of data are in the tag itself.
type tag struct {
	kind   uint32
	bytes  int64
	header int64 // bytes before the data
	small  []byte
}

// padded returns the bytes of the data with those that fill them up to eight.
func (t tag) padded() int64 {
	if t.small != nil {
		return 0
	}
	return (t.bytes + 7) &^ 7
}

// source is a reader that knows how much can be left in it.
type source struct {
	r      io.Reader
	left   int64 // at most so many bytes can follow
	packed bool
}

func (s *source) read(b []byte, what string) error {
	if int64(len(b)) > s.left {
		return fmt.Errorf("%s takes %d bytes where %d are left: the file is cut off or damaged", what, len(b), s.left)
	}
	if _, err := io.ReadFull(s.r, b); err != nil {
		return short(err, "in "+what)
	}
	s.left -= int64(len(b))
	return nil
}

func (s *source) skip(n int64) error {
	if n > s.left {
		return fmt.Errorf("data of %d bytes where %d are left: the file is cut off or damaged", n, s.left)
	}
	if _, err := io.CopyN(io.Discard, s.r, n); err != nil {
		return short(err, "in data that are passed over")
	}
	s.left -= n
	return nil
}

// tag reads a tag and checks that its data can be there.
func (s *source) tag(order binary.ByteOrder) (tag, error) {
	b := make([]byte, 8)
	if err := s.read(b, "a tag"); err != nil {
		return tag{}, err
	}
	first := order.Uint32(b)
	if n := first >> 16; n != 0 {
		if n > 4 {
			return tag{}, fmt.Errorf("a short element of %d bytes, want 1 to 4: the file is damaged", n)
		}
		return tag{kind: first & 0xffff, bytes: int64(n), header: 8, small: b[4 : 4+n]}, nil
	}
	t := tag{kind: first, bytes: int64(order.Uint32(b[4:])), header: 8}
	if t.bytes > s.left {
		if s.packed {
			return tag{}, fmt.Errorf("an element of %d bytes, more than can come out of what is packed or than the limit leaves (%d; Options.MaxBytes)",
				t.bytes, s.left)
		}
		return tag{}, fmt.Errorf("an element of %d bytes where %d are left: the file is cut off or damaged", t.bytes, s.left)
	}
	return t, nil
}

// data reads all of a short piece of data, such as a name.
func (s *source) data(t tag, most int64, what string) ([]byte, error) {
	switch {
	case t.small != nil:
		return t.small, nil
	case t.bytes > most:
		return nil, fmt.Errorf("%s of %d bytes, want %d at most", what, t.bytes, most)
	}
	b := make([]byte, t.bytes)
	if err := s.read(b, what); err != nil {
		return nil, err
	}
	return b, s.pad(t)
}

// pad passes over what fills data up to a multiple of eight bytes. Some writers leave it out at the end of an array.
func (s *source) pad(t tag) error {
	if t.small != nil {
		return nil
	}
	return s.skip(min(t.padded()-t.bytes, s.left))
}
