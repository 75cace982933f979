package vec

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBytesThereAndBack(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range lengths() {
			all := make([]uint8, n+60)
			for i := range all {
				all[i] = uint8(r.Uint32())
			}
			at := 20 + r.IntN(17)
			x := all[at : at+n : at+n]
			was := bytes.Clone(all)
			y := newGuarded(r, n, moderate)
			FromBytes(y.data, x, 2.0/255, -1)
			require.True(t, y.intact(true))
			require.Equal(t, was, all)
			for i, v := range x {
				require.Equal(t, float32(float32(2.0/255)*float32(v))-1, y.data[i])
			}
			clear(x)
			ToBytes(x, y.data, 127.5, 127.5)
			require.Equal(t, was, all, "%d bytes", n)
		}
	})
}

func TestToBytesRoundsAndLimits(t *testing.T) {
	x := []float32{-1e9, -0.6, 0.5, 1.5, 2.5, 254.4, 254.5, 255.4, 1e9, float32(math.NaN()), float32(math.Inf(1)),
		float32(math.Inf(-1)), 3.49999, 128, 255, 0}
	want := []uint8{0, 0, 0, 2, 2, 254, 254, 255, 255, 0, 255, 0, 3, 128, 255, 0}
	levels(t, func(t *testing.T) {
		for n := range len(x) + 1 {
			y := make([]uint8, n)
			ToBytes(y, x[:n], 1, 0) // the last length takes the assembly, the others portable Go
			require.Equal(t, want[:n], y)
		}
		require.Panics(t, func() { ToBytes(make([]uint8, 20), make([]float32, 19, 20), 1, 0) })
		require.Panics(t, func() { FromBytes(make([]float32, 20), make([]uint8, 19, 20), 1, 0) })
	})
}
