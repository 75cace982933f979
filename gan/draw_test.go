package gan_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestLatents(t *testing.T) {
	rng := newRand(1)
	require.Equal(t, []int{5, 100}, gan.Normal(100).Draw(5, rng).Shape())
	require.Equal(t, []int{5, 4, 4, 1}, gan.Uniform(4, 4, 1).Draw(5, rng).Shape())
	requireUniform(t, shiftOf(gan.Uniform(1000).Draw(2, rng)), -1, 1)
	requireUniform(t, shiftOf(gan.UniformOn(0, 3, 1000).Draw(2, rng)), 0, 3)
	normal := shiftOf(gan.Normal(4000).Draw(2, rng))
	require.InDelta(t, 0, average(normal, same), 0.05)
	require.InDelta(t, 1, average(normal, func(v float64) float64 { return v * v }), 0.05)
}

func TestWalks(t *testing.T) {
	a, b := tensor.FromSlice([]float32{2, 0}, 2), tensor.FromSlice([]float32{0, 2}, 2)
	require.InDeltaSlice(t, []float32{2, 0, 1, 1, 0, 2}, gan.Lerp(a, b, 3).Data(), 1e-6)
	const root2 = 1.41421356
	require.InDeltaSlice(t, []float32{2, 0, root2, root2, 0, 2}, gan.Slerp(a, b, 3).Data(), 1e-6)
	require.InDeltaSlice(t, []float32{2, 0, 2, 0}, gan.Slerp(a, a, 2).Data(), 1e-6, "no way at all")
	opposite := gan.Slerp(a, tensor.FromSlice([]float32{-2, 0}, 2), 3)
	require.True(t, tensor.AllFinite(opposite), "opposite ends have no great circle")
	rng := newRand(2)
	x, y := tensor.RandN(rng, 3, 50), tensor.RandN(rng, 3, 50)
	way := gan.Slerp(x, y, 7)
	require.Equal(t, []int{7, 3, 50}, way.Shape())
	for i := range 7 {
		require.InDelta(t, tensor.Norm(x), tensor.Norm(way.Rows(i, i+1)), 1.5, "the length stays")
	}
	requirePanic(t, "gan.Lerp: want at least 2 points between equal shapes, got 1 between (2) and (2)", func() { gan.Lerp(a, b, 1) })
}

func TestDrawGoesInPartsInInference(t *testing.T) {
	rng := newRand(3)
	g := &batchy{nn.NewLinear(3, 2, nn.LinearOptions{}, rng), new([]int)}
	z := tensor.RandN(rng, 150, 3)
	x := gan.Draw(g, z, nil)
	require.Equal(t, []int{64, 64, 22}, *g.sizes)
	require.Equal(t, g.Layer.Forward(autograd.Const(z)).Value().Data(), x.Data())
	requirePanic(t, "gan.Draw: 150 latents and 2 conditions", func() { gan.Draw(g, z, tensor.New(2, 1)) })
	requirePanic(t, "gan: a int is no generator", func() { gan.Draw(3, z, nil) })
	requirePanic(t, "gan: a int is no discriminator", func() { gan.Look(3, autograd.Const(z), nil, nil) })
}

type batchy struct {
	Layer *nn.Linear `nn:"layer"`
	sizes *[]int
}

func (g *batchy) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	if pass.Training() {
		panic("training")
	}
	*g.sizes = append(*g.sizes, z.Dim(0))
	return g.Layer.Forward(z)
}

// painted is a generator whose pictures tell its latent and its condition.
type painted struct {
	Gain *autograd.Var `nn:"gain"`
}

func (g *painted) Forward(z, y *autograd.Var, _ *nn.Pass) *autograd.Var {
	h := z
	if y != nil {
		h = autograd.Add(h, autograd.MatMul(y, autograd.Const(tensor.Arange(y.Dim(1)).Reshape(-1, 1))))
	}
	return autograd.BroadcastTo(autograd.Mul(h, g.Gain).Reshape(-1, 1, 1, 1), h.Dim(0), 2, 2, 1)
}

func TestGallery(t *testing.T) {
	game := gan.Game{Generator: &painted{autograd.Const(tensor.Full(0.1, 1))}, Discriminator: newMLP(newRand(1), 2, 1), Loss: gan.Hinge{}, Latent: gan.Normal(1)}
	view := func() *train.View { return &train.View{Rand: newRand(7)} }
	g := gan.Gallery{Game: game, Rows: 2, Columns: 3}
	a, err := g.Samples(view())
	require.NoError(t, err)
	again, err := g.Samples(view())
	require.NoError(t, err)
	require.Equal(t, a, again, "the same numbers show the same samples")
	walk, err := g.Walks(view())
	require.NoError(t, err)
	require.Equal(t, a.Bounds(), walk.Bounds())
	_, err = g.Table(view())
	require.EqualError(t, err, "gan: a table needs a game with a condition")

	g.Game.Condition = gan.Class(4)
	table, err := gan.Gallery{Game: g.Game, Columns: 3}.Table(view())
	require.NoError(t, err)
	require.Greater(t, table.Bounds().Dy(), a.Bounds().Dy(), "four rows of classes")
	named, err := gan.Gallery{Game: g.Game, Columns: 3, Labels: []string{"cat", "dog", "crow", "a very long name"}}.Table(view())
	require.NoError(t, err)
	require.Greater(t, named.Bounds().Dx(), table.Bounds().Dx())
	_, err = g.Walks(view())
	require.NoError(t, err)

	g.Game.Condition = gan.Vector{}
	_, err = g.Samples(view())
	require.EqualError(t, err, "gan: what is not conditioned on classes needs Gallery.Given to show samples")
	g.Given = tensor.RandN(newRand(1), 5, 3)
	_, err = g.Samples(view())
	require.NoError(t, err)
	g.Columns = 1
	_, err = g.Walks(view())
	require.EqualError(t, err, "gan: a walk needs at least 2 columns")
}
