package autograd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestConstantsAreNotRecorded(t *testing.T) {
	tape := autograd.NewTape()
	x, c := tape.Leaf(tensor.Full(3, 2)), tape.Const(tensor.Full(2, 2))
	require.True(t, x.IsRecorded())
	require.False(t, c.IsRecorded())
	require.False(t, autograd.Mul(c, autograd.Const(tensor.Scalar(2))).IsRecorded())
	require.True(t, autograd.Mul(c, x).IsRecorded())
	d := autograd.Detach(autograd.Mul(c, x))
	require.False(t, d.IsRecorded())
	require.Equal(t, []float32{6, 6}, autograd.Grad(autograd.Sum(autograd.Mul(d, x)), x)[0].Data())
	require.Equal(t, "leaf (2)", x.String())
	require.Equal(t, "Mul (2)", autograd.Mul(c, x).String())
	require.Equal(t, "constant (2)", c.String())
}

func TestVarDescribesItsTensor(t *testing.T) {
	value := tensor.Arange(6).Reshape(2, 3)
	v := autograd.Const(value)
	require.Same(t, value, v.Value())
	require.Equal(t, []int{2, 3}, v.Shape())
	require.Equal(t, 2, v.Rank())
	require.Equal(t, 3, v.Dim(-1))
	require.Equal(t, 6, v.Len())
	require.Equal(t, []int{3, 2}, v.Reshape(3, -1).Shape())
	require.Equal(t, float32(15), autograd.Sum(v).Item())
}

func TestGradPassesTheLossItself(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.Full(5, 1))
	require.Equal(t, []float32{1}, autograd.Grad(x, x)[0].Data())
	y := autograd.Sum(autograd.Square(x))
	require.Equal(t, []float32{1}, autograd.Grad(y, y)[0].Data())
	g := autograd.Grad(autograd.Square(y), y, x)
	require.Equal(t, []float32{50}, g[0].Data(), "an intermediate value")
	require.Equal(t, []float32{500}, g[1].Data())
	require.Empty(t, autograd.Grad(y))
	require.Equal(t, []float32{0}, autograd.Grad(autograd.Const(tensor.Scalar(1)), x)[0].Data())
}

func TestGradOfASecondUseOfOneGradient(t *testing.T) {
	// Both inputs of an addition receive the same gradient; adding to one of them must not change the other.
	tape := autograd.NewTape()
	x, y := tape.Leaf(tensor.Full(1, 3)), tape.Leaf(tensor.Full(1, 3))
	s := autograd.Add(x, y)
	loss := autograd.Sum(autograd.Add(s, autograd.Scale(x, 10)))
	g := autograd.Grad(loss, x, y)
	require.Equal(t, []float32{11, 11, 11}, g[0].Data())
	require.Equal(t, []float32{1, 1, 1}, g[1].Data())
	g = autograd.Grad(autograd.Sum(autograd.Add(x, x)), x)
	require.Equal(t, []float32{2, 2, 2}, g[0].Data())
}

// In x + (x + y) the gradient that x has already is the one that the inner sum passes on to x and y. It must not be given
// back when x's sum replaces it, or the next operation overwrites y's.
func TestGradOfASkipIntoASum(t *testing.T) {
	tape := autograd.NewTape()
	x, z := tape.Leaf(tensor.Full(1, 3)), tape.Leaf(tensor.Full(2, 3))
	y := autograd.Square(z)
	loss := autograd.Sum(autograd.Add(x, autograd.Add(x, y)))
	g := autograd.Grad(loss, x, z, y)
	require.Equal(t, []float32{2, 2, 2}, g[0].Data())
	require.Equal(t, []float32{4, 4, 4}, g[1].Data())
	require.Equal(t, []float32{1, 1, 1}, g[2].Data())
}

func TestFirstNonFinite(t *testing.T) {
	tape := autograd.NewTape()
	a := tape.Named("a.weight", tensor.Full(1, 2))
	b := tape.Named("b.weight", tensor.Full(-1, 2))
	autograd.Mul(autograd.Square(a), b)
	_, _, found := tape.FirstNonFinite()
	require.False(t, found)
	autograd.Exp(autograd.Log(b))
	op, leaf, found := tape.FirstNonFinite()
	require.True(t, found)
	require.Equal(t, "Log", op)
	require.Equal(t, "b.weight", leaf)
	tape.Reset()
	tape.Named("c.weight", tensor.Full(float32(math.Inf(1)), 2))
	op, leaf, _ = tape.FirstNonFinite()
	require.Equal(t, "leaf", op)
	require.Equal(t, "c.weight", leaf)
}

func TestInputSlicesAreCopied(t *testing.T) {
	tape := autograd.NewTape()
	x, y := tape.Leaf(tensor.Full(1, 2)), tape.Leaf(tensor.Full(2, 2))
	xs, index, axes := []vr{x, y}, []int{1, 0}, []int{0}
	joined, stacked := autograd.Concat(0, xs...), autograd.Stack(0, xs...)
	picked, flipped := autograd.Gather(x, index), autograd.Flip(x, axes...)
	xs[0], xs[1], index[0], axes[0] = y, y, 0, 5
	weight := autograd.Const(tensor.Arange(2))
	for _, g := range [][]*tensor.Tensor{
		autograd.Grad(autograd.Sum(joined), x, y), autograd.Grad(autograd.Sum(stacked), x, y),
	} {
		require.Equal(t, []float32{1, 1}, g[0].Data())
		require.Equal(t, []float32{1, 1}, g[1].Data())
	}
	require.Equal(t, []float32{1, 0}, autograd.Grad(autograd.Sum(autograd.Mul(picked, weight)), x)[0].Data())
	require.Equal(t, []float32{1, 0}, autograd.Grad(autograd.Sum(autograd.Mul(flipped, weight)), x)[0].Data())
}

func TestTies(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{2, 7, 7, 0, 0, 3}, 6))
	gradient := func(y vr) []float32 { return autograd.Grad(autograd.Sum(y), x)[0].Data() }
	require.Equal(t, []float32{0, 1, 0, 0, 0, 0}, gradient(autograd.Max(x)))
	require.Equal(t, []float32{0, 0, 0, 1, 0, 0}, gradient(autograd.Min(x)))
	require.Equal(t, []float32{1, 1, 1, 0, 0, 1}, gradient(autograd.Abs(x)))
	require.Equal(t, []float32{1, 1, 1, 0, 0, 1}, gradient(autograd.ReLU(x)))
	pairs := autograd.L2Pool(x, 2)
	require.Equal(t, float32(0), gradient(autograd.Slice(autograd.L2Pool(autograd.Slice(x, 0, 3, 5), 2), 0, 0, 1))[3])
	require.InDelta(t, 2/math.Sqrt(53), gradient(pairs)[0], 1e-6)
	same := autograd.Maximum(x, autograd.Detach(x))
	require.Equal(t, []float32{1, 1, 1, 1, 1, 1}, gradient(same), "equal values: the first")
	image := x.Reshape(1, 1, 6, 1)
	pooled := autograd.MaxPool1D(image.Reshape(1, 6, 1), tensor.Pool1DSpec{K: 3})
	require.Equal(t, []float32{0, 1, 0, 0, 0, 1}, gradient(pooled))
}

func TestWhereKeepsNaNOut(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.FromSlice([]float32{4, -1}, 2))
	mask := tensor.FromSlice([]float32{1, 0}, 2)
	y := autograd.Where(mask, x, autograd.Const(tensor.Scalar(0)))
	require.Equal(t, []float32{1, 0}, autograd.Grad(autograd.Sum(y), x)[0].Data())
	z := autograd.Where(mask, autograd.Const(tensor.Scalar(0)), autograd.Const(tensor.Full(float32(math.NaN()), 2)))
	require.False(t, z.IsRecorded())
	root := autograd.Where(mask, autograd.Sqrt(x), autograd.Const(tensor.Full(7, 2)))
	require.Equal(t, []float32{2, 7}, root.Value().Data())
}

// A gradient must not depend on memory being given back early: graphs of random operations, many of them views or
// shared, give the same with Grad, which gives memory back, and with GradOnTape, which does not.
func TestGradAgreesWithGradOnTapeOnRandomGraphs(t *testing.T) {
	tape := autograd.NewTape()
	rapid.Check(t, func(t *rapid.T) {
		tape.Reset()
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var vars []vr
		for range 3 {
			vars = append(vars, tape.Leaf(tensor.RandU(rng, -1, 1, 4, 4)))
		}
		leaves := vars[:3:3]
		// Recent values, so that the graphs are deep and gradients meet.
		pick := func() vr { return vars[len(vars)-1-rapid.IntRange(0, min(3, len(vars)-1)).Draw(t, "input")] }
		for range rapid.IntRange(1, 25).Draw(t, "operations") {
			a := pick()
			var y vr
			switch rapid.IntRange(-8, 13).Draw(t, "operation") {
			default: // the others pass a new gradient on, this one its own
				y = autograd.Add(a, pick())
			case 1:
				y = autograd.Tanh(autograd.Mul(a, pick()))
			case 2:
				y = autograd.Sub(a, autograd.Sum(pick(), 0))
			case 3:
				y = autograd.Scale(autograd.MatMulT(a, pick(), true, false), 0.25)
			case 4:
				y = a.Reshape(2, 8).Reshape(4, 4)
			case 5:
				y = autograd.Concat(0, autograd.Slice(a, 0, 1, 3), autograd.Slice(pick(), 0, 0, 2))
			case 6:
				y = autograd.Detach(a)
			case 7:
				y = autograd.BroadcastTo(autograd.Max(a, 1), 4, 4)
			case 8:
				y = autograd.Softmax(a)
			case 9:
				y = autograd.Gather(a, []int{3, 0, 0, 1})
			case 10:
				y = autograd.MaxPool2D(a.Reshape(1, 4, 4, 1), tensor.PoolAll(3, 1, 1)).Reshape(4, 4)
			case 11:
				y = autograd.Permute(a, 1, 0)
			case 12:
				y = autograd.Resize(a.Reshape(1, 4, 4, 1), 4, 4, tensor.Bilinear).Reshape(4, 4)
			case 13:
				y = autograd.Neg(autograd.SumTo(autograd.BroadcastTo(a.Reshape(4, 1, 4), 4, 2, 4), 4, 1, 4)).Reshape(4, 4)
			}
			vars = append(vars, y)
		}
		loss := autograd.Mean(autograd.Tanh(vars[len(vars)-1]))
		for _, v := range vars[max(3, len(vars)-4) : len(vars)-1] {
			loss = autograd.Add(loss, autograd.Mean(v))
		}
		if !loss.IsRecorded() {
			t.Skip("everything was detached")
		}
		var asked []vr
		for _, v := range vars {
			if v.IsRecorded() && (len(asked) < len(leaves) || rapid.Bool().Draw(t, "asked")) {
				asked = append(asked, v)
			}
		}
		want := autograd.GradOnTape(loss, asked...)
		first := autograd.Grad(loss, asked...)
		again := autograd.Grad(loss, asked...)
		for i := range asked {
			tensortest.Close(t, tensortest.From(want[i].Value()), first[i], 1e-6)
			tensortest.Same(t, first[i], again[i])
		}
		// The gradient of a penalty on the first gradient walks a graph of derivatives.
		penalty := autograd.Mean(autograd.Square(want[0]))
		if !penalty.IsRecorded() {
			return
		}
		twice := autograd.GradOnTape(penalty, leaves...)
		for i, g := range autograd.Grad(penalty, leaves...) {
			tensortest.Close(t, tensortest.From(twice[i].Value()), g, 1e-6)
		}
	})
}

// LastGrad gives the bits of Grad in less memory, also where results are views of others, share a gradient, or are asked for.
func TestLastGrad(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	at, w := tensor.RandN(rng, 64, 8), tensor.RandN(rng, 8, 8)
	loss := func(tape *autograd.Tape) (y, x, weight, middle *autograd.Var) {
		x, weight = tape.Leaf(at), tape.Leaf(w)
		h := autograd.LeakyReLUOver(autograd.MatMul(x, weight), 0.5)
		for i := range 8 {
			next := autograd.Tanh(autograd.MatMul(h.Reshape(64, 8), weight))
			if i == 4 {
				middle = next
			}
			h = autograd.Add(h, autograd.Mul(next, autograd.Detach(h)))
		}
		norm := autograd.GradOnTape(autograd.Sum(h), x)[0]
		return autograd.Add(autograd.Mean(autograd.Square(h)), autograd.Mean(autograd.Square(norm))), x, weight, middle
	}
	kept, spent := autograd.NewTape(), autograd.NewTape()
	y, x, weight, middle := loss(kept)
	want := autograd.Grad(y, x, weight, middle)
	for range 3 {
		spent.Reset()
		y, x, weight, middle := loss(spent)
		value := y.Item()
		got := autograd.LastGrad(y, x, weight, middle)
		require.Equal(t, value, y.Item())
		for i, g := range got {
			require.Equal(t, want[i].Data(), g.Data())
		}
		require.Less(t, spent.Bytes(), kept.Bytes())
		require.PanicsWithValue(t, "autograd.Add: an input was made before its tape was reset", func() { autograd.Add(x, x) })
	}
	require.Empty(t, autograd.LastGrad(y))
	require.Equal(t, []float32{0}, autograd.LastGrad(autograd.Const(tensor.Scalar(1)), spent.Leaf(tensor.Full(5, 1)))[0].Data())
}

// Tapes that take turns need the memory of one.
func TestTapesBeside(t *testing.T) {
	tape := autograd.NewTape()
	beside := tape.Beside()
	tape.New(100)
	beside.New(1000)
	beside.Reset()
	held := tape.Bytes()
	tape.New(1000)
	require.Equal(t, held, tape.Bytes())
	tape.Reset()
	beside.New(1000)
	beside.New(100)
	require.Equal(t, held, beside.Bytes())
}

func TestRelease(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Const(tensor.New(1))
	autograd.Release(autograd.Alloc([]int{100}, x), x)
	held := tape.Bytes()
	autograd.Alloc([]int{100}, x)
	require.Equal(t, held, tape.Bytes())
	autograd.Release(tensor.New(3), autograd.Const(tensor.New(1)))
}

func TestAside(t *testing.T) {
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.Full(3, 100))
	y := tape.Aside(func() *autograd.Var { return autograd.Exp(autograd.Scale(x, 0)).Reshape(10, 10) })
	require.False(t, y.IsRecorded())
	held := tape.Bytes()
	other := autograd.Exp(x) // where the product was
	require.Equal(t, held, tape.Bytes())
	require.Equal(t, tensor.Full(1, 10, 10).Data(), y.Value().Data())
	require.InDelta(t, 20.0855, autograd.Grad(autograd.Mean(other), x)[0].Data()[0]*100, 1e-3)
	outside := autograd.Const(tensor.New(1))
	require.Same(t, outside, tape.Aside(func() *autograd.Var { return outside }))
}

// What is dropped is lent again, and no gradient changes.
func TestDrop(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := tensor.RandN(rng, 2, 3, 3, 4)
	grad := func(f func(y *autograd.Var, wrt ...*autograd.Var) []*tensor.Tensor, drop bool) ([]float32, *autograd.Tape) {
		tape := autograd.NewTape()
		leaf := tape.Leaf(x)
		h := autograd.Affine(leaf, 2, 1)
		y := autograd.PixelShuffle(h, 2)
		if drop {
			autograd.Drop(h)
		}
		z := autograd.Tanh(y)
		g := f(autograd.Sum(autograd.Square(z)), leaf)[0].Clone().Data()
		return g, tape
	}
	want, kept := grad(autograd.Grad, false)
	for _, f := range []func(y *autograd.Var, wrt ...*autograd.Var) []*tensor.Tensor{autograd.Grad, autograd.LastGrad} {
		got, tape := grad(f, true)
		require.Equal(t, want, got)
		require.Less(t, tape.Bytes(), kept.Bytes())
	}
	autograd.Drop(autograd.Const(x))

	// A value that has taken the place is not blamed on what was there before.
	tape := autograd.NewTape()
	h := autograd.Affine(tape.Leaf(x), 2, 1)
	y := autograd.PixelShuffle(h, 2)
	autograd.Drop(h)
	z := autograd.Log(autograd.Scale(autograd.Square(y), -1))
	op, _, found := tape.FirstNonFinite()
	require.True(t, found)
	require.Equal(t, "Log", op)
	require.Equal(t, y.Len(), z.Len())
}
