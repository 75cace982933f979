package dtype

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// halfRef is the value of a binary16 number by the definition, in float64.
func halfRef(h uint16) float64 {
	sign := 1.0
	if h&0x8000 != 0 {
		sign = -1
	}
	exp, frac := int(h>>10&0x1f), float64(h&0x3ff)
	switch {
	case exp == 31 && frac != 0:
		return math.NaN()
	case exp == 31:
		return math.Inf(int(sign))
	case exp == 0:
		return sign * math.Ldexp(frac, -24)
	}
	return sign * math.Ldexp(1024+frac, exp-25)
}

func bfloatRef(h uint16) float64 { return float64(math.Float32frombits(uint32(h) << 16)) }

func TestHalfHoldsAllValues(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		f := HalfTo(h)
		want := halfRef(h)
		if math.IsNaN(want) {
			require.True(t, math.IsNaN(float64(f)), "%#04x", h)
		} else if float64(f) != want || math.Signbit(float64(f)) != (h&0x8000 != 0) {
			t.Fatalf("%#04x is %v, want %v", h, f, want)
		}
		if back := HalfFrom(f); back != h {
			t.Fatalf("%#04x comes back as %#04x", h, back)
		}
		if b := BFloatTo(h); BFloatFrom(b) != h || !math.IsNaN(bfloatRef(h)) && float64(b) != bfloatRef(h) {
			t.Fatalf("bfloat16 %#04x is %v and comes back as %#04x", h, b, BFloatFrom(b))
		}
	}
}

// Between each pair of neighbours the midpoint goes to the even one, and what lies on either side of it to the nearer.
func TestRoundingIsToNearestEven(t *testing.T) {
	check := func(name string, top uint16, from func(float32) uint16, to func(uint16) float64) {
		for h := range top {
			lo, hi := to(h), to(h+1)
			if h+1 == top { // infinity: rounding goes on as if the exponent could grow
				hi = 2*lo - to(h-1)
			}
			mid := float32((lo + hi) / 2)
			if float64(mid) != (lo+hi)/2 {
				t.Fatalf("%s: midpoint above %#04x is not a float32", name, h)
			}
			even := h + h&1
			down, up := math.Nextafter32(mid, 0), math.Nextafter32(mid, math.MaxFloat32)
			for _, c := range []struct {
				x    float32
				want uint16
			}{{mid, even}, {down, h}, {up, h + 1}} {
				if got := from(c.x); got != c.want {
					t.Fatalf("%s: %v goes to %#04x, want %#04x", name, c.x, got, c.want)
				}
				if got := from(-c.x); got != c.want|0x8000 {
					t.Fatalf("%s: %v goes to %#04x, want %#04x", name, -c.x, got, c.want|0x8000)
				}
			}
		}
	}
	check("float16", 0x7c00, HalfFrom, halfRef)
	check("bfloat16", 0x7f80, BFloatFrom, bfloatRef)
}

// Any float32, also subnormal, goes to a neighbour that no other number of the format is nearer to.
func TestRoundingIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
		h := HalfFrom(f)
		switch x := float64(f); {
		case math.IsNaN(x):
			require.True(t, math.IsNaN(halfRef(h)))
		case math.Abs(x) >= 65520:
			require.Equal(t, math.Inf(int(math.Copysign(1, x))), halfRef(h))
		default:
			err := math.Abs(halfRef(h) - x)
			for _, n := range []uint16{h - 1, h + 1} {
				if v := halfRef(n); !math.IsNaN(v) && !math.IsInf(v, 0) && h&0x7fff != 0 {
					require.LessOrEqual(t, err, math.Abs(v-x))
				}
			}
		}
	})
}

func TestElements(t *testing.T) {
	big := math.MaxInt
	for _, c := range []struct {
		shape []int
		n     int
		ok    bool
	}{
		{nil, 1, true},
		{[]int{0}, 0, true},
		{[]int{3, 0, 5}, 0, true},
		{[]int{3, 4, 5}, 60, true},
		{[]int{-1}, 0, false},
		{[]int{-2, -2}, 0, false},
		{[]int{0, -1}, 0, false},
		{[]int{big}, big, true},
		{[]int{big, 2}, 0, false},
		{[]int{1 << 30, 1 << 30, 1 << 30}, 0, false},
		{[]int{0, big, 2}, 0, false},
	} {
		n, ok := Elements(c.shape)
		require.Equal(t, c.ok, ok, "%v", c.shape)
		require.Equal(t, c.n, n, "%v", c.shape)
	}
}

func TestAllFormatsHaveSizes(t *testing.T) {
	all := []DType{F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, Bool}
	require.False(t, slices.ContainsFunc(all, func(d DType) bool { return d.Size() == 0 }))
	require.Zero(t, DType("F8_E4M3").Size())
	require.Zero(t, DType("").Size())
}
