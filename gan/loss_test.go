package gan_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

func sigmoid(a float64) float64 { return 1 / (1 + math.Exp(-a)) }

func average(x []float64, f func(float64) float64) float64 {
	s := 0.0
	for _, v := range x {
		s += f(v)
	}
	return s / float64(len(x))
}

func relu(x float64) float64 { return max(x, 0) }

// definitions are the losses as the papers write them.
var definitions = []struct {
	name          string
	loss          gan.Loss
	discriminator func(real, fake []float64) float64
	generator     func(real, fake []float64) float64
}{
	{
		"minimax", gan.Minimax{},
		func(r, f []float64) float64 { return -average(r, logD) - average(f, logNotD) },
		func(_, f []float64) float64 { return average(f, logNotD) },
	},
	{
		"non-saturating", gan.NonSaturating{},
		func(r, f []float64) float64 { return -average(r, logD) - average(f, logNotD) },
		func(_, f []float64) float64 { return -average(f, logD) },
	},
	{
		"smoothed", gan.NonSaturating{Smooth: 0.1},
		func(r, f []float64) float64 {
			return -0.9*average(r, logD) - 0.1*average(r, logNotD) - average(f, logNotD)
		},
		func(_, f []float64) float64 { return -average(f, logD) },
	},
	{
		"least squares", gan.LeastSquares{},
		func(r, f []float64) float64 {
			return average(r, func(v float64) float64 { return (v - 1) * (v - 1) / 2 }) + average(f, func(v float64) float64 { return v * v / 2 })
		},
		func(_, f []float64) float64 {
			return average(f, func(v float64) float64 { return (v - 1) * (v - 1) / 2 })
		},
	},
	{
		"hinge", gan.Hinge{},
		func(r, f []float64) float64 {
			return average(r, func(v float64) float64 { return relu(1 - v) }) + average(f, func(v float64) float64 { return relu(1 + v) })
		},
		func(_, f []float64) float64 { return -average(f, same) },
	},
	{
		"wasserstein", gan.Wasserstein{},
		func(r, f []float64) float64 { return average(f, same) - average(r, same) },
		func(_, f []float64) float64 { return -average(f, same) },
	},
	{
		"relativistic average", gan.RelativisticAverage{},
		relativistic,
		func(r, f []float64) float64 { return relativistic(f, r) },
	},
}

func same(v float64) float64    { return v }
func logD(a float64) float64    { return math.Log(sigmoid(a)) }
func logNotD(a float64) float64 { return math.Log(1 - sigmoid(a)) }

func relativistic(r, f []float64) float64 {
	mr, mf := average(r, same), average(f, same)
	return -average(r, func(v float64) float64 { return logD(v - mf) }) - average(f, func(v float64) float64 { return logNotD(v - mr) })
}

func TestLossesAreTheirDefinitions(t *testing.T) {
	real := tensor.FromSlice([]float32{0.3, -1.7, 2.2, 0.9}, 4, 1)
	fake := tensor.FromSlice([]float32{-0.4, 1.5, -2.8, 0.1}, 4, 1)
	for _, d := range definitions {
		wrap := func(f func(r, f []float64) float64) func(in ...tensortest.Array) tensortest.Array {
			return func(in ...tensortest.Array) tensortest.Array {
				return tensortest.Array{Data: []float64{f(in[0].Data, in[1].Data)}}
			}
		}
		gradtest.Check(t, gradtest.Case{Name: d.name + ", discriminator", In: []*tensor.Tensor{real, fake},
			F:   func(in ...*autograd.Var) *autograd.Var { return d.loss.Discriminator(in[0], in[1]) },
			Ref: wrap(d.discriminator)})
		gradtest.Check(t, gradtest.Case{Name: d.name + ", generator", In: []*tensor.Tensor{real, fake},
			F:   func(in ...*autograd.Var) *autograd.Var { return d.loss.Generator(in[0], in[1]) },
			Ref: wrap(d.generator)})
	}
}

func TestSmoothedLeastSquares(t *testing.T) {
	l := gan.LeastSquares{Smooth: 0.1}
	require.InDelta(t, 0, l.Discriminator(vector(0.9), vector(0)).Item(), 1e-7)
	require.InDelta(t, 0.5*0.01, l.Discriminator(vector(1), vector(0)).Item(), 1e-6)
	require.InDelta(t, 0, l.Generator(nil, vector(1)).Item(), 1e-7)
}

// At the optimum the discriminator cannot tell, and the value of the game is −ln 4.
func TestLossesAtTheOptimum(t *testing.T) {
	unsure := vector(0, 0, 0)
	require.InDelta(t, 1.3862943611, gan.Minimax{}.Discriminator(unsure, unsure).Item(), 1e-6)
	require.InDelta(t, -math.Ln2, gan.Minimax{}.Generator(nil, unsure).Item(), 1e-6)
	require.InDelta(t, math.Ln2, gan.NonSaturating{}.Generator(nil, unsure).Item(), 1e-6)
	require.InDelta(t, 2*math.Ln2, gan.RelativisticAverage{}.Discriminator(unsure, unsure).Item(), 1e-6)
}

// The optimal discriminator of two distributions is p/(p+q), with which the loss is ln 4 − 2·JSD(p,q); moving it in any
// direction raises the loss. Goodfellow et al. 2014, proposition 1 and theorem 1.
func TestOptimalDiscriminator(t *testing.T) {
	p, q := []int{1, 3, 4}, []int{5, 2, 1} // eighths
	logit := func(i int) float64 { return math.Log(float64(p[i]) / float64(q[i])) }
	loss := func(shift []float64) float64 {
		var real, fake []float32
		for i := range p {
			for range p[i] {
				real = append(real, float32(logit(i)+shift[i]))
			}
			for range q[i] {
				fake = append(fake, float32(logit(i)+shift[i]))
			}
		}
		return float64(gan.Minimax{}.Discriminator(vector(real...), vector(fake...)).Item())
	}
	jsd := 0.0
	for i := range p {
		a, b := float64(p[i])/8, float64(q[i])/8
		jsd += a/2*math.Log(2*a/(a+b)) + b/2*math.Log(2*b/(a+b))
	}
	best := loss(make([]float64, 3))
	require.InDelta(t, math.Log(4)-2*jsd, best, 1e-6)
	for i := range p {
		for _, by := range []float64{-0.1, 0.1} {
			shift := make([]float64, 3)
			shift[i] = by
			require.Greater(t, loss(shift), best)
		}
	}
}

// Sure logits of any size neither overflow nor lose their gradient.
func TestLossesOfHugeLogits(t *testing.T) {
	for _, d := range definitions {
		tape := autograd.NewTape()
		real, fake := tape.Leaf(tensor.Full(-300, 2, 1)), tape.Leaf(tensor.Full(300, 2, 1))
		l := d.loss.Discriminator(real, fake)
		require.True(t, tensor.AllFinite(l.Value()), d.name)
		for _, g := range autograd.Grad(l, real, fake) {
			require.True(t, tensor.AllFinite(g), d.name)
			require.Greater(t, math.Abs(float64(g.At(0, 0))), 0.1, d.name)
		}
	}
	tape := autograd.NewTape()
	sure := tape.Leaf(tensor.Full(-300, 1, 1))
	require.Zero(t, autograd.Grad(gan.Minimax{}.Generator(nil, sure), sure)[0].Item(), "the minimax loss saturates")
	require.EqualValues(t, -1, autograd.Grad(gan.NonSaturating{}.Generator(nil, sure), sure)[0].Item())
}
