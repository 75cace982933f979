package idx

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Array is an array of bytes, row-major.
type Array struct {
	Shape []int
	Data  []uint8
}

// Options are limits on what is read. The zero value is the usual choice.
type Options struct {
	MaxBytes int64 // of an unpacked file; 0 means 1 GiB
}

func (o Options) maxBytes() int64 {
	if o.MaxBytes == 0 {
		return 1 << 30
	}
	return o.MaxBytes
}

const (
	unsignedByte = 8 // code of the type in the header; the others are of numbers that no image set uses
	maxAxes      = 8
	// deflateRatio is the most that deflate can shrink: 258 bytes into 2 bits.
	deflateRatio = 1032
)

// Open reads the file at path, compressed or not. The error begins with "idx: " and the path.
func Open(path string, o Options) (Array, error) {
	f, err := os.Open(path)
	if err != nil {
		return Array{}, fmt.Errorf("idx: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Array{}, fmt.Errorf("idx: %w", err)
	}
	if !info.Mode().IsRegular() {
		return Array{}, fmt.Errorf("idx: %s is not a file", path)
	}
	a, err := Read(f, info.Size(), o)
	if err != nil {
		return Array{}, fmt.Errorf("idx: %s: %w", path, err)
	}
	return a, nil
}

// Read reads an array from size bytes, which may be compressed with gzip. What the header claims is compared with size
// and with the limit before memory is taken. Anything but unsigned bytes, a wrong length and a bad checksum are errors.
func Read(r io.Reader, size int64, o Options) (Array, error) {
	in := bufio.NewReader(r)
	head, err := in.Peek(2)
	if err != nil {
		return Array{}, fmt.Errorf("the file has %d bytes, too few for a header", size)
	}
	limit := o.maxBytes()
	if head[0] != 0x1f || head[1] != 0x8b {
		return read(in, size, true, limit)
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return Array{}, fmt.Errorf("broken gzip header: %w", err)
	}
	most := size * deflateRatio
	if size > limit { // size·ratio may overflow, and is beyond the limit anyway
		most = limit
	}
	a, err := read(z, most, false, limit)
	if err != nil {
		return Array{}, err
	}
	if err := z.Close(); err != nil {
		return Array{}, fmt.Errorf("broken gzip data: %w", err)
	}
	return a, nil
}

// read decodes an array. have is the number of bytes there are, header included, or at most.
func read(r io.Reader, have int64, exact bool, limit int64) (Array, error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return Array{}, short(err, "in the header")
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return Array{}, fmt.Errorf("not an idx file: it begins with % x, not with 00 00", magic[:2])
	case magic[2] != unsignedByte:
		return Array{}, fmt.Errorf("holds numbers of the type 0x%02x; only unsigned bytes (0x08) are read", magic[2])
	case magic[3] == 0 || magic[3] > maxAxes:
		return Array{}, fmt.Errorf("has %d axes; want 1 to %d", magic[3], maxAxes)
	}
	dims := make([]byte, 4*int(magic[3]))
	if _, err := io.ReadFull(r, dims); err != nil {
		return Array{}, short(err, "in the header")
	}
	a := Array{Shape: make([]int, magic[3])}
	count := int64(1)
	header := int64(len(magic) + len(dims))
	for i := range a.Shape {
		n := int64(binary.BigEndian.Uint32(dims[4*i:]))
		a.Shape[i] = int(n)
		if n > 0 && count > (1<<62)/n {
			return Array{}, fmt.Errorf("claims an impossible size, %v", a.Shape[:i+1])
		}
		count *= n
	}
	switch {
	case count > limit:
		return Array{}, fmt.Errorf("claims %d bytes of data, the limit is %d (Options.MaxBytes)", count, limit)
	case exact && header+count != have:
		return Array{}, fmt.Errorf("claims the shape %v, %d bytes with the header, but the file has %d: it was cut off or is another file",
			a.Shape, header+count, have)
	case header+count > have:
		return Array{}, fmt.Errorf("claims the shape %v, %d bytes with the header, more than a file of this size can hold",
			a.Shape, header+count)
	}
	// Memory grows with what is really there: a compressed file may claim a thousand times its size.
	var buf bytes.Buffer
	if exact {
		buf.Grow(int(count))
	}
	n, err := io.CopyN(&buf, r, count)
	if err != nil {
		return Array{}, short(err, fmt.Sprintf("after %d of %d bytes of data", n, count))
	}
	var one [1]byte
	switch _, err := io.ReadFull(r, one[:]); {
	case err == nil:
		return Array{}, fmt.Errorf("has more data than its shape %v says", a.Shape)
	case err != io.EOF:
		return Array{}, short(err, "after the data, before the checksum")
	}
	a.Data = buf.Bytes()
	return a, nil
}

func short(err error, where string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("ends %s: the file was cut off", where)
	}
	return fmt.Errorf("broken %s: %w", where, err)
}

// Write writes an array without compression. It panics unless there are 1 to 8 sizes whose product is the length.
func Write(w io.Writer, a Array) error {
	n := 1
	head := []byte{0, 0, unsignedByte, byte(len(a.Shape))}
	for _, d := range a.Shape {
		n *= d
		head = binary.BigEndian.AppendUint32(head, uint32(d))
	}
	if len(a.Shape) == 0 || len(a.Shape) > maxAxes || n != len(a.Data) {
		panic(fmt.Sprintf("idx.Write: %d bytes are no array %v", len(a.Data), a.Shape))
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(a.Data)
	return err
}
