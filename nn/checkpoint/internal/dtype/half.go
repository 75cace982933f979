package dtype

import "math"

// HalfFrom returns the IEEE 754 binary16 nearest to f, ties to even: numbers from 65520 on become infinite, and a NaN
// keeps its sign and the upper bits of its payload.
func HalfFrom(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	exp := int(b >> 23 & 0xff)
	frac := b & 0x7fffff
	switch {
	case exp == 0xff && frac != 0:
		payload := uint16(frac >> 13)
		if payload == 0 {
			payload = 0x200 // what is left of the payload must not read as infinity
		}
		return sign | 0x7c00 | payload
	case exp > 127+15:
		return sign | 0x7c00
	case exp < 127-25:
		return sign
	case exp < 127-14:
		// A subnormal: the leading one becomes explicit and moves right.
		return sign | uint16(shiftEven(frac|0x800000, 126-exp))
	}
	// Adding the exponent after rounding lets a carry out of the fraction raise it, up to infinity.
	return sign | uint16(uint32(exp-112)<<10+shiftEven(frac, 13))
}

// shiftEven returns x/2ⁿ rounded to the nearest integer, ties to even, for 0 < n < 32.
func shiftEven(x uint32, n int) uint32 {
	half := uint32(1) << (n - 1)
	return (x + half - 1 + x>>n&1) >> n
}

// HalfTo returns the value of an IEEE 754 binary16 number, which float32 holds exactly.
func HalfTo(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp := uint32(h >> 10 & 0x1f)
	frac := uint32(h & 0x3ff)
	switch {
	case exp == 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	case exp != 0:
		return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
	}
	// frac·2⁻²⁴: the product is exact, and the sign bit is set apart so that −0 survives.
	return math.Float32frombits(sign | math.Float32bits(float32(frac)*0x1p-24))
}

// BFloatFrom returns the bfloat16 nearest to f, ties to even. A NaN keeps its sign and the upper bits of its payload.
func BFloatFrom(f float32) uint16 {
	b := math.Float32bits(f)
	if b&0x7fffffff > 0x7f800000 {
		if b>>16&0x7f == 0 {
			return uint16(b>>16) | 0x40
		}
		return uint16(b >> 16)
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// BFloatTo returns the value of a bfloat16 number, which float32 holds exactly.
func BFloatTo(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
