package lapgan

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var operators = []Operator{Bilinear{}, Box{}, Burt{}, Burt{A: 0.375}}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func maxDiff(a, b *tensor.Tensor) float64 {
	if !tensor.SameShape(a, b) {
		return 1e30
	}
	return float64(tensor.Max(tensor.Abs(tensor.Sub(a, b))).Item())
}

// drawSizes returns one to five sizes that grow by any ratios, the last small enough to be quick.
func drawSizes(t *rapid.T) []Size {
	h, w := rapid.IntRange(1, 40).Draw(t, "h"), rapid.IntRange(1, 40).Draw(t, "w")
	sizes := []Size{{h, w}}
	for range rapid.IntRange(0, 4).Draw(t, "levels") {
		h, w = rapid.IntRange(1, h).Draw(t, "h"), rapid.IntRange(1, w).Draw(t, "w")
		sizes = append([]Size{{h, w}}, sizes...)
	}
	return sizes
}

func TestPyramidReconstructs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom(operators).Draw(t, "operator")
		sizes := drawSizes(t)
		last := sizes[len(sizes)-1]
		rng := newRand(rapid.Uint64().Draw(t, "seed"))
		x := tensor.RandU(rng, -1, 1, rapid.IntRange(1, 2).Draw(t, "n"), last.H, last.W, rapid.IntRange(1, 3).Draw(t, "c"))

		c := Build(op, x, sizes)
		y := c.Stages[0].Image
		for k, s := range c.Stages {
			require.Equal(t, []int{sizes[k].H, sizes[k].W}, s.Image.Shape()[1:3])
			if k > 0 {
				require.Less(t, maxDiff(s.Image, tensor.Add(s.Low, s.Residual)), 1e-5)
				y = tensor.Add(up(op, y, sizes[k]), s.Residual)
			}
		}
		require.Less(t, maxDiff(x, y), 1e-5)

		coarsest, residuals := Decompose(op, autograd.Const(x), sizes)
		require.Less(t, maxDiff(x, Collapse(op, coarsest, residuals).Value()), 1e-5)
	})
}

// A constant image stays constant in every operator and both directions: weights sum to one at the borders, too.
func TestOperatorsKeepConstants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom(operators).Draw(t, "operator")
		h, w := rapid.IntRange(1, 20).Draw(t, "h"), rapid.IntRange(1, 20).Draw(t, "w")
		big := tensor.Full(0.7, 1, rapid.IntRange(h, 40).Draw(t, "H"), rapid.IntRange(w, 40).Draw(t, "W"), 2)
		small := tensor.Full(0.7, 1, h, w, 2)
		require.Less(t, maxDiff(small, op.Down(autograd.Const(big), h, w).Value()), 1e-5)
		require.Less(t, maxDiff(big, op.Up(autograd.Const(small), big.Dim(1), big.Dim(2)).Value()), 1e-5)
	})
}

// Burt's operator is tensor's REDUCE and EXPAND where sizes halve, odd sides included.
func TestBurtHalves(t *testing.T) {
	for _, n := range []int{2, 3, 8, 15, 17} {
		x := tensor.RandN(newRand(1), 1, n, n, 2)
		m := (n + 1) / 2
		require.Equal(t, tensor.NewBurtReduce(n, n, 0.4).Apply(x).Data(), Burt{}.Down(autograd.Const(x), m, m).Value().Data())
		y := tensor.RandN(newRand(2), 1, m, m, 2)
		require.Equal(t, tensor.NewBurtExpand(n, n, 0.4).Apply(y).Data(), Burt{}.Up(autograd.Const(y), n, n).Value().Data())
	}
}

// The blur of other ratios has the kernel of the paper, a = 0.4.
func TestBurtBlursWithItsKernel(t *testing.T) {
	x := tensor.New(1, 9, 9, 1)
	x.Set(1, 0, 4, 4, 0)
	y := Burt{}.blur(autograd.Const(x)).Value()
	for i, v := range []float64{0, 0, 0.05, 0.25, 0.4, 0.25, 0.05, 0, 0} {
		require.InDelta(t, 0.4*v, y.At(0, 4, i, 0), 1e-7)
		require.InDelta(t, 0.4*v, y.At(0, i, 4, 0), 1e-7)
	}
}

// The gradient of a sum over a pyramid is its adjoint: ⟨Ax, y⟩ = ⟨x, Aᵀy⟩.
func TestPyramidsAreDifferentiable(t *testing.T) {
	for _, op := range operators {
		for _, sizes := range [][]Size{Squares(4, 8, 16), Squares(8, 14, 28), {{3, 5}, {7, 9}}} {
			last := sizes[len(sizes)-1]
			rng, tape := newRand(3), autograd.NewTape()
			x := tensor.RandN(rng, 1, last.H, last.W, 2)
			leaf := tape.Leaf(x)
			coarsest, residuals := Decompose(op, leaf, sizes)
			loss := autograd.Const(tensor.Scalar(0))
			for _, part := range append(residuals, coarsest) {
				loss = autograd.Add(loss, autograd.Sum(autograd.Mul(part, autograd.Const(tensor.RandN(rng, part.Shape()...)))))
			}
			grad := autograd.Grad(loss, leaf)[0]
			require.InDelta(t, float64(loss.Item()), tensor.Dot(grad, x), 1e-3*(1+tensor.Norm(grad)), "%v %v", op, sizes)
		}
	}
}

func TestOperatorNames(t *testing.T) {
	for _, op := range operators {
		got, err := ParseOperator(op.String())
		require.NoError(t, err)
		require.Equal(t, op, got)
	}
	for _, bad := range []string{"cubic", "burt:", "burt0.4", "burt:2", "burt:NaN"} {
		_, err := ParseOperator(bad)
		require.ErrorContains(t, err, "no operator")
	}
}

func TestOperatorsRefuseTheWrongDirection(t *testing.T) {
	x := autograd.Const(tensor.New(1, 4, 4, 1))
	for _, op := range operators {
		require.Panics(t, func() { op.Down(x, 5, 4) })
		require.Panics(t, func() { op.Up(x, 3, 4) })
	}
	require.Panics(t, func() { Build(Box{}, tensor.New(1, 4, 4, 1), Squares(2, 5)) })
}
