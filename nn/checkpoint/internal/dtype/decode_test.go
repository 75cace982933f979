package dtype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func little(values any) []byte {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, values); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestDecode(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		d    DType
		src  any
		want []float32
		err  string
	}{
		{d: F32, src: []float32{1, -0.5, inf}, want: []float32{1, -0.5, inf}},
		{d: F16, src: []uint16{0x3c00, 0xc000, 0x7bff}, want: []float32{1, -2, 65504}},
		{d: BF16, src: []uint16{0x3f80, 0xc000}, want: []float32{1, -2}},
		{d: F64, src: []float64{0.1, math.Inf(1), 1e-300}, want: []float32{0.1, inf, 0}},
		{d: F64, src: []float64{1, 1e39}, err: "holds 1e+39, which is beyond float32"},
		{d: I64, src: []int64{-3, 1 << 24, 1 << 40, math.MinInt64}, want: []float32{-3, 1 << 24, 1 << 40, -1 << 63}},
		{d: I64, src: []int64{1<<24 + 1}, err: "holds the integer 16777217, which float32 does not represent exactly"},
		{d: I64, src: []int64{math.MaxInt64}, err: "9223372036854775807"},
		{d: I64, src: []int64{-1<<24 - 1}, err: "-16777217"},
		{d: I32, src: []int32{-1, 7, math.MinInt32}, want: []float32{-1, 7, -1 << 31}},
		{d: I32, src: []int32{math.MaxInt32}, err: "2147483647"},
		{d: I16, src: []int16{-32768, 5}, want: []float32{-32768, 5}},
		{d: I8, src: []int8{-128, 5}, want: []float32{-128, 5}},
		{d: U64, src: []uint64{1 << 63, 9}, want: []float32{1 << 63, 9}},
		{d: U64, src: []uint64{math.MaxUint64}, err: "18446744073709551615"},
		{d: U32, src: []uint32{1 << 31, 9}, want: []float32{1 << 31, 9}},
		{d: U16, src: []uint16{65535}, want: []float32{65535}},
		{d: U8, src: []uint8{0, 255}, want: []float32{0, 255}},
		{d: Bool, src: []uint8{0, 1}, want: []float32{0, 1}},
		{d: Bool, src: []uint8{0, 2}, err: "holds 2 as a truth value"},
	} {
		src := little(c.src)
		dst := make([]float32, len(src)/c.d.Size())
		err := c.d.Decode(dst, src)
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, dst, "%s", c.d)
	}
	require.Panics(t, func() { _ = F32.Decode(make([]float32, 2), make([]byte, 7)) })
	require.Panics(t, func() { _ = DType("F8").Decode(make([]float32, 2), make([]byte, 2)) })
}

// Lengths go past the piece size, and every bit comes back, of NaNs too.
func TestFloatsComeBackBitForBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 7, chunk/4 - 1, chunk / 4, chunk/4 + 3}).Draw(t, "n")
		x := make([]float32, n)
		seed := rapid.Uint32().Draw(t, "seed")
		for i := range x {
			seed = seed*1664525 + 1013904223
			x[i] = math.Float32frombits(seed)
		}
		var b bytes.Buffer
		require.NoError(t, F32.Encode(&b, x))
		require.Equal(t, 4*n, b.Len())
		y := make([]float32, n)
		require.NoError(t, F32.Decode(y, b.Bytes()))
		for i := range x {
			if math.Float32bits(x[i]) != math.Float32bits(y[i]) {
				t.Fatalf("element %d: %#x became %#x", i, math.Float32bits(x[i]), math.Float32bits(y[i]))
			}
		}
	})
}

func TestEncode(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, F16.Encode(&b, []float32{1, -2, 65519.996}))
	require.Equal(t, little([]uint16{0x3c00, 0xc000, 0x7bff}), b.Bytes())
	require.ErrorContains(t, F16.Encode(&b, []float32{0, -70000}), "holds -70000, but 16-bit floats end at 65504")
	require.ErrorContains(t, BF16.Encode(&b, []float32{math.MaxFloat32}), "bfloat16 ends at")
	require.NoError(t, F16.Encode(&b, []float32{float32(math.Inf(1)), float32(math.NaN())}))

	b.Reset()
	require.NoError(t, F64.Encode(&b, []float64{math.Pi}))
	require.NoError(t, I64.Encode(&b, []int64{-1}))
	require.NoError(t, U8.Encode(&b, []byte{7}))
	require.Equal(t, append(append(little(math.Pi), little(int64(-1))...), 7), b.Bytes())

	require.Panics(t, func() { _ = U8.Encode(&b, []float32{1}) })
	require.Panics(t, func() { _ = I64.Encode(&b, []int32{1}) })

	full := errors.New("disk full")
	require.ErrorIs(t, F32.Encode(failing{full}, []float32{1}), full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
