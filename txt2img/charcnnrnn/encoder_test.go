package charcnnrnn_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func TestPublishedSizes(t *testing.T) {
	icml := charcnnrnn.New(charcnnrnn.Options{}, newRand(1))
	require.Equal(t, 4_045_184, nn.NumParams(icml))
	require.Equal(t, []int{201, 198, 66, 63, 21, 18}, icml.Options.Lengths())
	require.Equal(t, 1024, icml.Width())

	cvpr := charcnnrnn.New(charcnnrnn.Options{Variant: charcnnrnn.CVPR}, newRand(1))
	require.Equal(t, 1_814_144, nn.NumParams(cvpr))
	require.Equal(t, []int{201, 198, 66, 63, 21, 18, 8}, cvpr.Options.Lengths())

	for _, e := range []*charcnnrnn.Encoder{icml, cvpr} {
		y := e.Forward(autograd.Const(charcnnrnn.OneHot([]string{"a red heart"}, 201)), nil)
		require.Equal(t, []int{1, 1024}, y.Shape())
		lo, hi := float32(0), float32(0)
		for _, v := range values(e) {
			lo, hi = min(lo, v), max(hi, v)
		}
		require.InDelta(t, -0.08, lo, 1e-4, "starting weights are uniform on ±0.08")
		require.InDelta(t, 0.08, hi, 1e-4)
	}
}

// Lengths must be those that the layers really have.
func TestLengths(t *testing.T) {
	for length := 30; length < 90; length++ {
		for _, v := range []charcnnrnn.Variant{charcnnrnn.ICML, charcnnrnn.CVPR} {
			o := charcnnrnn.Options{Variant: v, Length: length, Conv: [3]int{2, 2, 2}, RNN: 2, Out: 2}
			least := map[charcnnrnn.Variant]int{charcnnrnn.ICML: 48, charcnnrnn.CVPR: 66}[v]
			require.Equal(t, length >= least, o.Check() == nil, "%s %d", v, length)
			if length < least {
				continue
			}
			e := charcnnrnn.New(o, newRand(1))
			last := tensor.New(0)
			e.Recurrent = spy{e.Recurrent, &last}
			e.Forward(autograd.Const(charcnnrnn.OneHot([]string{"x"}, length)), nil)
			l := o.Lengths()
			require.Equal(t, l[len(l)-1], last.Dim(1), "%s %d", v, length)
		}
	}
}

type spy struct {
	charcnnrnn.Recurrent
	seen **tensor.Tensor
}

func (s spy) Forward(x *autograd.Var) *autograd.Var {
	*s.seen = x.Value()
	return s.Recurrent.Forward(x)
}

func TestCheck(t *testing.T) {
	for want, o := range map[string]charcnnrnn.Options{
		"no variant":      {Variant: "bert"},
		"a size of -1":    {Conv: [3]int{0, -1, 0}},
		"a size of 20000": {Out: 20_000},
		"too few":         {Length: 20},
		"a dropout of 1":  {Dropout: 1},
	} {
		require.ErrorContains(t, o.Check(), want)
		require.Panics(t, func() { charcnnrnn.New(o, newRand(1)) })
	}
	require.NoError(t, charcnnrnn.Options{}.Check())
	e := charcnnrnn.New(small(charcnnrnn.ICML), newRand(1))
	require.PanicsWithValue(t, "charcnnrnn.Encoder: want (N,72,70), got (1,71,70)", func() {
		e.Forward(autograd.Const(tensor.New(1, 71, 70)), nil)
	})
}

func TestEncodeIsForward(t *testing.T) {
	captions := []string{
		"a red heart", "", "сердце", strings.Repeat("long ", 20_000), "\xff\xfe broken", "A-B (c) #1",
		"this bird has a white belly, a short beak and wings that are brown with 2 bars of white; its tail is long.",
	}
	for i := range 80 {
		captions = append(captions, strings.Repeat("x y", i))
	}
	for _, v := range []charcnnrnn.Variant{charcnnrnn.ICML, charcnnrnn.CVPR} {
		e := charcnnrnn.New(small(v), newRand(2))
		dense := e.Forward(autograd.Const(charcnnrnn.OneHot(captions, 72)), nil).Value()
		got := e.Encode(captions)
		near(t, dense, got, 1e-5)
		require.Equal(t, e.Encode([]string{""}).Data(), e.Encode([]string{"сердце"}).Data(), "nothing readable is like nothing")
		require.NotEqual(t, e.Encode([]string{""}).Data(), e.Encode([]string{"a red heart"}).Data())
		require.Equal(t, e.Encode([]string{"A RED Heart"}).Data(), e.Encode([]string{"a red heart"}).Data())
		require.True(t, tensor.AllFinite(got))

		alone := e.Encode(captions[6:7])
		near(t, alone, got.Rows(6, 7), 1e-6)
		require.Equal(t, []int{0, 32}, e.Encode(nil).Shape())
	}
}

func TestEncodeAtOnce(t *testing.T) {
	e := charcnnrnn.New(small(charcnnrnn.ICML), newRand(2))
	want := e.Encode([]string{"a red heart", "a cat"}).Data()
	var wait sync.WaitGroup
	got := make([][]float32, 8)
	for i := range got {
		wait.Go(func() { got[i] = e.Encode([]string{"a red heart", "a cat"}).Data() })
	}
	wait.Wait()
	for _, g := range got {
		require.Equal(t, want, g)
	}
}

func TestDropoutIsForTraining(t *testing.T) {
	o := small(charcnnrnn.ICML)
	o.Dropout = 0.5
	e := charcnnrnn.New(o, newRand(2))
	x := autograd.Const(charcnnrnn.OneHot([]string{"a red heart"}, 72))
	still := e.Forward(x, nil).Value().Data()
	require.Equal(t, still, e.Forward(x, &nn.Pass{}).Value().Data())
	require.NotEqual(t, still, e.Forward(x, &nn.Pass{Train: true, Rand: newRand(3)}).Value().Data())
}

// The whole networks, their layout in checkpoints and two gradients against PyTorch.
func TestGolden(t *testing.T) {
	for _, v := range []charcnnrnn.Variant{charcnnrnn.ICML, charcnnrnn.CVPR} {
		f, err := checkpoint.Open("testdata/golden_" + string(v) + ".safetensors")
		require.NoError(t, err)
		defer f.Close()
		var captions []string
		require.NoError(t, json.Unmarshal([]byte(f.Metadata()["captions"]), &captions))
		e := charcnnrnn.New(charcnnrnn.Options{Variant: v, Length: 90, Conv: [3]int{5, 7, 6}, RNN: 4, Out: 3}, newRand(1))
		require.NoError(t, f.Load(e, checkpoint.LoadOptions{Ignore: func(n string) bool { return strings.HasPrefix(n, "golden.") }}))
		load := func(name string) *tensor.Tensor {
			x, err := f.Tensor("golden." + name)
			require.NoError(t, err)
			return x
		}

		near(t, load("y"), e.Encode(captions), 1e-5)
		tape := autograd.NewTape()
		bound := nn.Bind(tape, e)
		y := bound.Forward(autograd.Const(charcnnrnn.OneHot(captions, 90)), nil)
		near(t, load("y"), y.Value(), 1e-5)

		input := func(e *charcnnrnn.Encoder) *autograd.Var {
			if g, ok := e.Recurrent.(*charcnnrnn.GRU); ok {
				return g.Input.Weight
			}
			return e.Recurrent.(*charcnnrnn.ReLURNN).Input.Weight
		}
		loss := autograd.Sum(autograd.Mul(y, autograd.Const(load("grad_y"))))
		g := autograd.Grad(loss, bound.Conv1.Weight, input(bound))
		near(t, tensor.Permute(load("grad.conv1"), 2, 1, 0), g[0], 2e-5)
		near(t, tensor.Permute(load("grad.input"), 1, 0), g[1], 2e-5)
	}
}

// The recurrent networks alone, state by state, against PyTorch.
func TestGoldenStates(t *testing.T) {
	set := func(l *nn.Linear, a map[string]golden.Array, names ...string) {
		var ws, bs []*tensor.Tensor
		for _, n := range names {
			w, b := a["w_"+n], a["b_"+n]
			ws = append(ws, tensor.Permute(tensor.FromSlice(w.Data, w.Shape...), 1, 0))
			bs = append(bs, tensor.FromSlice(b.Data, b.Shape...))
		}
		copy(l.Weight.Value().Data(), tensor.Concat(1, ws...).Data())
		copy(l.Bias.Value().Data(), tensor.Concat(0, bs...).Data())
	}
	check := func(a map[string]golden.Array, states func(x *autograd.Var) []*autograd.Var, mean func(x *autograd.Var) *autograd.Var) {
		x := autograd.Const(tensor.FromSlice(a["x"].Data, a["x"].Shape...))
		want := tensor.FromSlice(a["y"].Data, a["y"].Shape...)
		near(t, want, autograd.Stack(1, states(x)...).Value(), 1e-6)
		near(t, autograd.Mean(autograd.Const(want), 1).Value(), mean(x).Value(), 1e-6)
	}
	a := golden.Load("char_gru")
	g := charcnnrnn.NewGRU(3, 4, newRand(1))
	set(g.Input, a, "ux", "rx", "x")
	set(g.Gates, a, "uh", "rh")
	set(g.Candidate, a, "h")
	check(a, g.States, g.Forward)

	a = golden.Load("char_rnn")
	r := charcnnrnn.NewReLURNN(3, 4, newRand(1))
	set(r.Input, a, "x")
	set(r.State, a, "h")
	check(a, r.States, r.Forward)
}
