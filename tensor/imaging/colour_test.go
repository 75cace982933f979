package imaging

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/tensor"
)

func TestY(t *testing.T) {
	x := tensor.FromSlice([]float32{
		0, 0, 0,
		1, 1, 1,
		1, 0, 0,
		0, 1, 0,
		0, 0, 1,
	}, 1, 5, 3)
	y := Y(x)
	require.Equal(t, []int{1, 5, 1}, y.Shape())
	require.InDeltaSlice(t, []float32{16, 235, 81.481, 144.553, 40.966}, y.Data(), 2e-5)
	require.InDeltaSlice(t, []float32{16, 235}, Y(tensor.FromSlice([]float32{0, 1}, 2, 1)).Data(), 2e-5)
	require.PanicsWithValue(t, "imaging.Y: want the last axis to be one of [1 3], got shape (2,2)",
		func() { Y(tensor.New(2, 2)) })
}

func TestYCbCrOfPrimaries(t *testing.T) {
	// Published 8-bit values of BT.601: red, green, blue, white, black.
	x := tensor.FromSlice([]float32{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0}, 5, 3)
	want := []float32{81, 90, 240, 145, 54, 34, 41, 240, 110, 235, 128, 128, 16, 128, 128}
	for i, v := range RGBToYCbCr(x).Data() {
		require.InDelta(t, want[i], v*255, 0.5)
	}
}

func TestYCbCrRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := tensor.FromSlice(rapid.SliceOfN(rapid.Float32Range(-1, 2), 12, 12).Draw(t, "x"), 2, 2, 3)
		ycc := RGBToYCbCr(x)
		for i, y := range Y(x).Data() {
			require.InDelta(t, y/255, ycc.Data()[3*i], 1e-6)
		}
		require.InDeltaSlice(t, x.Data(), YCbCrToRGB(ycc).Data(), 2e-6)
	})
}
