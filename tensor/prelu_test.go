package tensor_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func TestPReLUGradIsBothGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []int{1, 3, 64} {
		for _, slopes := range []int{1, c} {
			x, g := tensor.RandN(rng, 40, 30, c), tensor.RandN(rng, 40, 30, c)
			slope := tensor.RandU(rng, 0, 1, slopes)
			wantX, wantSlope := tensor.New(x.Shape()...), tensor.New(slopes)
			tensor.PReLUGradInputInto(wantX, x, slope, g)
			tensor.PReLUGradSlopeInto(wantSlope, x, g)
			dx, dslope := tensor.New(x.Shape()...), tensor.New(slopes)
			tensor.PReLUGradInto(dx, dslope, x, slope, g)
			require.Equal(t, wantX.Data(), dx.Data())
			require.Equal(t, wantSlope.Data(), dslope.Data())
			tensor.PReLUGradInto(g, dslope, x, slope, g)
			require.Equal(t, wantX.Data(), g.Data(), "onto the gradient")
			require.Equal(t, wantSlope.Data(), dslope.Data())
		}
	}
	require.PanicsWithValue(t, "tensor.PReLUGradInto: want 1 slope or one for each channel, got (2,3) and (2)", func() {
		x := tensor.New(2, 3)
		tensor.PReLUGradInto(tensor.New(2, 3), tensor.New(2), x, tensor.New(2), x)
	})
}
