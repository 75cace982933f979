package metric

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

func TestMSSSIMOfOneScaleIsSSIM(t *testing.T) {
	// 21 pixels leave one scale. imaging rounds to 8 bits first, so the pictures here are.
	eight := func(x *tensor.Tensor) *tensor.Tensor {
		for i, v := range x.Data() {
			x.Data()[i] = float32(int(v*255)) / 255
		}
		return x
	}
	a := eight(tensor.RandU(newRand(1), 0, 1, 21, 21, 3))
	b := eight(tensor.Clamp(tensor.Add(a, tensor.RandU(newRand(2), 0, 0.3, 21, 21, 3)), 0, 1))
	want, err := imaging.Protocol{}.SSIM(a, b)
	require.NoError(t, err)
	got, scales := MSSSIM(a, b)
	require.Equal(t, 1, scales)
	require.InDelta(t, want, got, 1e-6)
}

func TestMSSSIM(t *testing.T) {
	x := tensor.RandU(newRand(1), 0, 1, 180, 176, 1)
	s, scales := MSSSIM(x, x)
	require.InDelta(t, 1, s, 1e-12)
	require.Equal(t, 5, scales)
	near, _ := MSSSIM(x, tensor.Clamp(tensor.Add(x, tensor.RandU(newRand(2), -0.1, 0.1, 180, 176, 1)), 0, 1))
	far, _ := MSSSIM(x, tensor.RandU(newRand(3), 0, 1, 180, 176, 1))
	require.Less(t, near, 1.0)
	require.Less(t, far, near)
	require.PanicsWithValue(t, "metric.MSSSIM: want two pictures (H,W,C) of one shape, at least 11×11, got (10,12,1) and (10,12,1)",
		func() { MSSSIM(tensor.New(10, 12, 1), tensor.New(10, 12, 1)) })
}

func TestDiversity(t *testing.T) {
	x := tensor.RandU(newRand(1), 0, 1, 12, 28, 28, 1)
	same := tensor.BroadcastTo(x.Rows(0, 1), 12, 28, 28, 1)
	collapsed, err := Diversity(same, DiversityOptions{})
	require.NoError(t, err)
	require.InDelta(t, 1, collapsed.Value, 1e-12)
	f, err := Diversity(x, DiversityOptions{Pairs: 30, Seed: 4})
	require.NoError(t, err)
	require.Less(t, f.Value, 0.3)
	require.Equal(t, "12 pictures, 30 pairs, 2 scales, seed 4, ± standard error", f.Protocol)
	_, err = Diversity(x.Rows(0, 1), DiversityOptions{})
	require.ErrorContains(t, err, "needs 2 pictures")
	_, err = Diversity(tensor.Affine(x, 2, -1), DiversityOptions{})
	require.ErrorContains(t, err, "want values in [0, 1]")
}
