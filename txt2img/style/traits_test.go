package style_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

func TestBackground(t *testing.T) {
	x := tensor.New(20, 40, 3)
	for i := range 20 {
		for j := range 40 {
			inside := i > 0 && i < 19 && j > 0 && j < 39
			for c := range 3 {
				v := float32(c)
				if inside {
					v = 100
				}
				x.Set(v, i, j, c)
			}
		}
	}
	got, err := style.Background(x, nil)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 1, 2}, got, "a border of 20/16 = 1 pixel")

	mask := tensor.Full(1, 20, 40, 1)
	mask.Set(0.4, 3, 7, 0)  // four annotators of ten
	mask.Set(0.5, 3, 8, 0)  // half are enough for the object
	mask.Set(0, 0, 0, 0)    // (0,1,2)
	mask.Set(0.2, 19, 1, 0) // (0,1,2)
	got, err = style.Background(x, mask)
	require.NoError(t, err)
	require.InDeltaSlice(t, []float64{100. / 3, 102. / 3, 104. / 3}, got, 1e-12)

	_, err = style.Background(x, tensor.Full(1, 20, 40, 1))
	require.ErrorContains(t, err, "no background")
	_, err = style.Background(x, tensor.New(20, 39, 1))
	require.ErrorContains(t, err, "a mask of (20,39,1) for a picture of (20,40,3)")
	require.Panics(t, func() { _, _ = style.Background(tensor.New(4, 4), nil) })
}

func TestPose(t *testing.T) {
	parts := map[string]style.KeyPoint{"nape": {X: 1, Y: 1}}
	var want []float64
	for i, name := range []string{"beak", "belly", "breast", "crown", "forehead", "tail"} {
		parts[name] = style.KeyPoint{X: 10 + 20*float64(i)/8, Y: 30 + 40*float64(i)/4, Visible: true}
		want = append(want, float64(i)/8, float64(i)/4)
	}
	box := style.Box{X: 10, Y: 30, Width: 20, Height: 40}
	got, ok := style.Pose(parts, box)
	require.True(t, ok)
	require.InDeltaSlice(t, want, got, 1e-12)

	for _, bad := range []style.Box{{10, 30, 0, 40}, {10, 30, 20, -1}, {math.NaN(), 30, 20, 40}, {10, 30, 1e-300, 40}} {
		_, ok = style.Pose(parts, bad)
		require.False(t, ok)
	}
	parts["tail"] = style.KeyPoint{X: 3, Y: 4}
	_, ok = style.Pose(parts, box)
	require.False(t, ok, "not visible")
	delete(parts, "tail")
	_, ok = style.Pose(parts, box)
	require.False(t, ok, "missing")
}
