package tensor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
)

func TestConvPlan(t *testing.T) {
	const direct = 8 * 8 * 16 * 9 * 16
	y, dx, dw := tensor.ConvPlan([]int{1, 8, 8, 16}, []int{3, 3, 16, 16}, tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1})
	for _, c := range []tensor.ConvChoice{y, dx, dw} {
		require.Equal(t, "winograd", c.Algorithm)
		require.Less(t, c.Products, float64(direct)/2)
	}
	y, dx, dw = tensor.ConvPlan([]int{1, 8, 8, 16}, []int{9, 9, 16, 3}, tensor.ConvSpec{PadT: 4, PadB: 4, PadL: 4, PadR: 4})
	for _, c := range []tensor.ConvChoice{y, dx, dw} {
		require.Equal(t, tensor.ConvChoice{Algorithm: "toom-cook", Products: 8 * 2 * 8 * 2 * 9 * 16 * 3}, c)
	}
	y, dx, dw = tensor.ConvPlan([]int{2, 8, 8, 16}, []int{3, 3, 16, 16}, tensor.ConvSpec{StrideH: 2, StrideW: 2})
	for _, c := range []tensor.ConvChoice{y, dx, dw} {
		require.Equal(t, tensor.ConvChoice{Algorithm: "implicit", Products: 2 * 3 * 3 * 9 * 16 * 16}, c)
	}
}
