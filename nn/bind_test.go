package nn_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestBindLeavesTheOriginalUntouched(t *testing.T) {
	m := newOuter()
	before := *m
	beforeParams := nn.Params(m)
	tape := autograd.NewTape()
	b := nn.Bind(tape, m)

	require.Equal(t, before, *m)
	require.Equal(t, beforeParams, nn.Params(m))
	require.Equal(t, names(m), names(b))
	for i, e := range nn.Walk(b) {
		original := nn.Walk(m)[i]
		require.Same(t, original.Tensor(), e.Tensor(), "values and state are shared")
		if e.Param != nil {
			require.True(t, e.Param.IsRecorded())
			require.False(t, original.Param.IsRecorded())
		}
	}
	require.NotSame(t, m.First, b.First)
	require.Same(t, m.Kept, b.Kept, "what is not walked is shared")
	require.Same(t, m.Cached, b.Cached)
	require.Equal(t, m.notes, b.notes)
	require.Equal(t, m.Scale, b.Scale)
}

func TestBindKeepsTies(t *testing.T) {
	shared := &inner{W: param(5), State: tensor.New(1)}
	type tied struct {
		A *inner        `nn:"a"`
		B *inner        `nn:"b"`
		C *autograd.Var `nn:"c"`
	}
	m := &tied{shared, shared, shared.W}
	b := nn.Bind(autograd.NewTape(), m)
	require.Same(t, b.A, b.B)
	require.Same(t, b.A.W, b.C)
	require.Len(t, nn.Params(b), 1)
	// The gradient of a tied weight is that of all its places.
	loss := autograd.Sum(autograd.Add(autograd.Scale(b.A.W, 2), autograd.Scale(b.C, 3)))
	require.Equal(t, []float32{5, 5, 5, 5, 5}, autograd.Grad(loss, nn.Params(b)...)[0].Data())
}

func TestBindOfValuesAndInterfaces(t *testing.T) {
	tape := autograd.NewTape()
	byValue := nn.Bind(tape, inner{W: param(2)})
	require.True(t, byValue.W.IsRecorded())
	s := nn.Sequential{nn.NewLinear(2, 3, nn.LinearOptions{}, newRand()), nn.ReLU{}, inner{W: param(2)}}
	bound := nn.Bind(tape, s)
	require.True(t, bound[2].(inner).W.IsRecorded())
	require.False(t, s[2].(inner).W.IsRecorded())
	require.True(t, nn.Bind[nn.Plain](tape, nn.NewLinear(2, 3, nn.LinearOptions{}, newRand())).(*nn.Linear).Weight.IsRecorded())
	require.Nil(t, nn.Bind[*inner](tape, nil))
	require.PanicsWithValue(t, "nn.Bind: \"w\" is bound already; bind the original network", func() { nn.Bind(tape, byValue) })
}

func TestMessagesCallParametersByName(t *testing.T) {
	tape := autograd.NewTape()
	s := nn.Sequential{nn.NewLinear(2, 3, nn.LinearOptions{}, newRand()), nn.NewLinear(3, 1, nn.LinearOptions{}, newRand())}
	s[1].(*nn.Linear).Weight.Value().Data()[0] = float32(math.Inf(1))
	nn.Bind(tape, s).Forward(autograd.Const(tensor.Full(1, 1, 2)), nil)
	op, leaf, found := tape.FirstNonFinite()
	require.True(t, found)
	require.Equal(t, "leaf", op)
	require.Equal(t, "1.weight", leaf)
}

// A network that is not bound lets gradients through to its input.
func TestFrozenNetworksPassGradientsOn(t *testing.T) {
	rng := newRand()
	critic := nn.Sequential{nn.NewConv2D(2, 3, 3, nn.ConvOptions{}, rng), nn.NewBatchNorm2D(3, nn.BatchNormOptions{}), nn.LeakyReLU{Slope: 0.2}}
	tape := autograd.NewTape()
	x := tape.Leaf(tensor.RandN(rng, 2, 5, 5, 2))
	loss := autograd.Sum(autograd.Square(critic.Forward(x, nil)))
	require.NotZero(t, tensor.Norm(autograd.Grad(loss, x)[0]))
}

func TestOneNetworkInManyGoroutines(t *testing.T) {
	rng := newRand()
	net := nn.Sequential{
		nn.NewConv2D(3, 8, 3, nn.ConvOptions{Pad: 1, PadMode: tensor.PadReflect}, rng),
		nn.NewBatchNorm2D(8, nn.BatchNormOptions{}),
		nn.NewPReLU(nn.PReLUOptions{}),
		nn.NewSpectralNorm(nn.NewConv2D(8, 8, 3, nn.ConvOptions{Pad: 1}, rng), rng),
		nn.NewInstanceNorm2D(8, nn.NormOptions{}),
		nn.Dropout{Rate: 0.5},
		nn.PixelShuffle{Factor: 2},
		nn.NewMaskedConv2D(nn.MaskA, 2, 3, 3, nn.MaskedOptions{}, rng),
	}
	x := tensor.RandN(rng, 2, 6, 6, 3)
	work := func() []float32 {
		out := slices.Clone(net.Forward(autograd.Const(x), nil).Value().Data())
		tape := autograd.NewTape()
		bound := nn.Bind(tape, net)
		pass := &nn.Pass{Train: true, Rand: newRand()}
		loss := autograd.Mean(autograd.Square(bound.Forward(autograd.Const(x), pass)))
		for _, g := range autograd.Grad(loss, nn.Params(bound)...) {
			out = append(out, g.Data()...)
		}
		return out
	}
	want := work()
	var wg sync.WaitGroup
	got := make([][]float32, 8)
	for i := range got {
		wg.Go(func() { got[i] = work() })
	}
	wg.Wait()
	for _, g := range got {
		require.Equal(t, want, g)
	}
}
