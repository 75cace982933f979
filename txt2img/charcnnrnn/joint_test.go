package charcnnrnn_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func TestSJEOfDiagonalScores(t *testing.T) {
	for _, b := range []int{1, 2, 5, 40} {
		for _, c := range []float32{-0.5, 0, 0.3, 1, 7} {
			s := tensor.New(b, b)
			for i := range b {
				s.Set(c, i, i)
			}
			images, texts := charcnnrnn.SJE(autograd.Const(s))
			want := math.Max(0, 1-float64(c)) * float64(b-1) / float64(b)
			require.InDelta(t, want, images.Item(), 1e-6)
			require.InDelta(t, want, texts.Item(), 1e-6)
		}
	}
	require.Panics(t, func() { charcnnrnn.SJE(autograd.Const(tensor.New(2, 3))) })
}

// sje is the formula of the paper, term by term; the result is both sides.
func sje(in ...tensortest.Array) tensortest.Array {
	b, s := in[0].Shape[0], in[0].Data
	out := tensortest.Array{Shape: []int{2}, Data: make([]float64, 2)}
	for i := range b {
		for j := range b {
			if i != j {
				out.Data[0] += math.Max(0, 1+s[i*b+j]-s[i*b+i]) / float64(b*b)
				out.Data[1] += math.Max(0, 1+s[i*b+j]-s[j*b+j]) / float64(b*b)
			}
		}
	}
	return out
}

func bothSides(in ...*autograd.Var) *autograd.Var {
	images, texts := charcnnrnn.SJE(in[0])
	return autograd.Stack(0, images, texts)
}

func TestSJEIsItsFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.IntRange(1, 6).Draw(t, "b")
		s := tensor.New(b, b)
		for i := range s.Data() {
			s.Data()[i] = rapid.Float32Range(-3, 3).Draw(t, "s")
		}
		tensortest.Close(t, sje(tensortest.From(s)), bothSides(autograd.Const(s)).Value(), 1e-5)
	})
}

func TestSJEGradient(t *testing.T) {
	gradtest.Check(t, gradtest.Case{
		Name: "SJE",
		In:   []*tensor.Tensor{tensor.FromSlice([]float32{0.5, 0.1, -2, 0.9, 0.2, 0.45, 1.6, -0.3, 0.8}, 3, 3)},
		F:    bothSides, Ref: sje,
	})
}

func TestRMSPropOfTheRecipe(t *testing.T) {
	state := charcnnrnn.RMSProp(150).Init(nil)
	require.InDelta(t, 7e-4, state.Rate(), 1e-12)
	state.SetUpdates(149)
	require.InDelta(t, 7e-4, state.Rate(), 1e-12)
	state.SetUpdates(300)
	require.InDelta(t, 7e-4*0.98*0.98, state.Rate(), 1e-12)
}

func TestCOCO(t *testing.T) {
	e := charcnnrnn.New(small(charcnnrnn.ICML), newRand(1))
	joint, opt := charcnnrnn.COCO(e, 100, newRand(2))
	state := opt.Init(nil)
	require.InDelta(t, 2e-4, state.Rate(), 1e-12)
	state.SetUpdates(100 * 50)
	require.InDelta(t, 1e-4, state.Rate(), 1e-12)
	require.Zero(t, e.Conv1.Bias.Value().At(0), "DCGAN's starting weights")
	require.NotZero(t, e.Out.Bias.Value().At(0))

	// No pictures at all: captions that say the same come together.
	p := &caption.Pictures{}
	for _, name := range []string{"cat", "bird", "house", "tree", "moon", "fish", "car", "boat"} {
		p.Captions = append(p.Captions, []string{"a " + name, "the " + name + " here", name})
	}
	src, err := charcnnrnn.NewSampler(p, charcnnrnn.SamplerOptions{Batch: 8, Length: 72, Paraphrases: true})
	require.NoError(t, err)
	last := play(t, joint.Player(optim.Adam{Rate: 5e-3}), src, 300)
	require.Greater(t, float64(last.Terms["right"]), 0.6, "chance is 0.125")
	require.Less(t, float64(last.Terms["loss"]), 0.5, "it is 0.875 where nothing is known")
}

func TestJointMistakes(t *testing.T) {
	require.Panics(t, func() { charcnnrnn.Joint{}.Player(nil) })
	e := charcnnrnn.New(small(charcnnrnn.ICML), newRand(1))
	src, err := charcnnrnn.NewSampler(tiny(8), charcnnrnn.SamplerOptions{
		Batch: 4, Length: 72, Features: tensor.New(8, 1, 31),
	})
	require.NoError(t, err)
	require.PanicsWithValue(t, "charcnnrnn.Joint: pictures make (4,31), captions (4,32)", func() {
		play(t, charcnnrnn.Joint{Text: e}.Player(nil), src, 1)
	})
}

func TestJointTrainsBoth(t *testing.T) {
	text := charcnnrnn.New(small(charcnnrnn.CVPR), newRand(1))
	image := charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: 16, Width: 4, Out: 32}, newRand(1))
	before := [][]float32{values(text), values(image)}
	src, err := charcnnrnn.NewSampler(tiny(16), charcnnrnn.SamplerOptions{Batch: 4, Length: 72, Size: 16})
	require.NoError(t, err)
	last := play(t, charcnnrnn.Joint{Text: text, Image: image}.Player(optim.RMSProp{Rate: 1e-3}), src, 2)
	require.Equal(t, 7e-4, float64(play(t, charcnnrnn.Joint{Text: text, Image: image}.Player(nil), src, 1).Rates["model"]))
	require.NotEqual(t, before[0], values(text))
	require.NotEqual(t, before[1], values(image))
	require.Contains(t, last.Terms, "right")
	require.Equal(t, nn.NumParams(text)+nn.NumParams(image), nn.NumParams(&charcnnrnn.Pair{Text: text, Image: image}))
}
