package dtype

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// chunk is the size of the pieces in which numbers are converted: large enough to write well, small enough to cost
// no memory. It is a multiple of every number's size.
const chunk = 1 << 18

// Encode writes data to w in format d: []float32 as F32, F16 or BF16, rounded to nearest even, []float64 as F64,
// []int64 as I64 and []byte as U8. A finite number that a 16-bit format could only store as infinite is an error. It
// panics for another combination.
func (d DType) Encode(w io.Writer, data any) error {
	switch x := data.(type) {
	case []float32:
		switch d {
		case F32:
			return pieces(w, x, 4, func(b []byte, v float32) error {
				binary.LittleEndian.PutUint32(b, math.Float32bits(v))
				return nil
			})
		case F16:
			return pieces(w, x, 2, func(b []byte, v float32) error {
				h := HalfFrom(v)
				binary.LittleEndian.PutUint16(b, h)
				return overflow(v, HalfTo(h), "16-bit floats end at 65504")
			})
		case BF16:
			return pieces(w, x, 2, func(b []byte, v float32) error {
				h := BFloatFrom(v)
				binary.LittleEndian.PutUint16(b, h)
				return overflow(v, BFloatTo(h), "bfloat16 ends at 3.3895e38")
			})
		}
	case []float64:
		if d == F64 {
			return pieces(w, x, 8, func(b []byte, v float64) error {
				binary.LittleEndian.PutUint64(b, math.Float64bits(v))
				return nil
			})
		}
	case []int64:
		if d == I64 {
			return pieces(w, x, 8, func(b []byte, v int64) error {
				binary.LittleEndian.PutUint64(b, uint64(v))
				return nil
			})
		}
	case []byte:
		if d == U8 {
			_, err := w.Write(x)
			return err
		}
	}
	panic(fmt.Sprintf("dtype.Encode: cannot write %T as %q", data, d))
}

func pieces[T any](w io.Writer, x []T, size int, put func([]byte, T) error) error {
	buf := make([]byte, min(len(x)*size, chunk))
	for len(x) > 0 {
		n := min(len(x), chunk/size)
		for i, v := range x[:n] {
			if err := put(buf[i*size:], v); err != nil {
				return err
			}
		}
		if _, err := w.Write(buf[:n*size]); err != nil {
			return err
		}
		x = x[n:]
	}
	return nil
}

func overflow(v, stored float32, limit string) error {
	if math.IsInf(float64(stored), 0) && !math.IsInf(float64(v), 0) {
		return fmt.Errorf("holds %v, but %s", v, limit)
	}
	return nil
}
