package nn_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestInitScale(t *testing.T) {
	shape := []int{3, 3, 40, 60} // fan_in 360, fan_out 540
	for _, c := range []struct {
		name    string
		init    nn.Init
		std     float64
		uniform bool
	}{
		{"torch", nn.TorchUniform, 1 / math.Sqrt(360) / math.Sqrt(3), true},
		{"he normal", nn.HeNormal, math.Sqrt(2.0 / 360), false},
		{"he uniform", nn.HeUniform, math.Sqrt(2.0 / 360), true},
		{"xavier normal", nn.XavierNormal, math.Sqrt(2.0 / 900), false},
		{"xavier uniform", nn.XavierUniform, math.Sqrt(2.0 / 900), true},
		{"normal", nn.Normal(0.02), 0.02, false},
		{"uniform", nn.Uniform(0.05), 0.05 / math.Sqrt(3), true},
		{"scaled", nn.Scaled(3, nn.HeNormal), 3 * math.Sqrt(2.0/360), false},
	} {
		w := tensor.New(shape...)
		c.init(w, newRand())
		n := math.Sqrt(float64(w.Len()))
		require.InDelta(t, 0, tensor.Mean(w).Item(), 5*c.std/n, c.name)
		require.InEpsilon(t, c.std, tensor.Norm(w)/n, 0.02, c.name)
		bound := float64(tensor.Max(tensor.Abs(w)).Item())
		if c.uniform {
			require.InEpsilon(t, math.Sqrt(3)*c.std, bound, 0.01, c.name)
		} else {
			require.Greater(t, bound, 3*c.std, c.name)
		}
		again := tensor.New(shape...)
		c.init(again, newRand())
		require.Equal(t, w.Data(), again.Data(), c.name)
	}
	w := tensor.New(2, 2)
	nn.Constant(3)(w, nil)
	require.Equal(t, []float32{3, 3, 3, 3}, w.Data())
	require.PanicsWithValue(t, "nn.Fans: want a weight of two axes or more, got (3)", func() { nn.HeNormal(tensor.New(3), newRand()) })
}

func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{8, 5}, {5, 8}, {6, 6}, {3, 3, 2, 7}, {1, 1, 2, 9}, {1, 1}} {
		w := tensor.New(shape...)
		nn.Orthogonal(w, newRand())
		m := w.Reshape(-1, w.Dim(-1))
		tall := m.Dim(0) >= m.Dim(1)
		k := min(m.Dim(0), m.Dim(1))
		product := tensor.New(k, k)
		tensor.MatMulInto(product, m, m, tall, !tall)
		for i := range k {
			for j := range k {
				want := 0.0
				if i == j {
					want = 1
				}
				require.InDelta(t, want, product.At(i, j), 1e-6, shape)
			}
		}
	}
}

// With ICNR, convolution and pixel shuffle together repeat pixels.
func TestICNRStartsAsNearestNeighbour(t *testing.T) {
	conv := nn.NewConv2D(3, 2*9, 3, nn.ConvOptions{Pad: 1, Init: nn.ICNR(3, nn.HeNormal)}, newRand())
	x := autograd.Const(tensor.RandN(newRand(), 1, 4, 5, 3))
	y := nn.PixelShuffle{Factor: 3}.Forward(conv.Forward(x)).Value()
	require.Equal(t, []int{1, 12, 15, 2}, y.Shape())
	require.NotZero(t, tensor.Norm(y))
	for i := range 12 {
		for j := range 15 {
			for c := range 2 {
				require.Equal(t, y.At(0, i/3*3, j/3*3, c), y.At(0, i, j, c))
			}
		}
	}
	require.Panics(t, func() { nn.ICNR(2, nn.HeNormal)(tensor.New(3, 3, 2, 6), newRand()) })
}

func TestInitDCGAN(t *testing.T) {
	rng := newRand()
	linear := nn.NewLinear(10, 10, nn.LinearOptions{}, rng)
	before := linear.Weight.Value().Clone()
	conv, up := nn.NewConv2D(16, 32, 4, nn.ConvOptions{}, rng), nn.NewConvTranspose2D(32, 16, 4, nn.ConvTransposeOptions{}, rng)
	norm := nn.NewBatchNorm2D(512, nn.BatchNormOptions{})
	norm.Bias.Value().Fill(3)
	nn.InitDCGAN(nn.Sequential{linear, conv, up, norm, nn.NewBatchNorm2D(4, nn.BatchNormOptions{NoAffine: true})}, rng)
	require.Equal(t, before.Data(), linear.Weight.Value().Data())
	for _, w := range []*autograd.Var{conv.Weight, up.Weight} {
		require.InEpsilon(t, 0.02, tensor.Norm(w.Value())/math.Sqrt(float64(w.Len())), 0.03)
	}
	require.Zero(t, tensor.Norm(conv.Bias.Value()))
	require.Zero(t, tensor.Norm(norm.Bias.Value()))
	scale := tensor.Affine(norm.Weight.Value(), 1, -1)
	require.InEpsilon(t, 0.02, tensor.Norm(scale)/math.Sqrt(512), 0.15)
	require.InDelta(t, 0, tensor.Mean(scale).Item(), 0.004)
}

func TestDefaultInitOfLayers(t *testing.T) {
	rng := newRand()
	within := func(v *autograd.Var, bound float64) {
		t.Helper()
		top := float64(tensor.Max(tensor.Abs(v.Value())).Item())
		require.LessOrEqual(t, top, bound*1.000001)
		require.Greater(t, top, bound*0.8)
	}
	l := nn.NewLinear(100, 80, nn.LinearOptions{}, rng)
	within(l.Weight, 0.1)
	within(l.Bias, 0.1)
	c := nn.NewConv2D(16, 64, 5, nn.ConvOptions{Groups: 4}, rng)
	within(c.Weight, 0.1)
	within(c.Bias, 0.1)
	lstm := nn.NewLSTM(7, 100, nn.RecurrentOptions{}, rng)
	for _, p := range nn.Params(lstm) {
		within(p, 0.1)
	}
	// With an Init, biases start at zero.
	require.Zero(t, tensor.Norm(nn.NewConv2D(2, 3, 3, nn.ConvOptions{Init: nn.HeNormal}, rng).Bias.Value()))
	require.Zero(t, tensor.Norm(nn.NewLinear(2, 3, nn.LinearOptions{Init: nn.HeNormal}, rng).Bias.Value()))
}
