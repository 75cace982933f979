package torch7

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Options are limits on what is read, and what a file does not say of itself. The zero value is the usual choice.
type Options struct {
	LongBytes int // of a long integer on the machine that wrote a binary file; 0 means 8. 32-bit systems and Windows write 4

	MaxBytes   int64 // of the file; 0 means 1 GiB
	MaxDepth   int   // of tables in tables; 0 means 64
	MaxObjects int   // values of all kinds, not counting the numbers of storages; 0 means 2²⁰
}

func (o Options) withDefaults() Options {
	if o.LongBytes == 0 {
		o.LongBytes = 8
	}
	if o.LongBytes != 4 && o.LongBytes != 8 {
		panic(fmt.Sprintf("torch7: long integers of %d bytes, want 4 or 8", o.LongBytes))
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	if o.MaxDepth == 0 {
		o.MaxDepth = 64
	}
	if o.MaxObjects == 0 {
		o.MaxObjects = 1 << 20
	}
	return o
}

// Open reads the file at path. The error begins with "torch7: " and the path.
func Open(path string, o Options) (any, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("torch7: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("torch7: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("torch7: %s is not a file", path)
	}
	v, err := Read(f, info.Size(), o)
	if err != nil {
		return nil, fmt.Errorf("torch7: %s: %w", path, err)
	}
	return v, nil
}

// Read reads the one value of a file of size bytes: nil, a float64, a string, a bool, a [*Table], a [*Tensor] or a [*Storage].
// What is there twice is the same pointer, and a table may hold itself. What the file claims is compared with size and with the
// limits before memory is taken.
//
// Anything else, a file that is cut off, and bytes after the value are errors. Panics if Options.LongBytes is neither 4 nor 8.
func Read(r io.Reader, size int64, o Options) (any, error) {
	o = o.withDefaults()
	if size > o.MaxBytes {
		return nil, fmt.Errorf("has %d bytes, the limit is %d (Options.MaxBytes)", size, o.MaxBytes)
	}
	in := &input{r: bufio.NewReaderSize(io.LimitReader(r, size), 1<<16), left: size, long: o.LongBytes}
	first, err := in.r.Peek(1)
	if err != nil {
		return nil, errors.New("is empty")
	}
	// A file begins with the number of a type, 0 to 8: as bytes or as a digit.
	switch {
	case first[0] <= typeRecursiveFunction:
	case first[0] >= '0' && first[0] <= '0'+typeRecursiveFunction:
		in.text = true
	default:
		return nil, fmt.Errorf("begins with the byte 0x%02x: no .t7 file, binary or text", first[0])
	}
	d := &decoder{in: in, limits: o, objects: map[int32]any{}}
	v, err := d.value(0)
	if err != nil {
		return nil, fmt.Errorf("byte %d: %w", size-in.left, err)
	}
	if in.left > 0 {
		return nil, fmt.Errorf("%d bytes after its value: the file is damaged, or written with Options.LongBytes %d", in.left, 12-o.LongBytes)
	}
	return v, nil
}
