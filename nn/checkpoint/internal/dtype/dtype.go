// Package dtype knows the number formats of checkpoint files and converts them to and from float32. All of them are
// little-endian.
package dtype

import "slices"

// DType is a number format, by the name that safetensors gives it. The zero value is none.
type DType string

// The formats that can be read. F32, F16, BF16, F64, I64 and U8 can also be written.
const (
	F64  DType = "F64"
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
	I64  DType = "I64"
	I32  DType = "I32"
	I16  DType = "I16"
	I8   DType = "I8"
	U64  DType = "U64"
	U32  DType = "U32"
	U16  DType = "U16"
	U8   DType = "U8"
	Bool DType = "BOOL"
)

// Size returns the bytes of one number, or 0 for an unknown format.
func (d DType) Size() int {
	switch d {
	case F64, I64, U64:
		return 8
	case F32, I32, U32:
		return 4
	case F16, BF16, I16, U16:
		return 2
	case I8, U8, Bool:
		return 1
	}
	return 0
}

// Elements returns the product of a shape. It reports false if a size is negative or the product does not fit an
// int, even when another size is zero.
func Elements(shape []int) (int, bool) {
	const maxInt = int(^uint(0) >> 1)
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > maxInt/d {
			return 0, false
		}
		n *= max(d, 1)
	}
	if slices.Contains(shape, 0) {
		return 0, true
	}
	return n, true
}
