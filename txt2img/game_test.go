package txt2img

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

// witness is a network that remembers what it was shown and answers as it is told.
type witness struct {
	answer func(call int, x, text *autograd.Var) *autograd.Var

	x, text []*tensor.Tensor
	live    []bool // whether gradients flow to x
}

func (w *witness) Forward(x, text *autograd.Var, _ *nn.Pass) *autograd.Var {
	w.x, w.text, w.live = append(w.x, x.Value().Clone()), append(w.text, text.Value().Clone()), append(w.live, x.IsRecorded())
	return w.answer(len(w.x)-1, x, text)
}

// painter returns a generator that paints grey pictures of no interest.
func painter(side int) *witness {
	return &witness{answer: func(_ int, z, _ *autograd.Var) *autograd.Var {
		return autograd.Const(tensor.New(z.Dim(0), side, side, 3))
	}}
}

// critic returns a discriminator whose logits at call i are logit(i) times the number of the row, from 1.
func critic(logit ...float32) *witness {
	return &witness{answer: func(call int, x, _ *autograd.Var) *autograd.Var {
		y := tensor.New(x.Dim(0), 1)
		for i := range y.Data() {
			y.Data()[i] = logit[call] * float32(i+1)
		}
		return autograd.Const(y)
	}}
}

func randomBatch(n int, o Options, seed uint64) Batch {
	rng := newRand(seed)
	picture := func() *tensor.Tensor { return tensor.RandU(rng, -1, 1, n, o.Size, o.Size, 3) }
	text := func() *tensor.Tensor { return tensor.RandN(rng, n, o.Embedding) }
	return Batch{Right: picture(), Wrong: picture(), Text: text(), WrongText: text()}
}

func value(t *testing.T, terms train.Terms, name string) float64 {
	t.Helper()
	for _, term := range terms {
		if term.Name == name {
			return float64(term.Value.Item())
		}
	}
	require.Failf(t, "no term", "%q", name)
	return 0
}

func softplus(x float64) float64 { return math.Log1p(math.Exp(x)) }

// A discriminator that says ½ to everything loses ln 2 for each of the three terms, times their weights.
func TestUndecidedDiscriminator(t *testing.T) {
	for _, v := range Variants() {
		game := v.Of(Game{Generator: painter(16), Discriminator: critic(0, 0, 0)})
		require.InDelta(t, 1.3862944, value(t, game.DiscriminatorTerms(step(1), randomBatch(8, small, 2)), "loss"), 1e-6, v)
		game.Discriminator = critic(0)
		require.InDelta(t, math.Ln2, value(t, game.GeneratorTerms(step(1), randomBatch(8, small, 2)), "loss"), 1e-6, v)
	}
}

func TestDiscriminatorLoss(t *testing.T) {
	const n = 3
	b := randomBatch(n, small, 2)
	for _, c := range []struct {
		mismatch float64
		smooth   float32
		other    bool
	}{{0.5, 0, false}, {0.25, 0, true}, {0, 0, false}, {0.5, 0.1, false}} {
		d, g := critic(0.7, -0.3, 0.4), painter(16)
		if c.mismatch == 0 {
			d = critic(0.7, 0.4)
		}
		game := Game{Generator: g, Discriminator: d, Mismatch: c.mismatch, Smooth: c.smooth, OtherText: c.other, Interpolate: true, Latent: gan.Normal(4)}
		terms := game.DiscriminatorTerms(step(1), b)
		want, wrong := 0.0, 0.0
		for i := 1; i <= n; i++ {
			r := float64(i)
			want += (softplus(-0.7*r) + float64(c.smooth)*0.7*r + (1-c.mismatch)*softplus(0.4*r)) / n
			wrong += softplus(-0.3*r) / n
		}
		require.InDelta(t, want+c.mismatch*wrong, value(t, terms, "loss"), 1e-6)
		require.InDelta(t, 0.7*2, value(t, terms, "real"), 1e-6)
		require.InDelta(t, 0.4*2, value(t, terms, "fake"), 1e-6)
		require.InDelta(t, 0.5, value(t, terms, "accuracy"), 1e-6, "all are taken for real")

		// What it sees: right, mismatched and painted, one after the other, and no text that is not of the batch.
		fake := tensor.New(n, 16, 16, 3)
		pictures, texts := []*tensor.Tensor{b.Right, b.Wrong, fake}, []*tensor.Tensor{b.Text, b.Text, b.Text}
		if c.other {
			pictures[1], texts[1] = b.Right, b.WrongText
		}
		if c.mismatch == 0 {
			pictures, texts = []*tensor.Tensor{b.Right, fake}, []*tensor.Tensor{b.Text, b.Text}
		} else {
			require.InDelta(t, -0.3*2, value(t, terms, "wrong"), 1e-6)
			require.InDelta(t, 1, value(t, terms, "matching"), 1e-6)
		}
		require.Equal(t, len(pictures), len(d.x))
		for i := range pictures {
			require.Equal(t, pictures[i].Data(), d.x[i].Data())
			require.Equal(t, texts[i].Data(), d.text[i].Data())
			require.False(t, d.live[i])
		}
		require.Equal(t, b.Text.Data(), g.text[0].Data())
		require.Equal(t, []int{n, 4}, g.x[0].Shape())
	}
}

// Of 64 captions the generator paints 96: themselves, and the means of the first half and the second.
func TestInterpolation(t *testing.T) {
	b := randomBatch(64, small, 2)
	for _, weight := range []float64{0, 0.3} {
		g, d := painter(16), critic(0.01)
		game := Game{Generator: g, Discriminator: d, Interpolate: true, InterpolationWeight: weight}
		loss := value(t, game.GeneratorTerms(step(1), b), "loss")
		require.Equal(t, []int{96, 6}, g.text[0].Shape())
		require.Equal(t, []int{96, 100}, g.x[0].Shape())
		require.Equal(t, g.text[0].Data(), d.text[0].Data())
		require.Equal(t, b.Text.Data(), g.text[0].Rows(0, 64).Data())
		want := 0.0
		for i := range 96 {
			w := 1.0
			if i >= 64 {
				w = either(weight, 1)
				for k := range 6 {
					require.InDelta(t, (b.Text.At(i-64, k)+b.Text.At(i-32, k))/2, g.text[0].At(i, k), 1e-6)
				}
			}
			want += w * softplus(-0.01*float64(i+1)) / 96
		}
		require.InDelta(t, want, loss, 1e-5)
	}

	g := painter(16)
	Game{Generator: g, Discriminator: critic(0), Interpolate: true, Extrapolate: true}.GeneratorTerms(step(1), b)
	low, high := 1.0, -1.0
	for i := range 32 {
		alpha := func(k int) float64 {
			a, c := float64(b.Text.At(i, k)), float64(b.Text.At(i+32, k))
			return (float64(g.text[0].At(64+i, k)) - a) / (c - a)
		}
		for k := range 6 {
			require.InDelta(t, alpha(0), alpha(k), 1e-3, "one number for all of a caption")
		}
		low, high = min(low, alpha(0)), max(high, alpha(0))
	}
	require.Less(t, low, -0.7)
	require.Greater(t, high, 0.7)
	require.GreaterOrEqual(t, low, -1.001)
	require.LessOrEqual(t, high, 1.001)

	require.Panics(t, func() {
		Game{Generator: g, Discriminator: critic(0), Interpolate: true}.GeneratorTerms(step(1), randomBatch(1, small, 2))
	})
}

// All that the discriminator sees is changed in the same way, and nothing that the generator is judged by stays as it is.
func TestAugmentation(t *testing.T) {
	b := randomBatch(4, small, 2)
	b.Wrong = b.Right
	g := &witness{answer: func(int, *autograd.Var, *autograd.Var) *autograd.Var { return autograd.Const(b.Right) }}
	d := critic(0, 0, 0, 0)
	game := Game{Generator: g, Discriminator: d, Mismatch: 0.5, Augment: gan.FullAugment}
	game.DiscriminatorTerms(step(1), b)
	game.GeneratorTerms(step(2), b)
	require.NotEqual(t, b.Right.Data(), d.x[0].Data())
	require.Equal(t, d.x[0].Data(), d.x[1].Data())
	require.Equal(t, d.x[0].Data(), d.x[2].Data())
	require.NotEqual(t, b.Right.Data(), d.x[3].Data())

	d = critic(0, 0, 0)
	game = Game{Generator: g, Discriminator: d, Mismatch: 0.5, Noise: gan.InstanceNoise{Std: 0.5}}
	game.DiscriminatorTerms(step(1), b)
	for _, x := range d.x {
		require.InDelta(t, 0.5, tensor.Norm(tensor.Sub(x, b.Right))/sqrt(x.Len()), 0.03)
	}
	require.NotEqual(t, d.x[0].Data(), d.x[2].Data())
}

// networks returns both players of a small game.
func networks(seed uint64) (*Generator, *Discriminator) {
	return NewGenerator(small, newRand(seed)), NewDiscriminator(small, newRand(seed+1))
}

func source(n int) data.Source[Batch] {
	return data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) { return randomBatch(n, small, rng.Uint64()), nil })
}

// Each player's turn changes all of its own parameters and none of the other's.
func TestTurns(t *testing.T) {
	for _, v := range Variants() {
		g, d := networks(1)
		game := v.Of(Game{Generator: g, Discriminator: d, Latent: gan.Normal(4)})
		for i, mover := range []any{d, g} {
			before := map[string][]float32{}
			each := func(f func(name string, x *tensor.Tensor)) {
				for who, m := range map[string]any{"d.": d, "g.": g} {
					for _, e := range nn.Walk(m) {
						if e.Param != nil {
							f(who+e.Name, e.Tensor())
						}
					}
				}
			}
			each(func(name string, x *tensor.Tensor) { before[name] = x.Clone().Data() })
			players := game.Players(optim.SGD{Rate: 1})[i : i+1]
			require.NoError(t, train.Play(context.Background(), train.Run{Steps: 1, Seed: 1, Progress: io.Discard}, players, source(6)))
			each(func(name string, x *tensor.Tensor) {
				moves := mover == any(d) && name[0] == 'd' || mover == any(g) && name[0] == 'g'
				if name == "d.text.bias" {
					moves = false // batch norm takes it away again
				}
				if moves {
					require.NotEqual(t, before[name], x.Data(), "%v %s", v, name)
				} else {
					require.Equal(t, before[name], x.Data(), "%v %s", v, name)
				}
			})
		}
	}
}

// A penalty adds its term, of the right pairs, and leaves the statistics of batch norm alone.
func TestPenalty(t *testing.T) {
	stats := func(p gan.Penalty) ([]float32, train.Terms) {
		g, d := networks(1)
		s := step(3)
		terms := Game{Generator: g, Discriminator: d, Latent: gan.Normal(4), Mismatch: 0.5, Penalty: p}.DiscriminatorTerms(s, randomBatch(4, small, 2))
		s.Pass.Commit()
		return values(d), terms
	}
	without, _ := stats(nil)
	with, terms := stats(gan.R1{Weight: 3})
	require.Equal(t, without, with)
	require.Positive(t, value(t, terms, "r1"))

	g, d := networks(1)
	game := GANCLS.Of(Game{Generator: g, Discriminator: d, Latent: gan.Normal(4), Penalty: gan.R1{Weight: 3, Every: 2}, EMA: 0.9, Augment: gan.FullAugment})
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 3, Seed: 1, Progress: io.Discard}, game.Players(Recipe{}.Adam(2)), source(4)))
}

func TestGamesAreChecked(t *testing.T) {
	g, d := painter(16), critic(0)
	for want, game := range map[string]Game{
		"needs a Generator":       {Generator: g},
		"weight of 1 for":         {Generator: g, Discriminator: d, Mismatch: 1},
		"weight of NaN for mism":  {Generator: g, Discriminator: d, Mismatch: math.NaN()},
		"weight of -1 for interp": {Generator: g, Discriminator: d, InterpolationWeight: -1},
		"mode of Interpolate":     {Generator: g, Discriminator: d, Extrapolate: true},
		"label smoothing by 2":    {Generator: g, Discriminator: d, Smooth: 2},
	} {
		require.ErrorContains(t, game.Check(), want)
		require.Panics(t, func() { game.Players(optim.Adam{}) })
	}
	ok := Game{Generator: g, Discriminator: d, Mismatch: 0.5}
	require.NoError(t, ok.Check())
	require.Panics(t, func() { ok.Players() })
	require.PanicsWithValue(t, "txt2img.Game: the generator paints (2,8,8,3), the batch holds (2,16,16,3)", func() {
		Game{Generator: painter(8), Discriminator: d}.DiscriminatorTerms(step(1), randomBatch(2, small, 1))
	})
	b := randomBatch(2, small, 1)
	b.Wrong = nil
	require.PanicsWithValue(t, "txt2img.Game: a Mismatch needs Batch.Wrong, which is nil", func() {
		Game{Generator: g, Discriminator: critic(0, 0, 0), Mismatch: 0.5}.DiscriminatorTerms(step(1), b)
	})
	Game{Generator: g, Discriminator: critic(0, 0, 0), Mismatch: 0.5, OtherText: true}.DiscriminatorTerms(step(1), b)
}

func TestVariants(t *testing.T) {
	for _, v := range Variants() {
		got, err := ParseVariant(v.String())
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
	got, err := ParseVariant("gan-int-cls")
	require.NoError(t, err)
	require.Equal(t, GANINTCLS, got)
	_, err = ParseVariant("wgan")
	require.EqualError(t, err, `txt2img: no variant "wgan"; there are GAN, GAN-CLS, GAN-INT, GAN-INT-CLS`)
	require.Equal(t, "Variant(9)", Variant(9).String())
	require.Panics(t, func() { Variant(9).Of(Game{}) })
	require.Equal(t, map[string]string{"mismatch": "0.5", "interpolation": "1"}, GANINTCLS.Of(Game{}).Facts())
	require.Equal(t, map[string]string{"mismatch": "0", "interpolation": "0", "average": "0.9", "penalty": "gan.R1{Weight:2 Every:0}",
		"augment colour": "yes", "smooth": "0.5", "noise": "1 over 5"},
		GAN.Of(Game{Interpolate: true, Mismatch: 0.3, EMA: 0.9, Penalty: gan.R1{Weight: 2}, Augment: gan.Augment{Colour: true}, Smooth: 0.5,
			Noise: gan.InstanceNoise{Std: 1, Over: 5}}).Facts())
}

// The rate is that of the released code: halved at the start of epoch 100, counted from 1.
func TestRecipe(t *testing.T) {
	at := func(r Recipe, epoch int) float64 { // counted from 1; of 3 batches each
		state := r.Adam(3).Init(nil)
		state.SetUpdates(3 * (epoch - 1))
		first := state.Rate()
		state.SetUpdates(3*epoch - 1)
		require.Equal(t, first, state.Rate())
		return first
	}
	for epoch, want := range map[int]float64{1: 2e-4, 99: 2e-4, 100: 1e-4, 199: 1e-4, 200: 5e-5, 600: 3.125e-6} {
		require.InEpsilon(t, want, at(Recipe{}, epoch), 1e-9, epoch)
	}
	for epoch, want := range map[int]float64{39: 2e-4, 40: 1e-4, 200: 6.25e-6} {
		require.InEpsilon(t, want, at(COCORecipe, epoch), 1e-9, epoch)
	}
	require.Equal(t, 1800, Recipe{}.Updates(3))
	require.Equal(t, 600, COCORecipe.Updates(3))
	a := Recipe{Rate: 1e-3, Halve: 2}.Adam(3)
	require.Equal(t, 1e-3, a.Rate)
	require.Equal(t, 0.5, a.Beta1)
}
