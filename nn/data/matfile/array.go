package matfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// Array is a dense array of real numbers, or of characters.
type Array struct {
	Name  string
	Kind  string    // MATLAB's name: "double", "single", "int8" to "uint64", "logical" or "char"
	Shape []int     // two sizes or more; a list is (1, n) or (n, 1)
	Data  []float64 // column by column: the first index runs fastest. Of characters, their code points
}

// Ints returns the numbers of an array that are whole, such as classes or numbers of pictures. Others are an error.
func (a *Array) Ints() ([]int, error) {
	out := make([]int, len(a.Data))
	for i, v := range a.Data {
		// A float64 holds every whole number up to 2⁵³; -(1<<31) and 1<<31 keep to what an int of 32 bits has.
		if v != math.Trunc(v) || !(v >= math.MinInt32 && v <= math.MaxInt32) {
			return nil, fmt.Errorf("number %d of %q is %v, want a whole number of at most 31 bits", i+1, a.Name, v)
		}
		out[i] = int(v)
	}
	return out, nil
}

// Text returns the characters of an array of one row. It is an error if it has more, or holds numbers.
func (a *Array) Text() (string, error) {
	switch {
	case a.Kind != "char":
		return "", fmt.Errorf("%q is an array of %s, want characters", a.Name, a.Kind)
	case len(a.Data) > 0 && (len(a.Shape) != 2 || a.Shape[0] != 1):
		return "", fmt.Errorf("%q has sizes %v, want one row of characters", a.Name, a.Shape)
	}
	r := make([]rune, len(a.Data))
	for i, v := range a.Data {
		r[i] = rune(v)
	}
	return string(r), nil
}

// kinds are the names of MATLAB's classes of arrays.
var kinds = map[uint32]string{
	1: "cell", 2: "struct", 3: "object", 4: "char", 5: "sparse", 6: "double", 7: "single", 8: "int8", 9: "uint8", 10: "int16",
	11: "uint16", 12: "int32", 13: "uint32", 14: "int64", 15: "uint64", 16: "function", 17: "opaque",
}

const (
	classChar   = 4
	classSparse = 5
	classLast   = 15 // of numbers
	classOpaque = 17

	flagLogical = 1 << 9
	flagComplex = 1 << 11

	maxAxes = 32
	maxName = 1 << 12
)

// matrix reads an array from a source that ends with it.
func (d *decoder) matrix(s *source) error {
	if s.left == 0 {
		return nil // how an empty array without a name is written
	}
	a, n, err := d.head(s)
	if err != nil {
		return err
	}
	if a == nil {
		return s.skip(s.left)
	}
	t, err := s.tag(d.order)
	if err != nil {
		return fmt.Errorf("array %q: %w", a.Name, err)
	}
	if err := d.numbersOf(s, a, t, n); err != nil {
		return fmt.Errorf("array %q: %w", a.Name, err)
	}
	if err := s.skip(s.left); err != nil {
		return fmt.Errorf("array %q: %w", a.Name, err)
	}
	return d.add(a)
}

// head reads what comes before the numbers: flags, sizes and the name. The array is nil if it is of a kind that is not read.
func (d *decoder) head(s *source) (a *Array, n int64, err error) {
	t, err := s.tag(d.order)
	if err != nil {
		return nil, 0, err
	}
	b, err := s.data(t, 8, "the flags of an array")
	if err != nil {
		return nil, 0, err
	}
	if t.kind != miUint32 || len(b) != 8 {
		return nil, 0, fmt.Errorf("an array begins with %d bytes of type %d, want 8 bytes of flags", len(b), t.kind)
	}
	flags := d.order.Uint32(b)
	class := flags & 0xff
	kind, ok := kinds[class]
	switch {
	case !ok:
		return nil, 0, fmt.Errorf("an array of the unknown class %d", class)
	case class == classOpaque:
		d.out.Skipped = append(d.out.Skipped, Skipped{Kind: kind})
		return nil, 0, nil
	}
	if t, err = s.tag(d.order); err != nil {
		return nil, 0, err
	}
	if b, err = s.data(t, 4*maxAxes, "the sizes of an array"); err != nil {
		return nil, 0, err
	}
	if t.kind != miInt32 || len(b)%4 != 0 || len(b) < 8 {
		return nil, 0, fmt.Errorf("%d bytes of type %d where the sizes of an array are expected", len(b), t.kind)
	}
	n = 1
	shape := make([]int, len(b)/4)
	for i := range shape {
		size := int32(d.order.Uint32(b[4*i:]))
		if size < 0 {
			return nil, 0, fmt.Errorf("an array with a size of %d", size)
		}
		shape[i] = int(size)
		if size > 0 && n > math.MaxInt64/int64(size) {
			return nil, 0, fmt.Errorf("an array of sizes %v, which no file holds", shape)
		}
		n *= int64(size)
	}
	if t, err = s.tag(d.order); err != nil {
		return nil, 0, err
	}
	if b, err = s.data(t, maxName, "the name of an array"); err != nil {
		return nil, 0, err
	}
	if t.kind != miInt8 && t.kind != miUTF8 || !utf8.Valid(b) {
		return nil, 0, fmt.Errorf("%q of type %d is not the name of an array", b, t.kind)
	}
	name := string(b)
	if flags&flagComplex != 0 {
		kind = "complex " + kind
	}
	if class < classChar || class == classSparse || class > classLast || flags&flagComplex != 0 {
		d.out.Skipped = append(d.out.Skipped, Skipped{Name: name, Kind: kind})
		return nil, 0, nil
	}
	if flags&flagLogical != 0 {
		kind = "logical"
	}
	return &Array{Name: name, Kind: kind, Shape: shape}, n, nil
}

// block is how many bytes of numbers are read at once.
const block = 1 << 14

// numbersOf reads the n numbers of an array. They are stored in the smallest type that holds them all.
func (d *decoder) numbersOf(s *source, a *Array, t tag, n int64) error {
	width, ok := widths[t.kind]
	unicode8 := a.Kind == "char" && t.kind == miUTF8
	switch {
	case !ok:
		return fmt.Errorf("numbers of the unknown type %d", t.kind)
	case n > d.limits.MaxNumbers-d.numbers || unicode8 && t.bytes > 4*(d.limits.MaxNumbers-d.numbers):
		return fmt.Errorf("%d numbers, the limit is %d in all arrays together (Options.MaxNumbers)", n, d.limits.MaxNumbers)
	case unicode8 && (t.bytes < n || t.bytes > 4*n), !unicode8 && (t.bytes%width != 0 || t.bytes/width != n):
		return fmt.Errorf("%d bytes for %d numbers of %d bytes (sizes %v)", t.bytes, n, width, a.Shape)
	}
	d.numbers += n
	if unicode8 {
		return d.text8(s, a, t, n)
	}
	// The file holds the numbers if it is not packed. Of packed data, memory grows as they come out.
	first := n
	if s.packed {
		first = min(n, block)
	}
	a.Data = make([]float64, 0, first)
	buf := make([]byte, min(t.bytes, block))
	for left := t.bytes; left > 0; {
		part := buf[:min(left, block)]
		if t.small != nil {
			part = t.small
		} else if err := s.read(part, "its numbers"); err != nil {
			return err
		}
		left -= int64(len(part))
		for i := int64(0); i < int64(len(part)); i += width {
			v, err := number(d.order, t.kind, part[i:i+width])
			if err != nil {
				return err
			}
			a.Data = append(a.Data, v)
		}
	}
	if err := s.pad(t); err != nil {
		return err
	}
	if a.Kind == "char" {
		return joinSurrogates(a)
	}
	return nil
}

// text8 reads characters that are stored as UTF-8.
func (d *decoder) text8(s *source, a *Array, t tag, n int64) error {
	b := t.small
	for t.small == nil && int64(len(b)) < t.bytes {
		part := make([]byte, min(t.bytes-int64(len(b)), block))
		if err := s.read(part, "its characters"); err != nil {
			return err
		}
		b = append(b, part...)
	}
	if !utf8.Valid(b) {
		return errors.New("its characters are not UTF-8")
	}
	for _, r := range string(b) {
		a.Data = append(a.Data, float64(r))
	}
	if int64(len(a.Data)) != n {
		return fmt.Errorf("%d characters for sizes %v", len(a.Data), a.Shape)
	}
	return s.pad(t)
}

// joinSurrogates makes code points of a row of UTF-16; MATLAB counts each half as a character.
func joinSurrogates(a *Array) error {
	out := a.Data[:0]
	for i := 0; i < len(a.Data); i++ {
		r := rune(a.Data[i])
		if float64(r) != a.Data[i] || r < 0 || r > utf8.MaxRune {
			return fmt.Errorf("character %d is %v", i+1, a.Data[i])
		}
		if utf16.IsSurrogate(r) {
			if i+1 == len(a.Data) || len(a.Shape) != 2 || a.Shape[0] != 1 {
				return fmt.Errorf("character %d is half of one", i+1)
			}
			if r = utf16.DecodeRune(r, rune(a.Data[i+1])); r == utf8.RuneError {
				return fmt.Errorf("character %d is half of one", i+1)
			}
			i++
		}
		out = append(out, float64(r))
	}
	if len(out) != len(a.Data) {
		a.Shape[1] = len(out)
	}
	a.Data = out
	return nil
}

func number(order binary.ByteOrder, kind uint32, b []byte) (float64, error) {
	switch kind {
	case miInt8:
		return float64(int8(b[0])), nil
	case miUint8, miUTF8:
		return float64(b[0]), nil
	case miInt16:
		return float64(int16(order.Uint16(b))), nil
	case miUint16, miUTF16:
		return float64(order.Uint16(b)), nil
	case miInt32:
		return float64(int32(order.Uint32(b))), nil
	case miUint32, miUTF32:
		return float64(order.Uint32(b)), nil
	case miSingle:
		return float64(math.Float32frombits(order.Uint32(b))), nil
	case miDouble:
		return math.Float64frombits(order.Uint64(b)), nil
	}
	const exact = 1 << 53
	u := order.Uint64(b)
	if kind == miUint64 && u <= exact {
		return float64(u), nil
	}
	if v := int64(u); kind == miInt64 && v >= -exact && v <= exact {
		return float64(v), nil
	}
	return 0, fmt.Errorf("a whole number of 64 bits (%#x) is beyond 2⁵³, the largest that is read", u)
}
