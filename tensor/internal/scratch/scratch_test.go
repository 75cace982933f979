package scratch

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func TestGet(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 5000, 1 << 16, 1<<16 + 1} {
		a, b := Get(n), Get(n)
		require.Len(t, a.Data, n)
		require.Zero(t, uintptr(unsafe.Pointer(unsafe.SliceData(a.all)))%64)
		for i := range a.Data {
			a.Data[i] = 1
		}
		for i := range b.Data {
			b.Data[i] = 2
		}
		for _, v := range a.Data {
			require.Equal(t, float32(1), v, "two loans overlap")
		}
		a.Free()
		b.Free()
	}
}

func TestGetDoubles(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 129, 5000} {
		a, la := GetDoubles(n)
		b, lb := GetDoubles(n)
		require.Len(t, a, n)
		require.Len(t, b, n)
		for i := range a {
			a[i] = 1
		}
		for i := range b {
			b[i] = 2
		}
		for i := range a {
			require.Equal(t, 1.0, a[i])
		}
		if n > 0 {
			require.Equal(t, unsafe.Pointer(&a[0]), unsafe.Pointer(&la.Data[0]))
		}
		la.Free()
		lb.Free()
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	Get(1 << 16).Free()
	require.Zero(t, testing.AllocsPerRun(10, func() { Get(1<<16 - 7).Free() }))
}

func TestPoolIsBounded(t *testing.T) {
	var all []*Buf
	for range 6 {
		all = append(all, Get(limit/4))
	}
	for _, b := range all {
		b.Free()
	}
	require.LessOrEqual(t, pool.held, limit)
}
