package gan_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// probe is a linear layer that counts what is computed for its weight: it multiplies it by an operation of its own, and
// sees whether that is recorded and whether its gradient is asked for.
type probe struct {
	Weight *autograd.Var `nn:"weight"`
	seen   *counts
}

type counts struct{ recorded, backward, inputs int }

func newProbe(in, out int, seed uint64) *probe {
	return &probe{autograd.Const(tensor.RandN(newRand(seed), in, out)), &counts{}}
}

func (p *probe) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	w := p.Weight
	if w.IsRecorded() {
		p.seen.recorded++
	}
	counted := autograd.Record("Probe", w.Value(), func(_ *autograd.Call, g *autograd.Var) []*autograd.Var {
		p.seen.backward++
		return []*autograd.Var{g}
	}, w)
	through := autograd.Record("ProbeInput", x.Value(), func(_ *autograd.Call, g *autograd.Var) []*autograd.Var {
		p.seen.inputs++
		return []*autograd.Var{g}
	}, x)
	return autograd.MatMul(through, counted)
}

// The discriminator's turn computes no gradient of the generator, and the generator's none of the discriminator's weights,
// only one through it.
func TestEachTurnPaysForItsOwnGradientsOnly(t *testing.T) {
	for _, joint := range []bool{false, true} {
		gen, disc := newProbe(3, 2, 1), newProbe(2, 1, 2)
		game := gan.Game{Generator: gen, Discriminator: disc, Loss: gan.NonSaturating{}, Latent: gan.Normal(3), Joint: joint}
		players := game.Players(optim.SGD{})
		playOne := func(i int) {
			*gen.seen, *disc.seen = counts{}, counts{}
			run := train.Run{Steps: 1, Progress: io.Discard}
			require.NoError(t, train.Play(context.Background(), run, players[i:i+1], points(4)))
		}
		calls := 2 // of the discriminator in its turn
		if joint {
			calls = 1
		}
		playOne(0)
		require.Equal(t, counts{}, *gen.seen, "the generator is frozen in the discriminator's turn")
		require.Equal(t, counts{recorded: calls, backward: calls}, *disc.seen, "and its fakes are constants")
		playOne(1)
		require.Equal(t, counts{recorded: 1, backward: 1}, *gen.seen)
		require.Equal(t, counts{inputs: 1}, *disc.seen, "the gradient goes through the discriminator, not into it")
	}
}

// In the discriminator's turn the tape holds what the discriminator computes and nothing of the generator: its length does
// not depend on how deep the generator is.
func TestTheTapeOfADiscriminatorsTurn(t *testing.T) {
	bytes := func(depth int) (recorded bool) {
		sizes := []int{2}
		for range depth {
			sizes = append(sizes, 2)
		}
		game := gan.Game{Generator: newMLP(newRand(1), sizes...), Discriminator: newMLP(newRand(2), 2, 1), Loss: gan.Hinge{}, Latent: gan.Normal(2)}
		b, err := points(4).Batch(0, newRand(3))
		require.NoError(t, err)
		// No parameter is bound in this step, so nothing at all may be recorded.
		tape := autograd.NewTape()
		for _, term := range game.DiscriminatorTerms(step(tape, 4), b) {
			recorded = recorded || term.Value.IsRecorded()
		}
		return recorded
	}
	require.False(t, bytes(1))
	require.False(t, bytes(9))
}

// stats is a discriminator that remembers the batches it judges.
type stats struct {
	Layer *nn.Linear `nn:"layer"`
	saw   *[]*tensor.Tensor
}

func (d *stats) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	*d.saw = append(*d.saw, x.Value().Clone())
	return d.Layer.Forward(x)
}

func TestSeparateAndJointBatches(t *testing.T) {
	src := points(6)
	b, err := src.Batch(0, newRand(1))
	require.NoError(t, err)
	gen := newMLP(newRand(2), 2, 2)
	disc := &stats{nn.NewLinear(2, 1, nn.LinearOptions{}, newRand(3)), new([]*tensor.Tensor)}
	game := gan.Game{Generator: gen, Discriminator: disc, Loss: gan.LeastSquares{}, Latent: gan.Normal(2)}
	tape := autograd.NewTape()
	terms := game.DiscriminatorTerms(step(tape, 5), b)
	saw := *disc.saw
	require.Len(t, saw, 2)
	require.Equal(t, b.Images.Data(), saw[0].Data())
	require.Equal(t, []int{6, 2}, saw[1].Shape())
	separate := func(real, fake *tensor.Tensor) float32 {
		return gan.LeastSquares{}.Discriminator(disc.Layer.Forward(autograd.Const(real)), disc.Layer.Forward(autograd.Const(fake))).Item()
	}
	require.InDelta(t, separate(saw[0], saw[1]), terms[0].Value.Item(), 1e-5)

	*disc.saw = nil
	game.Joint = true
	terms = game.DiscriminatorTerms(step(tape, 5), b)
	saw = *disc.saw
	require.Len(t, saw, 1)
	require.Equal(t, []int{6, 2}, saw[0].Shape())
	require.Equal(t, b.Images.Rows(0, 3).Data(), saw[0].Rows(0, 3).Data(), "the first half is real")
	require.InDelta(t, separate(saw[0].Rows(0, 3), saw[0].Rows(3, 6))/2, terms[0].Value.Item(), 1e-5, "one mean over the joint batch")

	odd := b
	odd.Images = b.Images.Rows(0, 5)
	require.PanicsWithValue(t, "gan.Game: a joint batch needs an even number of examples, got 5", func() {
		game.DiscriminatorTerms(step(tape, 5), odd)
	})
}

// Batch norm moves its statistics in the turns of both players, but not in a penalty.
func TestStatisticsMoveAsInTorch(t *testing.T) {
	count := func(penalty gan.Penalty, player int) int {
		disc := &normed{nn.NewBatchNorm2D(2, nn.BatchNormOptions{Momentum: 0.5}), nn.NewLinear(2, 1, nn.LinearOptions{}, newRand(1)), new(int)}
		game := gan.Game{Generator: newMLP(newRand(2), 2, 2), Discriminator: disc, Loss: gan.Hinge{}, Latent: gan.Normal(2), Penalty: penalty}
		run := train.Run{Steps: 1, Progress: io.Discard}
		players := game.Players(optim.SGD{})
		before := disc.Norm.RunningMean.Clone()
		require.NoError(t, train.Play(context.Background(), run, players[player:player+1], points(8)))
		require.NotEqual(t, before.Data(), disc.Norm.RunningMean.Data())
		return *disc.calls
	}
	require.Equal(t, 2, count(nil, 0))
	require.Equal(t, 3, count(gan.R1{}, 0))
	require.Equal(t, 1, count(nil, 1))

	// The statistics are the same with a penalty as without.
	means := func(penalty gan.Penalty) []float32 {
		disc := &normed{nn.NewBatchNorm2D(2, nn.BatchNormOptions{}), nn.NewLinear(2, 1, nn.LinearOptions{}, newRand(1)), new(int)}
		game := gan.Game{Generator: newMLP(newRand(2), 2, 2), Discriminator: disc, Loss: gan.Hinge{}, Latent: gan.Normal(2), Penalty: penalty}
		s := step(autograd.NewTape(), 6)
		b, err := points(8).Batch(0, newRand(7))
		require.NoError(t, err)
		game.DiscriminatorTerms(s, b)
		s.Pass.Commit()
		return disc.Norm.RunningMean.Data()
	}
	require.Equal(t, means(nil), means(gan.R1{}))
}

type normed struct {
	Norm  *nn.BatchNorm2D `nn:"norm"`
	Layer *nn.Linear      `nn:"layer"`
	calls *int
}

func (d *normed) Forward(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	*d.calls++
	return d.Layer.Forward(autograd.Tanh(d.Norm.Forward(x, pass)))
}

func TestTurnsAndOptimisersOfPlayers(t *testing.T) {
	game := gan.Game{Generator: newMLP(newRand(1), 2, 2), Discriminator: newMLP(newRand(2), 2, 1), Loss: gan.Wasserstein{},
		Latent: gan.Normal(2), Turns: 5, EMA: 0.9, Accumulate: 2}
	p := game.Players(optim.Adam{Rate: 1}, optim.SGD{Rate: 2})
	require.Equal(t, "discriminator", p[0].Name)
	require.Equal(t, optim.Adam{Rate: 1}, p[0].Opt)
	require.Equal(t, 5, p[0].Turns)
	require.Equal(t, 2, p[0].Accumulate)
	require.Zero(t, p[0].EMA)
	require.Equal(t, "generator", p[1].Name)
	require.Equal(t, optim.SGD{Rate: 2}, p[1].Opt)
	require.Zero(t, p[1].Turns)
	require.InDelta(t, 0.9, p[1].EMA, 0)
	require.Equal(t, optim.Adam{}, game.Players(optim.Adam{})[1].Opt)
	play(t, game, 2, points(4))
}

func TestMisuseOfAGamePanicsInWords(t *testing.T) {
	g, d := newMLP(newRand(1), 2, 2), newMLP(newRand(2), 2, 1)
	whole := gan.Game{Generator: g, Discriminator: d, Loss: gan.Hinge{}, Latent: gan.Normal(2)}
	for want, change := range map[string]func(*gan.Game){
		"want a Generator, a Discriminator, a Loss and a Latent": func(x *gan.Game) { x.Loss = nil },
		"the generator, a string, has no method Forward":         func(x *gan.Game) { x.Generator = "painter" },
		"the discriminator, a int, has no method Forward":        func(x *gan.Game) { x.Discriminator = 7 },
		"needs a method Judge that shows Features":               func(x *gan.Game) { x.FeatureMatching = 1 },
		"needs a method Judge that returns Classes":              func(x *gan.Game) { x.Auxiliary = 1 },
	} {
		broken := whole
		change(&broken)
		requirePanic(t, want, func() { broken.Players(optim.SGD{}) })
	}
	requirePanic(t, "want an optimiser for both players or one for each, got 0", func() { whole.Players() })
	b, err := points(4).Batch(0, newRand(1))
	require.NoError(t, err)
	wrong := whole
	wrong.Generator = newMLP(newRand(1), 2, 3)
	requirePanic(t, "the generator makes (4,3), the batch holds (4,2)", func() { wrong.DiscriminatorTerms(step(autograd.NewTape(), 1), b) })
	requirePanic(t, "the generator makes (4,3), the batch holds (4,2)", func() { wrong.GeneratorTerms(step(autograd.NewTape(), 1), b) })
	aug := whole
	aug.Augment = gan.FullAugment
	requirePanic(t, "only pictures (N,H,W,C) can be augmented, got (4,2)", func() { aug.DiscriminatorTerms(step(autograd.NewTape(), 1), b) })
}

func requirePanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		text, _ := recover().(string)
		require.True(t, strings.Contains(text, want), "want a panic with %q, got %q", want, text)
	}()
	f()
}

// teacher is a discriminator with features and a classifier.
type teacher struct {
	Hidden  *nn.Linear `nn:"hidden"`
	Logit   *nn.Linear `nn:"logit"`
	Classes *nn.Linear `nn:"classes"`
}

func (d *teacher) Judge(x, _ *autograd.Var, _ *nn.Pass) gan.Verdict {
	h := autograd.Tanh(d.Hidden.Forward(x))
	return gan.Verdict{Logits: d.Logit.Forward(h), Classes: d.Classes.Forward(h), Features: []*autograd.Var{h}}
}

func TestFeatureMatchingAndAuxiliaryClassifier(t *testing.T) {
	rng := newRand(1)
	d := &teacher{nn.NewLinear(2, 8, nn.LinearOptions{}, rng), nn.NewLinear(8, 1, nn.LinearOptions{}, rng), nn.NewLinear(8, 2, nn.LinearOptions{}, rng)}
	for _, joint := range []bool{false, true} {
		game := gan.Game{Generator: newMLP(rng, 4, 8, 2), Discriminator: d, Loss: gan.NonSaturating{}, Latent: gan.Normal(2), Joint: joint,
			Condition: gan.Class(2), FeatureMatching: 3, Auxiliary: 0.5}
		b, err := points(8).Batch(0, newRand(2))
		require.NoError(t, err)
		s := step(autograd.NewTape(), 3)
		byName := map[string]train.Term{}
		for _, term := range game.GeneratorTerms(s, b) {
			byName[term.Name] = term
		}
		require.InDelta(t, 3, byName["features"].Weight, 0)
		require.InDelta(t, 0.5, byName["classes"].Weight, 0)

		// The features of fakes and of real examples, by hand.
		z := gan.Normal(2).Draw(8, newRand(3))
		fake := gan.Paint(game.Generator, autograd.Const(z), autograd.Const(gan.Class(2).Encode(b.Classes...)), nil)
		features := func(x *autograd.Var) *autograd.Var { return autograd.Mean(autograd.Tanh(d.Hidden.Forward(x)), 0) }
		require.InDelta(t, nn.MSE(features(fake), features(autograd.Const(b.Images))).Item(), byName["features"].Value.Item(), 1e-6)
		require.InDelta(t, nn.CrossEntropy(d.Classes.Forward(autograd.Tanh(d.Hidden.Forward(fake))), b.Classes).Item(), byName["classes"].Value.Item(), 1e-5)
	}
	game := gan.Game{Generator: newMLP(rng, 4, 8, 2), Discriminator: d, Loss: gan.NonSaturating{}, Latent: gan.Normal(2), Condition: gan.Class(2), Auxiliary: 1}
	first := play(t, game, 1, points(64)).Terms["discriminator/classes"]
	last := play(t, game, 150, points(64)).Terms["discriminator/classes"]
	require.Less(t, float64(last), 0.9*float64(first), "the classifier learns")
}

func TestExtraTerms(t *testing.T) {
	game := gan.Game{Generator: newMLP(newRand(1), 2, 2), Discriminator: newMLP(newRand(2), 2, 1), Loss: gan.Hinge{}, Latent: gan.Normal(2),
		Extra: func(s *train.Step, b gan.Batch, fake *autograd.Var) train.Terms {
			return train.Terms{{Name: "near", Weight: 2, Value: nn.MSE(fake, s.Const(b.Images))}}
		}}
	require.Contains(t, play(t, game, 1, points(4)).Terms, "generator/near")
}

// Every loss with every penalty plays, with and without shards, and leaves finite networks behind.
func TestAllLossesPlay(t *testing.T) {
	for _, d := range definitions {
		for _, p := range []gan.Penalty{nil, gan.GradientPenalty{}, gan.R1{Every: 2}, gan.Penalties{gan.R2{}, gan.DRAGAN{}}} {
			game := gan.Game{Generator: newMLP(newRand(1), 2, 4, 2), Discriminator: newMLP(newRand(2), 2, 4, 1), Loss: d.loss,
				Latent: gan.Uniform(2), Penalty: p, Noise: gan.InstanceNoise{Std: 0.1, Over: 10}}
			before := values(game.Generator)
			run := train.Run{Steps: 3, Seed: 3, Shards: 2, Progress: io.Discard}
			require.NoError(t, train.Play(context.Background(), run, game.Players(optim.Adam{}), points(8)))
			require.NotEqual(t, before, values(game.Generator))
			require.True(t, tensor.AllFinite(tensor.FromSlice(values(game.Discriminator), nn.NumParams(game.Discriminator))), d.name)
		}
	}
}
