package vec

import "math"

// Sum returns Σ x[i], in float64. Element i goes to partial sum i mod 32, and those are added in their order.
func Sum(x []float32) float64 {
	if len(x) <= width {
		s := 0.0
		for _, v := range x {
			s += float64(v)
		}
		return s
	}
	var total [1]float64
	ColumnSums(total[:], x)
	return total[0]
}

// Dot returns Σ a[i]·b[i], in float64, where products of float32 are exact, and in the order of [Sum].
func Dot(a, b []float32) float64 {
	b = same(b, len(a))
	if len(a) <= width {
		s := 0.0
		for i, v := range a {
			s += float64(v) * float64(b[i])
		}
		return s
	}
	var total [1]float64
	ColumnDots(total[:], a, b)
	return total[0]
}

// SumSquares returns Σ x[i]², as [Dot] does.
func SumSquares(x []float32) float64 { return Dot(x, x) }

// AddTo64 sets sum[i] += x[i].
func AddTo64(sum []float64, x []float32) { ColumnSums(sum, same(x, len(sum))) }

// AllFinite reports whether x holds neither NaN nor an infinity.
func AllFinite(x []float32) bool {
	magnitude, _, _ := search(x)
	return magnitude < infinityBits
}

// Largest returns the largest element, NaN if any is, and -Inf if there is none. 0 is larger than -0.
func Largest(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(-1))
	}
	magnitude, high, _ := search(x)
	if magnitude > infinityBits {
		return float32(math.NaN())
	}
	return math.Float32frombits(uint32(inOrder(high)))
}

// Smallest returns the smallest element, NaN if any is, and +Inf if there is none. -0 is smaller than 0.
func Smallest(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(1))
	}
	magnitude, _, low := search(x)
	if magnitude > infinityBits {
		return float32(math.NaN())
	}
	return math.Float32frombits(uint32(inOrder(^low)))
}

const infinityBits = 0x7f800000

// found is what a search keeps in 16 lanes: the largest |bits|, bits in order, and their complements.
type found [3][16]int32

// search returns the largest bits without their sign, the largest bits in order, and the largest complement of bits in
// order, which is that of the smallest. The order of the search does not matter.
func search(x []float32) (magnitude, high, low int32) {
	var f found
	for i := range f[0] {
		f[1][i], f[2][i] = math.MinInt32, math.MinInt32
	}
	whole := len(x) &^ (len(f[0]) - 1)
	runExtremes(&f, x[:whole])
	portableExtremes(&f, x[whole:])
	magnitude, high, low = f[0][0], f[1][0], f[2][0]
	for i := range f[0] {
		magnitude, high, low = max(magnitude, f[0][i]), max(high, f[1][i]), max(low, f[2][i])
	}
	return magnitude, high, low
}

// inOrder maps the bits of floats to integers of the same order, with -0 before 0 and NaN at the ends, and back.
func inOrder(bits int32) int32 { return bits ^ bits>>31&math.MaxInt32 }

func portableExtremes(f *found, x []float32) {
	magnitude, high, low := f[0][0], f[1][0], f[2][0]
	for _, v := range x {
		bits := int32(math.Float32bits(v))
		magnitude = max(magnitude, bits&math.MaxInt32)
		bits = inOrder(bits)
		high, low = max(high, bits), max(low, ^bits)
	}
	f[0][0], f[1][0], f[2][0] = magnitude, high, low
}
