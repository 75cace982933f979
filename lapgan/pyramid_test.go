package lapgan

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// flat is a level that paints images of one random value, which depends on the class.
func flat(side int) Level {
	return LevelFunc(func(given Given, rng *rand.Rand) *tensor.Tensor {
		x := tensor.New(given.N, side, side, 3)
		for i := range given.N {
			v := rng.Float32()
			if given.Classes != nil {
				v += float32(given.Classes[i])
			}
			x.Rows(i, i+1).Fill(v)
		}
		return x
	})
}

func small() Pyramid {
	rng := newRand(9)
	return Pyramid{Sizes: []int{4, 7, 14}, Levels: []Level{
		flat(4),
		NewConv(ConvOptions{Side: 7, Width: 4}, rng),
		NewConv(ConvOptions{Side: 14, Width: 4, Classes: 3}, rng),
	}}
}

func TestChainsAddUp(t *testing.T) {
	p := small()
	c := p.Sample(newRand(1), Class(2, 0, 1, 1))
	require.Equal(t, 4, c.Len())
	require.Equal(t, []int{2, 0, 1, 1}, c.Classes)
	require.Equal(t, []int{4, 14, 14, 3}, c.Result().Shape())
	for k, s := range c.Stages[1:] {
		require.Equal(t, up(Bilinear{}, c.Stages[k].Image, Size{p.Sizes[k+1], p.Sizes[k+1]}).Data(), s.Low.Data())
		require.Equal(t, tensor.Add(s.Low, s.Residual).Data(), s.Image.Data())
	}
	require.Equal(t, c.Result().Data(), p.Sample(newRand(1), Class(2, 0, 1, 1)).Result().Data(), "a seed fixes the result")
	require.NotEqual(t, c.Result().Data(), p.Sample(newRand(2), Class(2, 0, 1, 1)).Result().Data())
	require.GreaterOrEqual(t, c.Stages[0].Image.At(0, 0, 0, 0), float32(2), "the class reaches the first level")
}

// Slide 23 of the talk: the same 4×4, other details.
func TestRedrawKeepsTheStart(t *testing.T) {
	p := small()
	c := p.Sample(newRand(1), Class(1))
	start := c.Coarsest().Repeat(3)
	again := p.Redraw(newRand(2), start)
	require.Equal(t, []int{1, 1, 1}, again.Classes)
	for i := range 3 {
		require.Equal(t, c.Stages[0].Image.Data(), again.Stages[0].Image.Rows(i, i+1).Data())
	}
	require.NotEqual(t, again.Result().Rows(0, 1).Data(), again.Result().Rows(1, 2).Data())
	require.NotEqual(t, c.Result().Data(), again.Result().Rows(0, 1).Data())
}

// Another model at the base is one line of the caller.
func TestBaseIsSwapped(t *testing.T) {
	p := small()
	p.Levels[0] = NewDense(DenseOptions{Side: 4, Hidden: 8}, newRand(4))
	require.Equal(t, []int{2, 14, 14, 3}, p.Sample(newRand(1), Wanted{N: 2, Classes: []int{1}}).Result().Shape())
}

func TestBrokenPyramidsAreRefused(t *testing.T) {
	p := small()
	wrong := LevelFunc(func(given Given, _ *rand.Rand) *tensor.Tensor { return tensor.New(given.N, 5, 5, 3) })
	for name, broken := range map[string]Pyramid{
		"want a level for each size": {Sizes: p.Sizes, Levels: p.Levels[:2]},
		"do not grow":                {Sizes: []int{7, 4, 14}, Levels: p.Levels},
		"is nil":                     {Sizes: []int{4}, Levels: []Level{nil}},
		"made (1,5,5,3)":             {Sizes: []int{4}, Levels: []Level{wrong}},
		"cannot be the coarsest":     {Sizes: []int{7}, Levels: p.Levels[1:2]},
		"needs a class":              {Sizes: p.Sizes[1:], Levels: []Level{flat(7), p.Levels[2]}},
	} {
		require.Contains(t, panicOf(func() { broken.Sample(newRand(1)) }), name)
	}
}

// panicOf returns the message that f panics with.
func panicOf(f func()) (msg string) {
	defer func() { msg, _ = recover().(string) }()
	f()
	return ""
}

func TestPictures(t *testing.T) {
	p := small()
	p.Norm = SignedNorm(3)
	m := p.Picture(p.Sample(newRand(1), Class(0, 1)), 1)
	require.Greater(t, m.Width(), 7*14)
	require.Greater(t, m.Height(), 2*14)
	table := p.Table(newRand(1), []int{0, 1, 2}, 4, 1, []string{"cat", "dog"})
	require.Greater(t, table.Height(), 3*14)
	shown := p.Show(tensor.Full(1, 1, 14, 14, 3))
	require.Equal(t, float32(1), shown.At(0, 3, 3, 0))
	require.Equal(t, float32(0.5), p.Show(tensor.New(1, 7, 7, 3)).At(0, 3, 3, 0))
}
