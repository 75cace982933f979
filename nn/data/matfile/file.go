package matfile

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// File is what a MAT-file holds.
type File struct {
	Arrays  []*Array
	Skipped []Skipped // what is of a kind that is not read
}

// Skipped is an array that was passed over.
type Skipped struct {
	Name string // may be empty: objects of MATLAB's newer classes have theirs elsewhere
	Kind string // such as "struct" or "sparse"
}

// Options are limits on what is read. The zero value is the usual choice.
type Options struct {
	MaxBytes   int64 // of the file when unpacked; 0 means 1 GiB
	MaxNumbers int64 // in all arrays together; 0 means 2²⁶, which take 512 MiB
}

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	if o.MaxNumbers == 0 {
		o.MaxNumbers = 1 << 26
	}
	return o
}

// Array returns the array of a name. The error says what the file holds instead.
func (f *File) Array(name string) (*Array, error) {
	var names []string
	for _, a := range f.Arrays {
		if a.Name == name {
			return a, nil
		}
		names = append(names, fmt.Sprintf("%q", a.Name))
	}
	for _, s := range f.Skipped {
		if s.Name == name {
			return nil, fmt.Errorf("%q is a %s array; only dense arrays of real numbers or characters are read", name, s.Kind)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("no array %q; there are no arrays", name)
	}
	return nil, fmt.Errorf("no array %q; there are %s", name, strings.Join(names, ", "))
}

// Open reads the file at path. The error begins with "matfile: " and the path.
func Open(path string, o Options) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("matfile: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("matfile: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("matfile: %s is not a file", path)
	}
	m, err := Read(f, info.Size(), o)
	if err != nil {
		return nil, fmt.Errorf("matfile: %s: %w", path, err)
	}
	return m, nil
}

const (
	headerBytes = 128
	// deflateRatio is the most that deflate can shrink: 258 bytes into 2 bits.
	deflateRatio = 1032
)

// Read reads a file of size bytes. What its tags claim is compared with size and with the limits before memory is taken, and
// of what is packed memory is taken only as it comes out. Cells, structures, objects, and sparse or complex arrays are passed
// over and listed in [File.Skipped].
//
// Files of level 4, of -v7.3 (HDF5), with a name twice, cut off or with a wrong checksum are errors.
func Read(r io.Reader, size int64, o Options) (*File, error) {
	o = o.withDefaults()
	if size < headerBytes {
		return nil, fmt.Errorf("has %d bytes, too few for the header of %d: no MAT-file of level 5", size, headerBytes)
	}
	if size > o.MaxBytes {
		return nil, fmt.Errorf("has %d bytes, the limit is %d (Options.MaxBytes)", size, o.MaxBytes)
	}
	in := bufio.NewReaderSize(r, 1<<16)
	head := make([]byte, headerBytes)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, short(err, "in the header")
	}
	order, err := byteOrder(head)
	if err != nil {
		return nil, err
	}
	d := &decoder{order: order, limits: o, out: &File{}, names: map[string]bool{}}
	for at := int64(headerBytes); at < size; {
		s := &source{r: in, left: size - at}
		n, err := d.top(s)
		if err != nil {
			return nil, fmt.Errorf("element at byte %d: %w", at, err)
		}
		at += n
	}
	return d.out, nil
}

// byteOrder checks a header and returns the order of the bytes of all numbers.
func byteOrder(head []byte) (binary.ByteOrder, error) {
	var order binary.ByteOrder
	switch string(head[126:128]) {
	case "IM":
		order = binary.LittleEndian
	case "MI":
		order = binary.BigEndian
	default:
		return nil, errors.New(`not a MAT-file of level 5 or later: no "MI" or "IM" at the end of its header; save it with -v7`)
	}
	switch version := order.Uint16(head[124:]); version {
	case 0x0100:
		return order, nil
	case 0x0200:
		return nil, errors.New("a MAT-file of version 7.3 (HDF5), which is not read: save it with -v7")
	default:
		return nil, fmt.Errorf("unknown version %#04x of the format, want 0x0100: save it with -v7", version)
	}
}

// decoder keeps what the elements of a file share.
type decoder struct {
	order    binary.ByteOrder
	limits   Options
	unpacked int64 // bytes that have come out of packed elements
	numbers  int64
	names    map[string]bool
	out      *File
}

// top reads an element of the file itself, and returns its length.
func (d *decoder) top(s *source) (int64, error) {
	t, err := s.tag(d.order)
	if err != nil {
		return 0, err
	}
	length := t.header + t.padded()
	switch t.kind {
	case miMatrix:
		err = d.matrix(&source{r: s.r, left: t.bytes})
	case miCompressed:
		// Packed elements are the only ones without padding.
		length = t.header + t.bytes
		err = d.packed(bufio.NewReader(io.LimitReader(s.r, t.bytes)), t.bytes)
	default:
		// Other elements than arrays are allowed and have no meaning here.
		err = s.skip(t.padded())
	}
	return length, err
}

// packed reads an element that is packed with zlib into size bytes.
func (d *decoder) packed(r *bufio.Reader, size int64) error {
	z, err := zlib.NewReader(r)
	if err != nil {
		return short(err, "in the header of packed data")
	}
	most := min(size*deflateRatio, d.limits.MaxBytes-d.unpacked)
	if most < 8 {
		return fmt.Errorf("more than the limit of %d bytes when unpacked (Options.MaxBytes)", d.limits.MaxBytes)
	}
	s := &source{r: z, left: most, packed: true}
	t, err := s.tag(d.order)
	if err != nil {
		return err
	}
	if t.kind != miMatrix {
		return fmt.Errorf("packed data hold an element of type %d, want an array (%d)", t.kind, miMatrix)
	}
	inner := &source{r: z, left: t.bytes, packed: true}
	if err := d.matrix(inner); err != nil {
		return err
	}
	d.unpacked += t.header + t.bytes
	// The checksum is looked at when the end is met.
	switch n, err := io.CopyN(io.Discard, z, 1); {
	case n > 0:
		return errors.New("packed data go on after their array")
	case !errors.Is(err, io.EOF):
		return short(err, "at the end of packed data")
	}
	if n, _ := io.Copy(io.Discard, r); n > 0 {
		return fmt.Errorf("%d bytes after the end of packed data", n)
	}
	return nil
}

func (d *decoder) add(a *Array) error {
	if d.names[a.Name] {
		return fmt.Errorf("a second array %q", a.Name)
	}
	d.names[a.Name] = true
	d.out.Arrays = append(d.out.Arrays, a)
	return nil
}

func short(err error, where string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ends %s: the file was cut off", where)
	}
	return fmt.Errorf("broken %s: %w", where, err)
}
