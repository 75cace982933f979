package baseline_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/baseline"
	"github.com/gander-ml/gander/tensor"
)

// All come closer to a picture with an edge than interpolation does.
func TestMethods(t *testing.T) {
	methods, err := baseline.Methods()
	require.NoError(t, err)
	require.NotEmpty(t, methods)
	x := tensor.New(96, 96, 3)
	for i := range 96 {
		for j := range 96 {
			if 3*i+j > 180 {
				for c := range 3 {
					x.Set(0.8-0.1*float32(c), i, j, c)
				}
			}
		}
	}
	scores, _, err := srgan.Evaluate(context.Background(), x, baseline.Scale, append(methods, srgan.Bicubic(4))...)
	require.NoError(t, err)
	last := len(scores) - 1
	for _, s := range scores[:last] {
		require.Greater(t, s.PSNR, scores[last].PSNR+1, s.Method)
	}
}
