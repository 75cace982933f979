package srgan

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// A lattice of a known strength on a slope, which is not one, and on grain, of which little is left by the mean over 256 blocks.
func TestLatticeFindsWhatRepeats(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, scale := range []int{2, 3, 4} {
		h, w := 16*scale*2+9, 16*scale*3+5
		grain := tensor.RandU(rng, 0.3, 0.7, h, w, 3)
		require.Less(t, Lattice(grain, scale), 255*0.4/math.Sqrt(12)/16*1.2)

		slope, dots := tensor.New(h, w, 3), tensor.New(h, w, 3)
		for i := range h {
			for j := range w {
				for c := range 3 {
					v := 0.2*float32(c) + 0.002*float32(i) - 0.001*float32(j)
					slope.Set(v, i, j, c)
					if i%scale == 0 && j%scale == 1 {
						v += 0.1
					}
					dots.Set(v, i, j, c)
				}
			}
		}
		p := 1 / float64(scale*scale)
		require.InDelta(t, 0, Lattice(slope, scale), 1e-4)
		require.InEpsilon(t, 25.5*math.Sqrt(p*(1-p)), Lattice(dots, scale), 1e-3, "one place of %d is brighter by 0.1", scale*scale)
	}
	require.True(t, math.IsNaN(Lattice(tensor.New(63, 80, 3), 4)))
	require.True(t, math.IsNaN(Lattice(tensor.New(1, 1, 3), 4)))
}
