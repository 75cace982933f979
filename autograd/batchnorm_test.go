package autograd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// composedNorm is the normalisation in single operations.
func composedNorm(x, gamma, beta *autograd.Var, perSample bool, eps float32) *autograd.Var {
	stats := make([]int, x.Rank())
	count := 1
	for i := range stats {
		stats[i] = 1
		if i == x.Rank()-1 || perSample && i == 0 {
			stats[i] = x.Dim(i)
		} else {
			count *= x.Dim(i)
		}
	}
	mean := func(v *autograd.Var) *autograd.Var {
		return autograd.Scale(autograd.SumTo(v, stats...), 1/float32(count))
	}
	centred := autograd.Sub(x, mean(x))
	y := autograd.Div(centred, autograd.Sqrt(autograd.Shift(mean(autograd.Square(centred)), eps)))
	if gamma != nil {
		y = autograd.Mul(y, gamma)
	}
	if beta != nil {
		y = autograd.Add(y, beta)
	}
	return y
}

// closeTo fails at the first element of got that is off by more than tol times the largest of want.
func closeTo(t *testing.T, what string, want, got *tensor.Tensor, tol float64) {
	t.Helper()
	require.Equal(t, want.Shape(), got.Shape(), what)
	size := 1e-3
	for _, v := range want.Data() {
		size = max(size, math.Abs(float64(v)))
	}
	for i, v := range want.Data() {
		require.InDelta(t, v, got.Data()[i], tol*size, "%s, element %d", what, i)
	}
}

func TestNormsAgreeWithTheirComposedTwins(t *testing.T) {
	for _, perSample := range []bool{false, true} {
		for _, affine := range []string{"γβ", "γ", "β", ""} {
			t.Run(map[bool]string{false: "batch ", true: "instance "}[perSample]+affine, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 2))
				tape := autograd.NewTape()
				x := tape.Leaf(tensor.Affine(tensor.RandN(rng, 2, 4, 3, 5), 1.5, 0.4))
				leaves := []*autograd.Var{x}
				var gamma, beta *autograd.Var
				if affine == "γβ" || affine == "γ" {
					gamma = tape.Leaf(tensor.Affine(tensor.RandN(rng, 5), 0.5, 1))
					leaves = append(leaves, gamma)
				}
				if affine == "γβ" || affine == "β" {
					beta = tape.Leaf(tensor.RandN(rng, 5))
					leaves = append(leaves, beta)
				}
				const eps = 1e-2 // large enough to show
				fused := func() *autograd.Var {
					if perSample {
						return autograd.InstanceNorm(x, gamma, beta, eps)
					}
					y, _, _ := autograd.BatchNorm(x, gamma, beta, eps)
					return y
				}
				a, b := fused(), composedNorm(x, gamma, beta, perSample, eps)
				closeTo(t, "value", b.Value(), a.Value(), 1e-6)

				w := autograd.Const(tensor.RandN(rng, x.Shape()...))
				lossA := autograd.Sum(autograd.Mul(autograd.Tanh(a), w))
				lossB := autograd.Sum(autograd.Mul(autograd.Tanh(b), w))
				want := autograd.Grad(lossB, leaves...)
				for i, g := range autograd.Grad(lossA, leaves...) { // the kernel
					closeTo(t, "gradient", want[i], g, 3e-6)
				}
				onTape := autograd.GradOnTape(lossA, leaves...) // in operations
				for i, g := range onTape {
					closeTo(t, "recorded gradient", want[i], g.Value(), 3e-6)
				}

				// Second order: the gradient of the gradient along a direction.
				second := func(grads []*autograd.Var) []*tensor.Tensor {
					directions := rand.New(rand.NewPCG(3, 4))
					sum := autograd.Const(tensor.Scalar(0))
					for _, g := range grads {
						d := autograd.Const(tensor.RandN(directions, g.Shape()...))
						sum = autograd.Add(sum, autograd.Sum(autograd.Mul(d, autograd.Square(g))))
					}
					return autograd.Grad(sum, leaves...)
				}
				want = second(autograd.GradOnTape(lossB, leaves...))
				for i, g := range second(onTape) {
					closeTo(t, "second order", want[i], g, 2e-5)
				}
			})
		}
	}
}

// What follows a norm in the same operation gives the bits that it gives afterwards, and the same derivatives.
func TestBatchNormThenIsOneAfterTheOther(t *testing.T) {
	const eps, c = 1e-3, 70
	rng := rand.New(rand.NewPCG(5, 6))
	tape := autograd.NewTape()
	x, gamma, beta := tape.Leaf(tensor.RandN(rng, 3, 30, 7, c)), tape.Leaf(tensor.RandN(rng, c)), tape.Leaf(tensor.RandN(rng, c))
	slopes, slope, skip := tape.Leaf(tensor.RandN(rng, c)), tape.Leaf(tensor.RandN(rng, 1)), tape.Leaf(tensor.RandN(rng, x.Shape()...))
	for name, f := range map[string]struct {
		finish autograd.NormFinish
		after  func(y *autograd.Var) *autograd.Var
		leaf   *autograd.Var
	}{
		"ReLU":        {autograd.NormFinish{Slope: autograd.Const(tensor.New(1))}, autograd.ReLU, x},
		"LeakyReLU":   {autograd.NormFinish{Slope: autograd.Const(tensor.Full(0.2, 1))}, func(y *autograd.Var) *autograd.Var { return autograd.LeakyReLU(y, 0.2) }, x},
		"one slope":   {autograd.NormFinish{Slope: slope}, func(y *autograd.Var) *autograd.Var { return autograd.PReLU(y, slope) }, slope},
		"many slopes": {autograd.NormFinish{Slope: slopes}, func(y *autograd.Var) *autograd.Var { return autograd.PReLU(y, slopes) }, slopes},
		"Add":         {autograd.NormFinish{Add: skip}, func(y *autograd.Var) *autograd.Var { return autograd.Add(skip, y) }, skip},
	} {
		t.Run(name, func(t *testing.T) {
			got, mean, variance := autograd.BatchNormThen(x, gamma, beta, eps, f.finish)
			y, wantMean, wantVariance := autograd.BatchNorm(x, gamma, beta, eps)
			require.Equal(t, wantMean.Data(), mean.Data())
			require.Equal(t, wantVariance.Data(), variance.Data())
			want := f.after(y)
			require.Equal(t, want.Value().Data(), got.Value().Data())

			leaves := []*autograd.Var{x, gamma, beta, f.leaf}
			w := autograd.Const(tensor.RandN(rng, x.Shape()...))
			loss := func(y *autograd.Var) *autograd.Var { return autograd.Mean(autograd.Mul(autograd.Tanh(y), w)) }
			grads := autograd.Grad(loss(want), leaves...)
			for i, g := range autograd.Grad(loss(got), leaves...) {
				closeTo(t, "gradient", grads[i], g, 1e-5)
			}
			for i, g := range autograd.GradOnTape(loss(got), leaves...) {
				closeTo(t, "recorded gradient", grads[i], g.Value(), 1e-4)
			}
		})
	}
}

func TestChannelAffine(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	tape := autograd.NewTape()
	x, s, b := tape.Leaf(tensor.RandN(rng, 2, 3, 4)), tape.Leaf(tensor.RandN(rng, 4)), tape.Leaf(tensor.RandN(rng, 4))
	a := autograd.ChannelAffine(x, s, b)
	c := autograd.Add(autograd.Mul(x, s), b)
	closeTo(t, "value", c.Value(), a.Value(), 1e-7)
	lossA, lossC := autograd.Sum(autograd.Tanh(a)), autograd.Sum(autograd.Tanh(c))
	want := autograd.Grad(lossC, x, s, b)
	for i, g := range autograd.Grad(lossA, x, s, b) {
		closeTo(t, "gradient", want[i], g, 1e-6)
	}
	second := func(l *autograd.Var) []*tensor.Tensor {
		g := autograd.GradOnTape(l, x, s, b)
		sum := autograd.Add(autograd.Sum(autograd.Square(g[0])), autograd.Sum(autograd.Square(g[1])))
		return autograd.Grad(autograd.Add(sum, autograd.Sum(autograd.Square(g[2]))), x, s, b)
	}
	want = second(lossC)
	for i, g := range second(lossA) {
		closeTo(t, "second order", want[i], g, 3e-6)
	}
}

// A step with norms, forward and backward, reuses its memory.
func TestNormsReuseMemory(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	values, gamma := tensor.RandN(rng, 2, 8, 8, 16), tensor.Full(1, 16)
	tape := autograd.NewTape()
	step := func() {
		tape.Reset()
		x, g := tape.Leaf(values), tape.Leaf(gamma)
		y, _, _ := autograd.BatchNorm(x, g, nil, 1e-5)
		autograd.Grad(autograd.Sum(autograd.Square(autograd.InstanceNorm(y, g, nil, 1e-5))), x, g)
	}
	step()
	held := tape.Bytes()
	for range 3 {
		step()
		require.Equal(t, held, tape.Bytes())
	}
}
