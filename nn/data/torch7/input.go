package torch7

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// input reads numbers and characters, binary (little-endian) or as text.
type input struct {
	r    *bufio.Reader
	left int64 // bytes of the file that are not read yet
	text bool
	long int
}

// room returns an error unless count things of so many bytes each can still be there.
func (in *input) room(count int64, width int, what string) error {
	if in.text && width > 1 {
		width = 2 // a digit and a space
	}
	most := in.left / int64(width)
	if in.text {
		most = (in.left + 1) / int64(width) // the last space may be missing
	}
	switch {
	case count < 0:
		return fmt.Errorf("%s of the length %d: the file is damaged, or written with other Options.LongBytes", what, count)
	case count > most:
		return fmt.Errorf("%s of the length %d where %d bytes are left: the file is cut off or damaged", what, count, in.left)
	}
	return nil
}

func (in *input) bytes(b []byte) error {
	if int64(len(b)) > in.left {
		return fmt.Errorf("%d bytes where %d are left: the file was cut off", len(b), in.left)
	}
	n, err := io.ReadFull(in.r, b)
	in.left -= int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends here: it was cut off")
	}
	return err
}

// raw reads characters, which in text have no spaces between them and a line's end behind.
func (in *input) raw(n int64) ([]byte, error) {
	b := make([]byte, n)
	if err := in.bytes(b); err != nil {
		return nil, err
	}
	if in.text && n > 0 {
		in.lineEnd()
	}
	return b, nil
}

func (in *input) lineEnd() {
	if c, err := in.r.Peek(1); err == nil && c[0] == '\n' {
		in.r.Discard(1)
		in.left--
	}
}

// maxToken is more than any number has digits.
const maxToken = 64

// token reads a number's text, and the line's end if it is next.
func (in *input) token() (string, error) {
	var b []byte
	for {
		c, err := in.r.ReadByte()
		if errors.Is(err, io.EOF) && len(b) > 0 {
			break
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the file ends where a number is expected: it was cut off")
			}
			return "", err
		}
		in.left--
		if c == ' ' || c == '\n' || c == '\r' || c == '\t' {
			if len(b) == 0 {
				continue
			}
			if c != '\n' {
				break
			}
			in.r.UnreadByte()
			in.left++
			break
		}
		if b = append(b, c); len(b) > maxToken {
			return "", fmt.Errorf("%q… is no number", b)
		}
	}
	in.lineEnd()
	return string(b), nil
}

func (in *input) integer(bits int) (int64, error) {
	if in.text {
		s, err := in.token()
		if err != nil {
			return 0, err
		}
		v, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number of %d bits", s, bits)
		}
		return v, nil
	}
	var b [8]byte
	if err := in.bytes(b[:bits/8]); err != nil {
		return 0, err
	}
	if bits == 32 {
		return int64(int32(binary.LittleEndian.Uint32(b[:]))), nil
	}
	return int64(binary.LittleEndian.Uint64(b[:])), nil
}

func (in *input) int32() (int32, error) {
	v, err := in.integer(32)
	return int32(v), err
}

// longs reads n long integers.
func (in *input) longs(n int) ([]int64, error) {
	out := make([]int64, n)
	for i := range out {
		var err error
		if out[i], err = in.integer(8 * in.longBytes()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (in *input) longBytes() int {
	if in.text {
		return 8
	}
	return in.long
}

func (in *input) double() (float64, error) {
	if in.text {
		s, err := in.token()
		if err != nil {
			return 0, err
		}
		v, err := parseFloat(s, 64)
		if err != nil {
			return 0, fmt.Errorf("%q is not a number", s)
		}
		return v, nil
	}
	var b [8]byte
	err := in.bytes(b[:])
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:])), err
}

// parseFloat reads what printf writes. What is beyond the type becomes infinite.
func parseFloat(s string, bits int) (float64, error) {
	if s == "-nan" {
		s = "nan"
	}
	v, err := strconv.ParseFloat(s, bits)
	if errors.Is(err, strconv.ErrRange) {
		err = nil
	}
	return v, err
}

// str reads a string with its length before it.
func (in *input) str(what string) (string, error) {
	n, err := in.int32()
	if err != nil {
		return "", err
	}
	if err := in.room(int64(n), 1, what); err != nil {
		return "", err
	}
	b, err := in.raw(int64(n))
	return string(b), err
}
