package nn_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestActivationsAgreeWithPyTorch(t *testing.T) {
	number := func(name, key string) float32 {
		v, err := strconv.ParseFloat(golden.Meta(name)[key], 32)
		require.NoError(t, err, name)
		return float32(v)
	}
	for name, layer := range map[string]nn.Plain{
		"relu":       nn.ReLU{},
		"leaky_relu": nn.LeakyReLU{Slope: number("leaky_relu", "slope")},
		"elu":        nn.ELU{},
		"elu_alpha":  nn.ELU{Alpha: number("elu_alpha", "alpha")},
		"selu":       nn.SELU{},
		"softplus":   nn.Softplus{},
		"sigmoid":    nn.Sigmoid{},
		"tanh":       nn.Tanh{},
	} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			tape := autograd.NewTape()
			x := tape.Leaf(r.tensor(t, "x"))
			y := layer.Forward(x)
			// Element by element: results far from the largest must be right too.
			for i, want := range r["y"].Data {
				require.InDelta(t, want, y.Value().Data()[i], 3e-7+2e-6*math.Abs(float64(want)), "y of %g", x.Value().Data()[i])
			}
			g := autograd.Grad(along(y, r.tensor(t, "grad.y")), x)[0]
			for i, want := range r["grad.x"].Data {
				require.InDelta(t, want, g.Data()[i], 1e-6+2e-6*math.Abs(float64(want)), "gradient at %g", x.Value().Data()[i])
			}
		})
	}
	for name, channels := range map[string]int{"prelu_shared": 0, "prelu_channel": load("prelu_channel")["w"].Shape[0]} {
		load(name).requireLayer(t, nn.NewPReLU(nn.PReLUOptions{Channels: channels}),
			func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.PReLU).Forward(x) }, map[string]string{"weight": "w"})
	}
}

func TestELUDerivatives(t *testing.T) {
	x := tensor.FromSlice([]float32{-3, -0.7, -0.01, 0.02, 1, 90}, 6)
	gradtest.Check(t, gradtest.Case{
		Name: "ELU", In: []*tensor.Tensor{x},
		F: func(in ...*autograd.Var) *autograd.Var { return nn.ELU{Alpha: 1.5}.Forward(in[0]) },
		Ref: gradtest.Elementwise(func(x float64) float64 {
			if x > 0 {
				return x
			}
			return 1.5 * math.Expm1(x)
		}),
	})
}

func TestPReLUOptions(t *testing.T) {
	require.Equal(t, []float32{0.25}, nn.NewPReLU(nn.PReLUOptions{}).Weight.Value().Data())
	require.Equal(t, []float32{0.1, 0.1}, nn.NewPReLU(nn.PReLUOptions{Channels: 2, Slope: 0.1}).Weight.Value().Data())
	require.Panics(t, func() { nn.NewPReLU(nn.PReLUOptions{Channels: -1}) })
}

func TestMaxout(t *testing.T) {
	// Piece p of unit u is channel u·P+p.
	x := tensor.FromSlice([]float32{1, 5, 2, 9, 7, 8, -3, -1, -2, 0, 0, 0}, 2, 6)
	tape := autograd.NewTape()
	v := tape.Leaf(x)
	y := nn.Maxout{Pieces: 3}.Forward(v)
	require.Equal(t, []int{2, 2}, y.Shape())
	require.Equal(t, []float32{5, 9, -1, 0}, y.Value().Data())
	g := autograd.Grad(along(y, tensor.FromSlice([]float32{1, 2, 3, 4}, 2, 2)), v)[0]
	require.Equal(t, []float32{0, 1, 0, 2, 0, 0, 0, 3, 0, 4, 0, 0}, g.Data())
	require.Equal(t, []int{1, 4, 4, 2}, nn.Maxout{Pieces: 2}.Forward(autograd.Const(tensor.New(1, 4, 4, 4))).Shape())
	require.PanicsWithValue(t, "nn.Maxout: the channels of (2,6) cannot be split into pieces of 4", func() { nn.Maxout{Pieces: 4}.Forward(v) })
	require.Panics(t, func() { nn.Maxout{}.Forward(v) })
}
