package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestFlatten(t *testing.T) {
	x := tensor.RandN(newRand(), 2, 3, 4, 5)
	flat := nn.Flatten{}.Forward(autograd.Const(x))
	require.Equal(t, []int{2, 60}, flat.Shape())
	back := nn.Unflatten{H: 3, W: 4, C: 5}.Forward(flat)
	require.Equal(t, x.Shape(), back.Shape())
	require.Equal(t, x.Data(), back.Value().Data())
	require.Equal(t, []int{0, 12}, nn.Flatten{}.Forward(autograd.Const(tensor.New(0, 3, 4))).Shape())
	require.Panics(t, func() { nn.Unflatten{H: 3, W: 4, C: 4}.Forward(flat) })
}
