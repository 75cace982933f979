package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestResizingLayersAgreeWithPyTorch(t *testing.T) {
	for name, layer := range map[string]nn.Plain{
		"max_pool2d_k2s2":                nn.MaxPool2D{KH: 2, KW: 2},
		"max_pool2d_k3s2p1":              nn.MaxPool2D(tensor.PoolAll(3, 2, 1)),
		"avg_pool2d_k2s2":                nn.AvgPool2D{KH: 2, KW: 2},
		"avg_pool2d_k3s2p1":              nn.AvgPool2D(tensor.PoolAll(3, 2, 1)),
		"pixel_shuffle_r2":               nn.PixelShuffle{Factor: 2},
		"pixel_shuffle_r3":               nn.PixelShuffle{Factor: 3},
		"interpolate_nearest_x2":         nn.Upsample{Factor: 2, Method: tensor.Nearest},
		"interpolate_bilinear_x2":        nn.Upsample{Factor: 2, Method: tensor.Bilinear},
		"interpolate_nearest_exact_down": upsampleTo(t, "interpolate_nearest_exact_down", tensor.NearestExact),
		"interpolate_bilinear_up":        upsampleTo(t, "interpolate_bilinear_up", tensor.Bilinear),
	} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			tape := autograd.NewTape()
			x := tape.Leaf(r.image(t, "x"))
			y := layer.Forward(x)
			requireClose(t, "y", r.image(t, "y"), y.Value())
			requireClose(t, "grad.x", r.image(t, "grad.x"), autograd.Grad(along(y, r.image(t, "grad.y")), x)[0])
		})
	}
}

func upsampleTo(t *testing.T, name string, method tensor.ResizeMethod) nn.Upsample {
	y := load(name).image(t, "y")
	return nn.Upsample{Height: y.Dim(1), Width: y.Dim(2), Method: method}
}

func TestGlobalAvgPool(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 10, 2, 20, 3, 30, 6, 60}, 1, 2, 2, 2)
	y := nn.GlobalAvgPool{}.Forward(autograd.Const(x)).Value()
	require.Equal(t, []int{1, 2}, y.Shape())
	require.Equal(t, []float32{3, 30}, y.Data())
}

func TestL2FeaturePool(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{3, 4, 0, 0}, 1, 1, 1, 4))
	y := nn.L2FeaturePool{}.Forward(x)
	require.Equal(t, []int{1, 1, 1, 2}, y.Shape())
	require.Equal(t, []float32{5, 0}, y.Value().Data())
	g := autograd.Grad(autograd.Sum(y), x)[0].Data()
	require.InDeltaSlice(t, []float32{0.6, 0.8, 0, 0}, g, 1e-6)
	require.Panics(t, func() { nn.L2FeaturePool{Size: 3}.Forward(x) })
}

// A 1×1 image of four channels becomes one of 2×2: paper and PyTorch agree on this order.
func TestPixelShuffleOrder(t *testing.T) {
	y := nn.PixelShuffle{Factor: 2}.Forward(autograd.Const(tensor.Arange(4).Reshape(1, 1, 1, 4)))
	require.Equal(t, []int{1, 2, 2, 1}, y.Shape())
	require.Equal(t, []float32{0, 1, 2, 3}, y.Value().Data())
}

func TestEmbedding(t *testing.T) {
	tape := autograd.NewTape()
	e := nn.Bind(tape, nn.NewEmbedding(4, 3, nil, newRand()))
	index := []int{2, 0, 2, 3, 1, 2}
	y := e.Forward(index, 2, 3)
	require.Equal(t, []int{2, 3, 3}, y.Shape())
	for i, k := range index {
		require.Equal(t, e.Weight.Value().Rows(k, k+1).Data(), y.Value().Data()[3*i:3*i+3])
	}
	require.Equal(t, []int{6, 3}, e.Forward(index).Shape())
	g := autograd.Grad(autograd.Sum(y), e.Weight)[0]
	require.Equal(t, []float32{1, 1, 1, 1, 1, 1, 3, 3, 3, 1, 1, 1}, g.Data())
	require.Equal(t, 12, nn.NumParams(e))
	require.Panics(t, func() { e.Forward([]int{4}) })
	require.Panics(t, func() { e.Forward(index, 2, 2) })
	require.Panics(t, func() { nn.NewEmbedding(0, 3, nil, newRand()) })
}
