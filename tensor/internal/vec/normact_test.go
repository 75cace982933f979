package vec

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNormActSumsAreThoseOfItsSteps(t *testing.T) {
	levels(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, c := range []int{1, 3, 16, 32, 64, 100, 192, 2000} {
			for _, rows := range []int{0, 1, 7, 100} {
				x, g := newGuarded(r, c*rows, moderate).data, newGuarded(r, c*rows, moderate).data
				row := func() []float32 { return newGuarded(r, c, moderate).data }
				mean, scale, shift := row(), row(), row()
				for _, slope := range [][]float32{{0}, {0.2}, row()} {
					work := make([]float32, 2*(NormActPiece+c))
					sums := make([][]float64, 6)
					for i := range sums {
						sums[i] = make([]float64, c)
					}
					NormActSums(sums[0], sums[1], sums[2], x, g, mean, scale, shift, slope, work)
					z, h := make([]float32, len(x)), make([]float32, len(x))
					Norm(z, x, mean, scale, shift)
					PReLUGrad(h, z, g, slope)
					ColumnCentredDots(sums[3], sums[4], x, h, mean)
					PReLUGradSlope(sums[5], z, g)
					for i := range 3 {
						require.InDeltaSlice(t, sums[3+i], sums[i], 1e-9, "%d rows of %d, sum %d", rows, c, i)
					}
					NormActSums(sums[0], sums[1], nil, x, g, mean, scale, shift, slope, work)
					require.Panics(t, func() {
						NormActSums(sums[0], sums[1], nil, x, g, mean, scale, shift[:c-1], slope, work)
					})
				}
			}
		}
	})
}
