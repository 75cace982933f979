package vec

import "math"

// bytesAtOnce is what the assembly of the conversions needs n to be a multiple of.
const bytesAtOnce = 16

// FromBytes sets dst[i] = scale·x[i] + shift.
func FromBytes(dst []float32, x []uint8, scale, shift float32) {
	x = same(x, len(dst))
	whole := len(dst) &^ (bytesAtOnce - 1)
	runFromBytes(dst[:whole], x[:whole], scale, shift)
	portableFromBytes(dst[whole:], x[whole:], scale, shift)
}

// ToBytes sets dst[i] to scale·x[i] + shift, limited to [0, 255] and rounded to the nearest integer, halves to the even
// one. NaN becomes 0.
func ToBytes(dst []uint8, x []float32, scale, shift float32) {
	x = same(x, len(dst))
	whole := len(dst) &^ (bytesAtOnce - 1)
	runToBytes(dst[:whole], x[:whole], scale, shift)
	portableToBytes(dst[whole:], x[whole:], scale, shift)
}

func portableFromBytes(dst []float32, x []uint8, scale, shift float32) {
	x = x[:len(dst)]
	for i, v := range x {
		dst[i] = float32(scale*float32(v)) + shift
	}
}

func portableToBytes(dst []uint8, x []float32, scale, shift float32) {
	x = x[:len(dst)]
	for i, v := range x {
		v = float32(scale*v) + shift
		if !(v > 0) {
			v = 0
		}
		if v > 255 {
			v = 255
		}
		// Adding 1.5·2²³ rounds as the processor does and leaves the integer in the low bits.
		dst[i] = uint8(math.Float32bits(v + magic))
	}
}
