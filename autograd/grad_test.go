package autograd_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestGradOfGradOfCube(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{1, -2, 3}, 3))
	y := autograd.Sum(autograd.Mul(x, autograd.Mul(x, x)))
	g := autograd.GradOnTape(y, x)
	require.Equal(t, []float32{3, 12, 27}, g[0].Value().Data())
	h := autograd.Grad(autograd.Sum(g[0]), x)
	require.Equal(t, []float32{6, -12, 18}, h[0].Data())
}

func TestGradReusesMemory(t *testing.T) {
	tape := autograd.NewTape()
	rng := rand.New(rand.NewPCG(1, 2))
	x, w := tensor.RandN(rng, 2, 8, 8, 4), tensor.RandN(rng, 3, 3, 4, 4)
	step := func() *tensor.Tensor {
		tape.Reset()
		h, k := tape.Leaf(x), tape.Leaf(w)
		for range 5 {
			h = autograd.Add(h, autograd.Tanh(autograd.Conv2D(h, k, tensor.ConvSpec{PadT: 1, PadB: 1, PadL: 1, PadR: 1})))
		}
		return autograd.Grad(autograd.Mean(autograd.Square(h)), k)[0].Clone()
	}
	first := step()
	held := tape.Bytes()
	for range 3 {
		require.Equal(t, first.Data(), step().Data())
		require.Equal(t, held, tape.Bytes(), "a steady step must not need new memory")
	}
}

func TestGradPanicsWhereAGradientWouldBeLost(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.Full(2, 1))
	require.PanicsWithValue(t, "autograd.Grad: variable 0, constant (1), is not on the tape of the loss", func() {
		autograd.Grad(autograd.Sum(x), autograd.Const(tensor.New(1)))
	})
	require.PanicsWithValue(t, "autograd.Grad: want a loss of one element, got (3)", func() {
		autograd.Grad(tape.Leaf(tensor.New(3)), x)
	})
	require.PanicsWithValue(t, "autograd.Mine: recorded without a derivative", func() {
		autograd.Record("Mine", tensor.New(1), nil, x)
	})
	require.Panics(t, func() { autograd.Add(x, autograd.NewTape().Leaf(tensor.New(1))) })
	tape.Reset()
	require.PanicsWithValue(t, "autograd.Affine: an input was made before its tape was reset", func() { autograd.Neg(x) })
}

func TestGradOfIndependentVariableIsZero(t *testing.T) {
	tape := autograd.NewTape()
	x, y := tape.Leaf(tensor.Full(2, 3)), tape.Leaf(tensor.Full(1, 2))
	g := autograd.Grad(autograd.Sum(x), x, y)
	require.Equal(t, []float32{1, 1, 1}, g[0].Data())
	require.Equal(t, []float32{0, 0}, g[1].Data())
}

// Parts of a value that overlap, are used twice, in any order among other uses, and asked for on the way: gradients that are
// added in place are those of the recorded sweep, which adds nothing in place.
func TestPartsAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for range 200 {
		tape := autograd.NewTape()
		leaf := tape.Leaf(tensor.RandN(rng, 3, 8))
		x := autograd.Tanh(leaf)
		sum := tape.Const(tensor.Scalar(0))
		asked := []*autograd.Var{leaf, x}
		for range 1 + rng.IntN(6) {
			var y *autograd.Var
			switch rng.IntN(5) {
			case 0:
				y = autograd.Add(x, x)
			case 1:
				y = x.Reshape(24)
			default:
				lo := rng.IntN(8)
				y = autograd.Slice(x, 1, lo, lo+1+rng.IntN(8-lo))
				if rng.IntN(3) == 0 {
					asked = append(asked, y)
				}
			}
			weights := tensor.RandN(rng, y.Shape()...)
			sum = autograd.Add(sum, autograd.Sum(autograd.Mul(autograd.Mul(y, y), autograd.Const(weights))))
		}
		for range rng.IntN(3) {
			rng.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
		}
		want := autograd.GradOnTape(sum, asked...)
		for i, got := range autograd.Grad(sum, asked...) {
			require.InDeltaSlice(t, want[i].Value().Data(), got.Data(), 1e-5)
		}
	}
}

// A gradient takes the place of the one it is made of only where that one serves nothing else.
func TestGradientsInPlaceSpareWhatIsNeeded(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	draw := func(shape ...int) *tensor.Tensor { return tensor.RandN(rng, shape...) }
	x0, slope0, gamma0 := draw(6, 5), draw(5), draw(5)
	for name, act := range map[string]func(x, slope, gamma *autograd.Var) *autograd.Var{
		"LeakyReLU": func(x, _, _ *autograd.Var) *autograd.Var { return autograd.LeakyReLU(x, 0.2) },
		"PReLU":     func(x, slope, _ *autograd.Var) *autograd.Var { return autograd.PReLU(x, slope) },
		"Tanh":      func(x, _, _ *autograd.Var) *autograd.Var { return autograd.Tanh(x) },
		"Sigmoid":   func(x, _, _ *autograd.Var) *autograd.Var { return autograd.Sigmoid(x) },
		"BatchNorm": func(x, _, gamma *autograd.Var) *autograd.Var {
			y, _, _ := autograd.BatchNorm(x, gamma, nil, 1e-3)
			return y
		},
		"BatchNormThen": func(x, _, gamma *autograd.Var) *autograd.Var {
			y, _, _ := autograd.BatchNormThen(x, gamma, nil, 1e-3, autograd.NormFinish{Add: x})
			return y
		},
	} {
		t.Run(name, func(t *testing.T) {
			tape := autograd.NewTape()
			x, slope, gamma := tape.Leaf(x0), tape.Leaf(slope0), tape.Leaf(gamma0)
			a := act(x, slope, gamma)
			b := autograd.Add(a, x)   // both get the same gradient
			c := act(b, slope, gamma) // whose gradient is asked for
			d := autograd.Mul(act(c, slope, gamma), autograd.Add(c, b))
			loss := autograd.Sum(autograd.Square(d))
			wrt := []*autograd.Var{x, a, b, c, d, slope, gamma}
			want := autograd.GradOnTape(loss, wrt...) // nothing is in place
			for i, g := range autograd.Grad(loss, wrt...) {
				closeTo(t, name, want[i].Value(), g, 1e-4)
			}
			for i, v := range wrt { // one alone
				closeTo(t, name, want[i].Value(), autograd.Grad(loss, v)[0], 1e-4)
			}
		})
	}
}
