package tensor_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawPool draws images, with special values among them, and a window that fits.
func drawPool(t *rapid.T) (x tsr, spec tensor.PoolSpec) {
	axis := func() (n, k, stride, pad int) {
		k = rapid.IntRange(1, 4).Draw(t, "window")
		stride = rapid.IntRange(0, 4).Draw(t, "stride")
		pad = rapid.IntRange(0, k/2).Draw(t, "pad")
		return rapid.IntRange(max(1, k-2*pad), 7).Draw(t, "size"), k, stride, pad
	}
	var h, w int
	h, spec.KH, spec.StrideH, spec.PadH = axis()
	w, spec.KW, spec.StrideW, spec.PadW = axis()
	spec.Ceil, spec.ExcludePad = rapid.Bool().Draw(t, "ceil"), rapid.Bool().Draw(t, "exclude")
	return drawTensor(t, rapid.IntRange(0, 2).Draw(t, "n"), h, w, rapid.IntRange(0, 3).Draw(t, "c")), spec
}

func TestMaxPool2D(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, spec := drawPool(t)
		want := tensortest.Pool2D(tensortest.From(x), spec, false)
		check(t, want, 0, tensor.MaxPool2D(x, spec), func(dst tsr) { tensor.MaxPool2DInto(dst, nil, x, spec) })
		y, arg := zeros(want.Shape...), tensortest.NewGuarded(0, want.Shape...)
		tensor.MaxPool2DInto(y, arg.Tensor, x, spec)
		arg.Check(t)
		tensortest.Close(t, want, into(t, want.Shape, func(dst tsr) { tensor.PoolTakeInto(dst, x, arg.Tensor, spec) }), 0)
		tensortest.Adjoint(t, newRand(), x.Shape(), want.Shape,
			func(dst, x tsr) { tensor.PoolTakeInto(dst, x, arg.Tensor, spec) },
			func(dst, y tsr) { tensor.PoolPutInto(dst, y, arg.Tensor, spec) }, 1e-6)
	})
}

func TestMaxPool2DTakesTheFirstOfEquals(t *testing.T) {
	nan := float32(math.NaN())
	x := tensor.FromSlice([]float32{1, 3, 3, 3, nan, 7, 7, nan}, 1, 2, 4, 1)
	y, arg := zeros(1, 1, 2, 1), zeros(1, 1, 2, 1)
	spec := tensor.PoolAll(2, 2, 0)
	tensor.MaxPool2DInto(y, arg, tensor.FromSlice([]float32{1, 3, 3, 3, 2, 3, 1, 0}, 1, 2, 4, 1), spec)
	require.Equal(t, []float32{1, 0}, arg.Data())
	tensor.MaxPool2DInto(y, arg, x, spec)
	require.Equal(t, []float32{2, 3}, arg.Data(), "NaN wins")
}

func TestAvgPool2D(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, spec := drawPool(t)
		x = drawFinite(t, x.Shape()...) // an infinity times 1/2 twice is not its quarter sum with another one
		want := tensortest.Pool2D(tensortest.From(x), spec, true)
		op := tensor.NewAvgPool(x.Dim(1), x.Dim(2), spec)
		check(t, want, 1e-6, tensor.AvgPool2D(x, spec), func(dst tsr) { op.ApplyInto(dst, x) })
	})
}

func TestAdaptiveAvgPool2D(t *testing.T) {
	x := seq(1, 5, 2, 1)
	y := tensor.AdaptiveAvgPool2D(x, 3, 1)
	require.Equal(t, []float32{1.5, 4.5, 7.5}, y.Data()) // rows 0–1, 1–3, 3–4
	tensortest.Close(t, tensortest.From(x), tensor.AdaptiveAvgPool2D(x, 5, 2), 0)
}

func TestPool1D(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 10, 3, 30, 2, 20, 5, 50}, 1, 4, 2)
	require.Equal(t, []float32{3, 30, 5, 50}, tensor.MaxPool1D(x, tensor.Pool1DSpec{K: 3, Stride: 2, Pad: 1}).Data())
	require.Equal(t, []float32{2, 20, 3.5, 35}, tensor.AvgPool1D(x, tensor.Pool1DSpec{K: 2}).Data())
	require.Equal(t, []int{1, 2, 2}, tensor.MaxPool1D(x, tensor.Pool1DSpec{K: 3, Stride: 2, Ceil: true}).Shape())
}

func TestPoolGolden(t *testing.T) {
	two := tensor.PoolAll(3, 2, 1)
	exclude := two
	exclude.ExcludePad = true
	max := func(spec tensor.PoolSpec) func(tsr) tsr { return func(x tsr) tsr { return tensor.MaxPool2D(x, spec) } }
	avg := func(spec tensor.PoolSpec) func(tsr) tsr { return func(x tsr) tsr { return tensor.AvgPool2D(x, spec) } }
	for name, f := range map[string]func(tsr) tsr{
		"max_pool2d_k2s2":               max(tensor.PoolAll(2, 2, 0)),
		"max_pool2d_k3s2p1":             max(two),
		"max_pool2d_k3s2_ceil":          max(tensor.PoolSpec{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true}),
		"max_pool2d_k2s2_ceil":          max(tensor.PoolSpec{KH: 2, KW: 2, Ceil: true}),
		"avg_pool2d_k2s2":               avg(tensor.PoolAll(2, 0, 0)),
		"avg_pool2d_k3s2p1":             avg(two),
		"avg_pool2d_k3s2p1_exclude_pad": avg(exclude),
		"avg_pool2d_k3s2_ceil":          avg(tensor.PoolSpec{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true}),
		"adaptive_avg_pool2d":           func(x tsr) tsr { return tensor.AdaptiveAvgPool2D(x, 3, 2) },
		"global_avg_pool2d": func(x tsr) tsr {
			return tensor.GlobalAvgPool(x).Reshape(x.Dim(0), 1, 1, x.Dim(3))
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := golden.Load(name)
			tensortest.Close(t, images(v["y"]), f(images(v["x"]).Tensor()), 1e-6)
		})
	}
	for name, spec := range map[string]tensor.Pool1DSpec{"max_pool1d_k3s3": {K: 3}, "max_pool1d_k3s2": {K: 3, Stride: 2}} {
		t.Run(name, func(t *testing.T) {
			v := golden.Load(name)
			tensortest.Close(t, array(v["y"].NLC()), tensor.MaxPool1D(array(v["x"].NLC()).Tensor(), spec), 0)
		})
	}
}

func array(a golden.Array) arr { return tensortest.From(tensor.FromSlice(a.Data, a.Shape...)) }

func images(a golden.Array) arr { return array(a.NHWC()) }

func TestPoolMistakes(t *testing.T) {
	x := zeros(1, 2, 3, 1)
	requirePanics(t, []mistake{
		{"tensor.MaxPool2D: want (N,H,W,C), got (2,3)", func() { tensor.MaxPool2D(zeros(2, 3), tensor.PoolAll(2, 0, 0)) }},
		{"tensor.MaxPool2D: impossible window 0, stride 0, padding 0", func() { tensor.MaxPool2D(x, tensor.PoolSpec{}) }},
		{"tensor.MaxPool2D: impossible window 2, stride -1, padding 0", func() { tensor.MaxPool2D(x, tensor.PoolAll(2, -1, 0)) }},
		{"tensor.AvgPool2D: impossible window 3, stride 1, padding 2", func() { tensor.AvgPool2D(x, tensor.PoolAll(3, 1, 2)) }},
		{"tensor.MaxPool2D: a window of 3 does not fit into images (1,2,3,1) with padding 0",
			func() { tensor.MaxPool2D(x, tensor.PoolAll(3, 1, 0)) }},
		{"tensor.MaxPool1D: want (N,L,C), got (1,2,3,1)", func() { tensor.MaxPool1D(x, tensor.Pool1DSpec{K: 2}) }},
		{"tensor.GlobalAvgPool: want (N,H,W,C), got (2,3)", func() { tensor.GlobalAvgPool(zeros(2, 3)) }},
		{"tensor.NewAdaptiveAvgPool: cannot pool 2×3 to 0×1 pixels", func() { tensor.AdaptiveAvgPool2D(x, 0, 1) }},
	})
}
