package dtype

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Decode converts len(dst) numbers of format d from src. Formats with more precision than float32 are rounded, but a
// finite number that would become infinite and an integer that float32 does not hold exactly are errors. It panics
// unless src has the right length.
func (d DType) Decode(dst []float32, src []byte) error {
	size := d.Size()
	if size == 0 || len(src) != len(dst)*size {
		panic(fmt.Sprintf("dtype.Decode: %d bytes for %d numbers of format %q", len(src), len(dst), d))
	}
	le := binary.LittleEndian
	switch d {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(le.Uint32(src[i*4:]))
		}
	case F16:
		for i := range dst {
			dst[i] = HalfTo(le.Uint16(src[i*2:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = BFloatTo(le.Uint16(src[i*2:]))
		}
	case F64:
		for i := range dst {
			x := math.Float64frombits(le.Uint64(src[i*8:]))
			dst[i] = float32(x)
			if math.IsInf(float64(dst[i]), 0) && !math.IsInf(x, 0) {
				return fmt.Errorf("holds %v, which is beyond float32", x)
			}
		}
	case Bool:
		for i := range dst {
			if src[i] > 1 {
				return fmt.Errorf("holds %d as a truth value", src[i])
			}
			dst[i] = float32(src[i])
		}
	case U64:
		for i := range dst {
			x := le.Uint64(src[i*8:])
			dst[i] = float32(x)
			if x > 1<<24 && (dst[i] >= 1<<64 || uint64(dst[i]) != x) {
				return inexact(x)
			}
		}
	default:
		for i := range dst {
			x := d.integer(src[i*size:])
			dst[i] = float32(x)
			// The bound keeps the conversion back in range: float32(MaxInt64) is 2⁶³.
			if x > 1<<24 && (dst[i] >= 1<<63 || int64(dst[i]) != x) || x < -1<<24 && int64(dst[i]) != x {
				return inexact(x)
			}
		}
	}
	return nil
}

func (d DType) integer(b []byte) int64 {
	le := binary.LittleEndian
	switch d {
	case I64:
		return int64(le.Uint64(b))
	case I32:
		return int64(int32(le.Uint32(b)))
	case U32:
		return int64(le.Uint32(b))
	case I16:
		return int64(int16(le.Uint16(b)))
	case U16:
		return int64(le.Uint16(b))
	case I8:
		return int64(int8(b[0]))
	}
	return int64(b[0])
}

func inexact[T int64 | uint64](x T) error {
	return fmt.Errorf("holds the integer %d, which float32 does not represent exactly", x)
}
