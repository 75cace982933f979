package gan

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestLatticeLossIsItsFormula(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ h, w, scale int }{{16, 16, 2}, {35, 70, 4}, {5, 9, 4}, {20, 48, 3}} {
		y, hr := tensor.RandU(rng, -1, 1, 2, c.h, c.w, 3), tensor.RandU(rng, -1, 1, 2, c.h, c.w, 3)
		bh, bw := min(8, c.h/c.scale), min(8, c.w/c.scale)
		nh, nw := c.h/(bh*c.scale), c.w/(bw*c.scale)
		want, n := 0.0, 0
		for image := range 2 {
			for r := range nh {
				for l := range nw {
					for i := range c.scale {
						for j := range c.scale {
							for k := range 3 {
								mean := 0.0
								for u := range bh {
									for v := range bw {
										at := []int{image, (r*bh+u)*c.scale + i, (l*bw+v)*c.scale + j, k}
										mean += float64(y.At(at...) - hr.At(at...))
									}
								}
								mean /= float64(bh * bw)
								want, n = want+mean*mean, n+1
							}
						}
					}
				}
			}
		}
		got := LatticeLoss(autograd.Const(y), autograd.Const(hr), c.scale).Item()
		require.InEpsilon(t, want/float64(n), float64(got), 1e-4)
	}
	x := tensor.New(1, 8, 8, 3)
	require.PanicsWithValue(t, "gan.LatticeLoss: want two equal shapes (N,H,W,C) of at least 4 pixels a side, got constant (1,8,8,3) and constant (1,3,3,3)",
		func() { LatticeLoss(autograd.Const(x), autograd.Const(tensor.New(1, 3, 3, 3)), 4) })
}
