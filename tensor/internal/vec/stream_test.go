package vec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor/internal/cpu"
)

// aligned is a guarded slice that begins at a multiple of 64 bytes, as results that are written past the caches do.
func aligned(r *rand.Rand, n int) *guarded {
	all := make([]float32, n+2*guard+16)
	at := guard
	for uintptr(unsafe.Pointer(&all[at]))%64 != 0 {
		at++
	}
	all = all[:at+n+guard]
	for i := range all {
		all[i] = wild(r)
	}
	return &guarded{all: all, data: all[at : at+n : at+n], was: slices.Clone(all)}
}

// streamLens go past the longest turn of a loop on either side.
var streamLens = []int{StreamLen - 1, StreamLen, StreamLen + 17, StreamLen + 97}

func TestResultsPastTheCaches(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range elementwiseCases() {
			if c.updates {
				continue
			}
			for _, n := range streamLens {
				dst := aligned(r, n)
				_, s := c.draw(r, n, wild)
				s[0] = dst.data
				want := c.portably(s)
				c.f(s)
				requireSame(t, want[0], s[0], "%s of %d", c.name, n)
				require.Truef(t, dst.intact(true), "%s of %d writes where it should not", c.name, n)
			}
		}
		for _, c := range rowCases {
			for _, columns := range []int{3, 1040} {
				for _, n := range streamLens {
					dst := aligned(r, n)
					var in, row [][]float32
					for range c.in {
						in = append(in, aligned(r, n).data)
					}
					for range c.rows {
						row = append(row, aligned(r, columns).data)
					}
					want := make([]float32, n)
					restore := cpu.Use(cpu.Portable)
					c.f(want, in, row)
					restore()
					c.f(dst.data, in, row)
					requireSame(t, want, dst.data, "%s of %d in rows of %d", c.name, n, columns)
					require.Truef(t, dst.intact(true), "%s of %d writes where it should not", c.name, n)
				}
			}
		}
	})
}

func TestPReLUGradsAreBothGradients(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, columns := range []int{1, 2, 3, 31, 64, 100, 128, 192, 3000} {
			for _, n := range []int{0, 1, 100, 3000, 9001, StreamLen, StreamLen + 17} {
				t.Run(fmt.Sprint(columns, n), func(t *testing.T) {
					dst, x, g, slope := aligned(r, n), newGuarded(r, n, moderate), newGuarded(r, n, moderate), newGuarded(r, columns, moderate)
					want, wantSum, sum := make([]float32, n), make([]float64, columns), make([]float64, columns)
					PReLUGrad(want, x.data, g.data, slope.data)
					PReLUGradSlope(wantSum, x.data, g.data)
					for i := range sum {
						sum[i] = 7 // is overwritten
					}
					PReLUGrads(dst.data, sum, x.data, g.data, slope.data)
					requireSame(t, want, dst.data, "gradient of x")
					require.InDeltaSlice(t, wantSum, sum, 1e-9)
					require.True(t, dst.intact(true))
					PReLUGrads(g.data, sum, x.data, g.data, slope.data)
					requireSame(t, want, g.data, "gradient of x, onto g")
					require.InDeltaSlice(t, wantSum, sum, 1e-9)
				})
			}
		}
		require.Panics(t, func() {
			PReLUGrads(make([]float32, 9), nil, make([]float32, 9), make([]float32, 9), nil)
		})
		require.Panics(t, func() {
			PReLUGrads(make([]float32, 9), make([]float64, 3), make([]float32, 9), make([]float32, 9), make([]float32, 2))
		})
	})
}
