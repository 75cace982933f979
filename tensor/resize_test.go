package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var methods = []tensor.ResizeMethod{tensor.Bicubic, tensor.Bilinear, tensor.BilinearAntialias, tensor.BilinearTorch7,
	tensor.Nearest, tensor.NearestExact, tensor.Box}

func TestResize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(methods).Draw(t, "method")
		size := rapid.IntRange(1, 9)
		h, w, oh, ow := size.Draw(t, "h"), size.Draw(t, "w"), size.Draw(t, "oh"), size.Draw(t, "ow")
		x := drawFinite(t, rapid.IntRange(0, 2).Draw(t, "n"), h, w, rapid.IntRange(0, 3).Draw(t, "c"))
		want := tensortest.Separable(tensortest.From(x), tensortest.ResizeMatrix(m, h, oh, float64(oh)/float64(h)),
			tensortest.ResizeMatrix(m, w, ow, float64(ow)/float64(w)))
		check(t, want, 1e-6, tensor.Resize(x, oh, ow, m), func(dst tsr) { tensor.ResizeInto(dst, x, m) })
		checkAdjoint(t, tensor.NewResize(m, h, w, oh, ow), x.Dim(0), x.Dim(3))
		if h == oh && w == ow {
			tensortest.Same(t, x, tensor.Resize(x, oh, ow, m))
		}
	})
}

func checkAdjoint(t tensortest.T, r *tensor.Resampler, n, c int) {
	t.Helper()
	h, w := r.InSize()
	oh, ow := r.OutSize()
	tensortest.Adjoint(t, newRand(), []int{n, h, w, c}, []int{n, oh, ow, c}, r.ApplyInto, r.AdjointInto, 1e-6)
}

func TestResizeScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(methods).Draw(t, "method")
		h, w := rapid.IntRange(1, 9).Draw(t, "h"), rapid.IntRange(1, 9).Draw(t, "w")
		s := rapid.SampledFrom([]float64{0.25, 0.5, 0.3, 1.0 / 3, 0.75, 1, 1.5, 2, 3.7, 4}).Draw(t, "scale")
		x := drawFinite(t, 1, h, w, 2)
		r := tensor.NewResizeScale(m, h, w, s)
		oh, ow := r.OutSize()
		require.InDelta(t, float64(h)*s, oh, 1)
		require.GreaterOrEqual(t, float64(oh), float64(h)*s-1e-9)
		want := tensortest.Separable(tensortest.From(x), tensortest.ResizeMatrix(m, h, oh, s), tensortest.ResizeMatrix(m, w, ow, s))
		tensortest.Close(t, want, tensor.ResizeScale(x, s, m), 1e-6)
	})
}

func TestResizeScaleSizes(t *testing.T) {
	for _, c := range []struct {
		n    int
		s    float64
		want int
	}{{9, 1.0 / 3, 3}, {30, 0.1, 3}, {10, 0.25, 3}, {7, 0.5, 4}, {5, 4, 20}, {1, 0.01, 1}, {49, 1.0 / 49, 1}} {
		h, _ := tensor.NewResizeScale(tensor.Bicubic, c.n, 1, c.s).OutSize()
		require.Equal(t, c.want, h, "%d·%g", c.n, c.s)
	}
}

// The weights of MATLAB's imresize far from the borders, computed by hand from Keys' kernel.
func TestBicubicWeights(t *testing.T) {
	impulse := func(n, at int) tsr {
		x := zeros(1, n, 1, 1)
		x.Set(1, 0, at, 0, 0)
		return x
	}
	shrink := []float64{.2409668, .1818848, .0974121, .0227051, -.0119629, -.0183105, -.0109863, -.0017090}
	for k, want := range shrink { // output 5 of 40 lies between inputs 21 and 22
		for _, at := range []int{22 + k, 21 - k} {
			require.InDelta(t, want, tensor.ResizeScale(impulse(40, at), 0.25, tensor.Bicubic).At(0, 5, 0, 0), 6e-8)
		}
	}
	phases := [][]float64{{-.0439453, .3896484, .7275391, -.0732422}, {-.0068359, .0908203, .9638672, -.0478516}}
	for p, weights := range phases {
		for k, want := range weights { // output 40+p reads inputs 8 to 11, output 43−p the same ones mirrored
			require.InDelta(t, want, tensor.ResizeScale(impulse(20, 8+k), 4, tensor.Bicubic).At(0, 40+p, 0, 0), 6e-8)
			require.InDelta(t, want, tensor.ResizeScale(impulse(20, 12-k), 4, tensor.Bicubic).At(0, 43-p, 0, 0), 6e-8)
		}
	}
}

func TestResizeKeepsConstants(t *testing.T) {
	for _, m := range methods {
		for _, size := range [][2]int{{3, 20}, {11, 5}, {1, 1}, {7, 9}} {
			y := tensor.Resize(tensor.Full(0.3, 1, 7, 9, 3), size[0], size[1], m)
			tensortest.Close(t, tensortest.From(tensor.Full(0.3, y.Shape()...)), y, 1e-7)
		}
	}
}

func TestResizePropagatesNaN(t *testing.T) {
	x := tensor.Full(1, 1, 6, 6, 2)
	x.Set(float32(nan), 0, 2, 3, 1)
	y := tensor.Resize(x, 3, 3, tensor.Bicubic)
	require.True(t, y.At(0, 1, 1, 1) != y.At(0, 1, 1, 1))
	require.InDelta(t, 1, y.At(0, 1, 1, 0), 1e-6)
}

func TestResizeGolden(t *testing.T) {
	for name, m := range map[string]tensor.ResizeMethod{
		"nearest_x2": tensor.Nearest, "nearest_up": tensor.Nearest, "nearest_down": tensor.Nearest,
		"nearest_exact_up": tensor.NearestExact, "nearest_exact_down": tensor.NearestExact,
		"bilinear_x2": tensor.Bilinear, "bilinear_up": tensor.Bilinear, "bilinear_down": tensor.Bilinear,
	} {
		t.Run(name, func(t *testing.T) {
			v := golden.Load("interpolate_" + name)
			want := images(v["y"])
			tensortest.Close(t, want, tensor.Resize(images(v["x"]).Tensor(), want.Shape[1], want.Shape[2], m), 1e-6)
			r := tensor.NewResize(m, 6, 5, want.Shape[1], want.Shape[2])
			tensortest.Close(t, images(v["grad.x"]), r.Adjoint(images(v["grad.y"]).Tensor()), 1e-6)
		})
	}
}

func TestBilinearTorch7(t *testing.T) {
	x := tensor.FromSlice([]float32{0, 3, 6, 9}, 1, 4, 1, 1)
	require.Equal(t, []float32{0, 1.5, 3, 4.5, 6, 7.5, 9}, tensor.Resize(x, 7, 1, tensor.BilinearTorch7).Data())
	require.Equal(t, []float32{1.5, 7.5}, tensor.Resize(x, 2, 1, tensor.BilinearTorch7).Data())
	require.Equal(t, []float32{0.75, 4.5, 8.25}, tensor.Resize(x, 3, 1, tensor.BilinearTorch7).Data())
}

func TestResizeNames(t *testing.T) {
	require.Equal(t, "bicubic", tensor.Bicubic.String())
	require.Equal(t, "box", tensor.Box.String())
	require.Equal(t, "ResizeMethod(9)", tensor.ResizeMethod(9).String())
}

func TestResizeMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Resize: want (N,H,W,C), got (2,3)", func() { tensor.Resize(zeros(2, 3), 1, 1, tensor.Box) }},
		{"tensor.NewResize: cannot resize 2×3 to 0×1 pixels", func() { tensor.Resize(zeros(1, 2, 3, 1), 0, 1, tensor.Box) }},
		{"tensor.NewResize: no method ResizeMethod(9)", func() { tensor.Resize(zeros(1, 2, 3, 1), 1, 1, 9) }},
		{"tensor.NewResizeScale: cannot scale 2×3 pixels by -1", func() { tensor.ResizeScale(zeros(1, 2, 3, 1), -1, tensor.Box) }},
		{"tensor.Resampler.Apply: want (N,2,3,C), got (1,3,2,4)",
			func() { tensor.NewResize(tensor.Box, 2, 3, 1, 1).Apply(zeros(1, 3, 2, 4)) }},
		{"tensor.Resampler.AdjointInto: want (N,1,1,C), got (1,2,3,4)",
			func() { tensor.NewResize(tensor.Box, 2, 3, 1, 1).AdjointInto(zeros(1, 2, 3, 4), zeros(1, 2, 3, 4)) }},
	})
}
