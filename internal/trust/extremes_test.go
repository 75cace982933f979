package trust

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func isFinite(x ...float32) bool {
	for _, v := range x {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return false
		}
	}
	return true
}

// Losses that take logits are exact for logits of any size, and so are their gradients.
func TestExtremeLogits(t *testing.T) {
	for _, a := range []float32{0, 1e-30, 80, 104, 1e4, 1e30} {
		for _, x := range []float32{a, -a} {
			for target, want := range map[float32]float64{1: max(float64(-x), 0), 0: max(float64(x), 0)} {
				tape := autograd.NewTape()
				v := tape.Leaf(tensor.Full(x, 1))
				loss := nn.BCEWithLogitsTo(v, target, nil)
				require.InDelta(t, want, float64(loss.Item()), 0.6932+1e-6*want)
				grad := autograd.Grad(loss, v)[0].Item()
				require.InDelta(t, 1/(1+math.Exp(-float64(x)))-float64(target), float64(grad), 1e-6)
			}
			tape := autograd.NewTape()
			v := tape.Leaf(tensor.FromSlice([]float32{x, 0, -x}, 1, 3))
			for label := range 3 {
				loss := nn.CrossEntropy(v, []int{label})
				require.InDelta(t, float64(max(x, -x)-v.Value().At(0, label)), float64(loss.Item()), 1.0987+1e-6*float64(a))
				require.True(t, isFinite(autograd.Grad(loss, v)[0].Data()...))
			}
			for _, l := range []gan.Loss{gan.NonSaturating{}, gan.Minimax{}, gan.Hinge{}, gan.Wasserstein{}} {
				real, fake := tape.Leaf(tensor.Full(x, 3, 1)), tape.Leaf(tensor.Full(-x, 3, 1))
				for _, value := range []*autograd.Var{l.Discriminator(real, fake), l.Generator(nil, fake)} {
					require.True(t, isFinite(value.Item()), "%T of %g", l, x)
					require.True(t, isFinite(autograd.Grad(value, fake)[0].Data()...), "%T of %g", l, x)
				}
			}
		}
	}
}

// Where nothing varies, norms return β, and gradients are finite.
func TestZeroVariance(t *testing.T) {
	for name, layer := range map[string]func(x *autograd.Var) *autograd.Var{
		"batch norm": func(x *autograd.Var) *autograd.Var {
			return nn.NewBatchNorm2D(4, nn.BatchNormOptions{}).Forward(x, &nn.Pass{Train: true})
		},
		"instance norm": nn.NewInstanceNorm2D(4, nn.NormOptions{}).Forward,
		"group norm":    nn.NewGroupNorm(2, 4, nn.NormOptions{}).Forward,
		"layer norm":    nn.NewLayerNorm(4, nn.NormOptions{}).Forward,
	} {
		for _, value := range []float32{0, 1, -3e4, 1e18} {
			tape := autograd.NewTape()
			x := tape.Leaf(tensor.Full(value, 2, 3, 5, 4))
			y := layer(x)
			require.Equal(t, tensor.New(2, 3, 5, 4).Data(), y.Value().Data(), "%s of %g", name, value)
			g := autograd.Grad(autograd.Sum(autograd.Mul(y, tape.Const(tensor.RandN(newRand(1), 2, 3, 5, 4)))), x)[0]
			require.True(t, isFinite(g.Data()...), "%s of %g", name, value)
		}
	}
}

// A batch norm that trains needs two values of each channel, and says so; one picture of several pixels has them.
func TestBatchNormOfABatchOfOne(t *testing.T) {
	l := nn.NewBatchNorm2D(3, nn.BatchNormOptions{})
	training := func() *nn.Pass { return &nn.Pass{Train: true} }
	for shape, x := range map[string]*tensor.Tensor{"(1,3)": tensor.New(1, 3), "(1,1,1,3)": tensor.New(1, 1, 1, 3), "(0,4,4,3)": tensor.New(0, 4, 4, 3)} {
		require.PanicsWithValue(t, "nn.BatchNorm2D: training needs more than one value for each channel, got "+shape, func() {
			l.Forward(autograd.Const(x), training())
		})
	}
	x := tensor.RandN(newRand(1), 1, 2, 1, 3)
	y := l.Forward(autograd.Const(x), training()).Value()
	for c := range 3 {
		require.InDelta(t, 0, float64(y.At(0, 0, 0, c)+y.At(0, 1, 0, c)), 1e-5)
	}
	require.True(t, isFinite(l.Forward(autograd.Const(tensor.New(1, 3)), nil).Value().Data()...), "inference takes one")
}

// Of nothing, layers make nothing, and a mean is NaN, which a run reports.
func TestEmptyBatch(t *testing.T) {
	rng := newRand(1)
	empty := autograd.Const(tensor.New(0, 4, 4, 3))
	require.Equal(t, []int{0, 4, 4, 5}, nn.NewConv2D(3, 5, 3, nn.ConvOptions{Pad: 1}, rng).Forward(empty).Shape())
	require.Equal(t, []int{0, 8, 8, 5}, nn.NewConvTranspose2D(3, 5, 4, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng).Forward(empty).Shape())
	require.Equal(t, []int{0, 2}, nn.NewLinear(48, 2, nn.LinearOptions{}, rng).Forward(empty.Reshape(0, 48)).Shape())
	require.True(t, math.IsNaN(float64(nn.MSE(empty, empty).Item())))
	require.Zero(t, autograd.Sum(empty).Item())
	require.PanicsWithValue(t, "tensor.MaxArgInto: nothing to choose from in shape (0,4,4,3)", func() { autograd.Max(empty) })

	l := nn.NewLinear(3, 1, nn.LinearOptions{}, rng)
	before := append([]float32(nil), l.Weight.Value().Data()...)
	p := train.Player[*tensor.Tensor]{Model: l, Opt: optim.SGD{Rate: 1}, Loss: func(s *train.Step, x *tensor.Tensor) train.Terms {
		return train.Terms{{Name: "square", Weight: 1, Value: autograd.Mean(autograd.Square(train.Use(s, l).Forward(s.Const(x))))}}
	}}
	src := data.Func[*tensor.Tensor](func(int, *rand.Rand) (*tensor.Tensor, error) { return tensor.New(0, 3), nil })
	err := train.Play(context.Background(), train.Run{Steps: 1, Progress: io.Discard}, []train.Player[*tensor.Tensor]{p}, data.Source[*tensor.Tensor](src))
	require.ErrorContains(t, err, "train: step 1: NaN first appears in ")
	require.Equal(t, before, l.Weight.Value().Data())
}
