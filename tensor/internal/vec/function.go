package vec

import "math"

// Exp sets dst[i] = e^x[i] within 1 ulp. It is +Inf above 88.72 and 0 below -103.97; between, results below the normal
// range are denormal.
func Exp(dst, x []float32) { runExp(dst, same(x, len(dst))) }

// Log sets dst[i] = ln x[i] within 1 ulp: -Inf for 0 and -0, NaN for negative numbers, +Inf for +Inf. Denormals count.
func Log(dst, x []float32) { runLog(dst, same(x, len(dst))) }

// Tanh sets dst[i] = tanh x[i] within 3 ulp: ±1 for ±Inf, and -0 for -0.
func Tanh(dst, x []float32) { runTanh(dst, same(x, len(dst)), streams(dst, x)) }

// Sigmoid sets dst[i] = 1/(1+e^−x[i]) within 3 ulp.
func Sigmoid(dst, x []float32) { runSigmoid(dst, same(x, len(dst)), streams(dst, x)) }

// Softplus sets dst[i] = ln(1+e^x[i]) within 2 ulp.
func Softplus(dst, x []float32) { runSoftplus(dst, same(x, len(dst))) }

// e^x is 2ⁿ·e^r with x = n·ln 2 + r and |r| ≤ ½ ln 2. n is found by adding and taking away 1.5·2²³, which rounds to an
// integer and leaves it in the low bits. ln 2 has a high part of 15 bits, so that n times it is exact. The coefficients
// are those of the smallest largest relative error (by Remez' algorithm, then rounded to float32): of (e^r−1−r)/r² for
// |r| ≤ ½ ln 2 and of (ln(1+f)−f+½f²)/f³ for 1+f in [√½, √2].
//
// The assembly does the same operations in the same order.
const (
	magic     = 12582912 // 1.5·2²³
	magicBits = 0x4b400000
	oneBits   = 0x3f800000
	expLimit  = 104 // e^−104 rounds to 0
	tanhLimit = 10  // tanh 10 rounds to 1
	sqrtHalf  = 0x3f3504f3
	mantissa  = 0x007fffff
	signBit   = 0x80000000
	ln2High   = 0x1.62e4p-1
	ln2Low    = 0x1.7f7d1cp-20
)

// expm1 is e^r − 1 for |r| ≤ ½ ln 2. Pairs of terms are summed side by side, which takes less time than one by one.
func expm1(r float32) float32 {
	const (
		c0 = 0x1.fffffcp-2
		c1 = 0x1.555492p-3
		c2 = 0x1.5558f2p-5
		c3 = 0x1.1239e2p-7
		c4 = 0x1.6a2434p-10
	)
	square := float32(r * r)
	high := (float32(r*c3) + c2) + float32(square*c4)
	p := (float32(r*c1) + c0) + float32(high*square)
	return float32(p*square) + r
}

// power is 2ⁿ for an n in the low bits of t. What is above them is shifted out.
func power(t uint32) float32 { return math.Float32frombits(t<<23 + oneBits) }

// exp is e^x for x in [-104, 89] or NaN. It takes 2ⁿ as two factors, for either end of the range.
func exp(x float32) float32 {
	shifted := float32(x*math.Log2E) + magic
	n := shifted - magic
	p := expm1(x-float32(n*ln2High)-float32(n*ln2Low)) + 1
	k := int32(math.Float32bits(shifted) - magicBits)
	return float32(p*power(uint32(k>>1))) * power(uint32(k-k>>1))
}

// expMinusAbs is e^−|x|.
func expMinusAbs(x float32) float32 {
	x = math.Float32frombits(math.Float32bits(x) | signBit)
	if x < -expLimit {
		x = -expLimit
	}
	return exp(x)
}

// log1p is ln(1+f) + k·ln 2 for 1+f in [√½, √2].
func log1p(f, k float32) float32 {
	const (
		c0 = 0x1.555554p-2
		c1 = -0x1.000228p-2
		c2 = 0x1.99a012p-3
		c3 = -0x1.5471f6p-3
		c4 = 0x1.22d90ap-3
		c5 = -0x1.0d875ap-3
		c6 = 0x1.05649ap-3
		c7 = -0x1.38c1acp-4
	)
	square := float32(f * f)
	fourth := float32(square * square)
	low := (float32(f*c1) + c0) + float32((float32(f*c3)+c2)*square)
	high := (float32(f*c5) + c4) + float32((float32(f*c7)+c6)*square)
	p := low + float32(high*fourth)
	y := float32(float32(p*f) * square)
	y += float32(k * ln2Low)
	y -= float32(square * 0.5)
	return f + y + float32(k*ln2High)
}

func portableExp(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		if v > 89 {
			v = 89
		}
		if v < -expLimit {
			v = -expLimit
		}
		dst[i] = exp(v)
	}
}

func portableLog(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		switch {
		case !(v <= math.MaxFloat32): // +Inf or NaN
			dst[i] = v
			continue
		case v == 0:
			dst[i] = float32(math.Inf(-1))
			continue
		case v < 0:
			dst[i] = float32(math.NaN())
			continue
		}
		k := float32(0)
		if v < 0x1p-126 {
			v *= 1 << 23
			k = 23
		}
		b := int32(math.Float32bits(v)) - sqrtHalf
		m := math.Float32frombits(uint32(b&mantissa + sqrtHalf))
		dst[i] = log1p(m-1, float32(b>>23)-k)
	}
}

// tanh |x| is e/(e+2) with e = e^2|x| − 1 = 2ⁿ·q + (2ⁿ−1), which keeps its digits near 0.
func portableTanh(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		bits := math.Float32bits(v)
		a := math.Float32frombits(bits &^ signBit)
		if a > tanhLimit {
			a = tanhLimit
		}
		a += a
		shifted := float32(a*math.Log2E) + magic
		n := shifted - magic // at most 29, for which ln 2 need not have a low part
		p := power(math.Float32bits(shifted))
		e := float32(p*expm1(a-float32(n*math.Ln2))) + (p - 1)
		y := e / (e + 2)
		dst[i] = math.Float32frombits(math.Float32bits(y) | bits&signBit)
	}
}

// The sigmoid is e/(1+e) for negative x, with e = e^−|x|, which is at most 1.
func portableSigmoid(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		e := expMinusAbs(v)
		num := float32(1)
		if v < 0 {
			num = e
		}
		dst[i] = num / (e + 1)
	}
}

// Softplus is max(x, 0) + ln(1+e) with e = e^−|x|; where 1+e is above √2, it is ln 2 + ln(½(1+e)).
func portableSoftplus(dst, x []float32) {
	x = x[:len(dst)]
	for i, v := range x {
		e := expMinusAbs(v)
		k := float32(0)
		if e > math.Sqrt2-1 {
			e, k = float32((e-1)*0.5), 1
		}
		if v < 0 {
			v = 0
		}
		dst[i] = v + log1p(e, k)
	}
}
