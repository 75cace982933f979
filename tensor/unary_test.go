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

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // zero and NaN
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func leaky(slope float64) func(float64) float64 {
	return func(x float64) float64 {
		if x > 0 {
			return x
		}
		return slope * x
	}
}

var unaries = map[string]struct {
	f    func(x tsr) tsr
	into func(dst, x tsr)
	ref  func(x float64) float64
	tol  float64
}{
	"Abs":      {tensor.Abs, tensor.AbsInto, math.Abs, 0},
	"Sign":     {tensor.Sign, tensor.SignInto, sign, 0},
	"Square":   {tensor.Square, tensor.SquareInto, func(x float64) float64 { return x * x }, 1e-7},
	"Sqrt":     {tensor.Sqrt, tensor.SqrtInto, math.Sqrt, 1e-7},
	"Exp":      {tensor.Exp, tensor.ExpInto, math.Exp, 5e-7},
	"Log":      {tensor.Log, tensor.LogInto, math.Log, 5e-7},
	"Tanh":     {tensor.Tanh, tensor.TanhInto, math.Tanh, 5e-7},
	"Sigmoid":  {tensor.Sigmoid, tensor.SigmoidInto, sigmoid, 5e-7},
	"Softplus": {tensor.Softplus, tensor.SoftplusInto, softplus, 5e-7},
	"LeakyReLU": {func(x tsr) tsr { return tensor.LeakyReLU(x, 0.25) },
		func(dst, x tsr) { tensor.LeakyReLUInto(dst, x, 0.25) }, leaky(0.25), 0},
	"Affine": {func(x tsr) tsr { return tensor.Affine(x, -2, 0.5) },
		func(dst, x tsr) { tensor.AffineInto(dst, x, -2, 0.5) }, func(x float64) float64 { return -2*x + 0.5 }, 1e-6},
	"Clamp": {func(x tsr) tsr { return tensor.Clamp(x, -0.5, 1) },
		func(dst, x tsr) { tensor.ClampInto(dst, x, -0.5, 1) }, func(x float64) float64 { return min(max(x, -0.5), 1) }, 0},
	"Pow": {func(x tsr) tsr { return tensor.Pow(x, 3) },
		func(dst, x tsr) { tensor.PowInto(dst, x, 3) }, func(x float64) float64 { return math.Pow(x, 3) }, 1e-7},
	"PowHalf": {func(x tsr) tsr { return tensor.Pow(x, -0.5) },
		func(dst, x tsr) { tensor.PowInto(dst, x, -0.5) }, func(x float64) float64 { return math.Pow(x, -0.5) }, 1e-7},
}

func TestUnary(t *testing.T) {
	for name, op := range unaries {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				x := drawTensor(t, drawShape(t, 0, 3)...)
				tensor.AffineInto(x, x, rapid.SampledFrom([]float32{1e-3, 1, 10, 30}).Draw(t, "scale"), 0)
				want := tensortest.Map(tensortest.From(x), func(v float64) float64 { return float64(float32(op.ref(v))) })
				y := op.f(x)
				check(t, want, op.tol, y, func(dst tsr) { op.into(dst, x) })
				op.into(x, x)
				tensortest.Same(t, y, x)
			})
		})
	}
}

// Every length from none past any unrolling, at every start.
func TestUnaryLengths(t *testing.T) {
	for name, op := range unaries {
		t.Run(name, func(t *testing.T) {
			all := tensor.RandN(newRand(), 80)
			for n := range 67 {
				for start := range 5 {
					x := tensor.FromSlice(all.Data()[start:start+n:start+n], n)
					dst := tensortest.NewGuarded(start, n)
					op.into(dst.Tensor, x)
					dst.Check(t)
					tensortest.Close(t, tensortest.Map(tensortest.From(x), op.ref), dst.Tensor, max(op.tol, 1e-6))
				}
			}
		})
	}
}

func TestUnaryGolden(t *testing.T) {
	for name, f := range map[string]func(tsr) tsr{
		"relu":       func(x tsr) tsr { return tensor.LeakyReLU(x, 0) },
		"leaky_relu": func(x tsr) tsr { return tensor.LeakyReLU(x, 0.2) },
		"softplus":   tensor.Softplus, "sigmoid": tensor.Sigmoid, "tanh": tensor.Tanh,
	} {
		v := golden.Load(name)
		tensortest.Close(t, array(v["y"]), f(array(v["x"]).Tensor()), 1e-6)
	}
}

func TestStep(t *testing.T) {
	x := tensor.FromSlice([]float32{-1, float32(math.Copysign(0, -1)), 0, 2}, 4)
	tensor.StepInto(x, x)
	require.Equal(t, []float32{0, 1, 1, 1}, x.Data())
}

func TestGradientKernels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 3)
		a, g := drawFinite(t, shape...), drawFinite(t, shape...)
		for _, c := range []struct {
			f   func(dst, a, g tsr)
			ref func(a, g float64) float64
		}{
			{tensor.TanhGradInto, func(y, g float64) float64 { return g * (1 - y*y) }},
			{tensor.SigmoidGradInto, func(y, g float64) float64 { return g * y * (1 - y) }},
			{func(dst, x, g tsr) { tensor.LeakyReLUGradInto(dst, x, g, 0.25) }, func(x, g float64) float64 {
				if x > 0 {
					return g
				}
				return 0.25 * g
			}},
		} {
			want := tensortest.Zip(tensortest.From(a), tensortest.From(g), c.ref)
			tensortest.Close(t, want, into(t, shape, func(dst tsr) { c.f(dst, a, g) }), 1e-6)
		}
		want := tensortest.Zip(tensortest.From(a), tensortest.From(g), func(a, g float64) float64 { return a - 3*g })
		tensor.AddScaledInto(a, g, -3)
		tensortest.Close(t, want, a, 1e-6)
	})
}

func TestPReLU(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 3)
		c := max(1, shape[len(shape)-1])
		shape[len(shape)-1] = c
		slopes := rapid.SampledFrom([]int{1, c}).Draw(t, "slopes")
		x, slope, g := drawTensor(t, shape...), drawFinite(t, slopes), drawFinite(t, shape...)
		xs, ss, gs := tensortest.From(x), tensortest.From(slope), tensortest.From(g)
		step := func(x, s float64) float64 {
			if x > 0 {
				return 1
			}
			return s
		}
		factor := tensortest.Zip(xs, ss, step)
		mul := func(a, b float64) float64 { return a * b }
		want := tensortest.Zip(xs, factor, mul)
		tensortest.Close(t, want, into(t, shape, func(dst tsr) { tensor.PReLUInto(dst, x, slope) }), 1e-6)
		// The derivative at NaN is nobody's business.
		x = drawFinite(t, shape...)
		factor = tensortest.Zip(tensortest.From(x), ss, step)
		want = tensortest.Zip(gs, factor, mul)
		tensortest.Close(t, want, into(t, shape, func(dst tsr) { tensor.PReLUGradInputInto(dst, x, slope, g) }), 1e-6)

		want = tensortest.Zeros(slopes)
		tensortest.Each(shape, func(i []int) {
			want.Add(float64(g.At(i...))*min(0, float64(x.At(i...))), min(i[len(i)-1], slopes-1))
		})
		tensortest.Close(t, want, into(t, []int{slopes}, func(dst tsr) { tensor.PReLUGradSlopeInto(dst, x, g) }), 1e-5)
	})
}

func TestPReLUGolden(t *testing.T) {
	for _, name := range []string{"prelu_shared", "prelu_channel"} {
		v := golden.Load(name)
		x := images(v["x"]).Tensor()
		y := zeros(x.Shape()...)
		tensor.PReLUInto(y, x, array(v["w"]).Tensor())
		tensortest.Close(t, images(v["y"]), y, 1e-7)
	}
}

func TestAllFinite(t *testing.T) {
	x := seq(3, 40)
	require.True(t, tensor.AllFinite(x))
	require.True(t, tensor.AllFinite(zeros(0)))
	for _, v := range []float64{nan, inf, -inf} {
		for _, at := range []int{0, 57, 119} {
			y := x.Clone()
			y.Data()[at] = float32(v)
			require.False(t, tensor.AllFinite(y), "%v at %d", v, at)
		}
	}
	require.True(t, tensor.AllFinite(tensor.Full(math.MaxFloat32, 100)))
}

func TestUnaryMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.TanhInto: destination must be (2,3), got (6)", func() { tensor.TanhInto(zeros(6), zeros(2, 3)) }},
		{"tensor.TanhGradInto: destination must be (2), got (3)", func() { tensor.TanhGradInto(zeros(3), zeros(2), zeros(3)) }},
		{"tensor.AddScaledInto: destination must be (2), got (3)", func() { tensor.AddScaledInto(zeros(3), zeros(2), 1) }},
		{"tensor.PReLUInto: want 1 slope or one for each channel, got (2,3) and (2)",
			func() { tensor.PReLUInto(zeros(2, 3), zeros(2, 3), zeros(2)) }},
		{"tensor.PReLUInto: want 1 slope or one for each channel, got (2,3) and (0)",
			func() { tensor.PReLUInto(zeros(2, 3), zeros(2, 3), zeros(0)) }},
		{"tensor.PReLUGradSlopeInto: want 1 slope or one for each channel, got (2,3) and (0)",
			func() { tensor.PReLUGradSlopeInto(zeros(0), zeros(2, 3), zeros(2, 3)) }},
	})
}
