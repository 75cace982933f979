package gan_test

import (
	"bytes"
	"context"
	"fmt"
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

// watched plays a game and returns what a monitor thinks of it at the end, and said.
func watched(t *testing.T, players []train.Player[gan.Batch], steps int, src data.Source[gan.Batch]) (health gan.Health, said string, err error) {
	t.Helper()
	var out bytes.Buffer
	m := &gan.Monitor{Out: &out}
	run := m.Watch(train.Run{Steps: steps, Seed: 3, LogEvery: 5, Progress: io.Discard})
	err = train.Play(context.Background(), run, players, src)
	return m.Health(), out.String(), err
}

// bounded is a generator of points no further out than 3, with dropout of its hidden units.
type bounded struct {
	Layers []*nn.Linear `nn:"layers"`
	Drop   nn.Dropout
}

func newBounded(drop float32) *bounded {
	return &bounded{newMLP(newRand(1), 2, 32, 2).Layers, nn.Dropout{Rate: drop}}
}

func (g *bounded) Forward(z *autograd.Var, pass *nn.Pass) *autograd.Var {
	h := autograd.LeakyReLU(g.Layers[0].Forward(z), 0.2)
	return autograd.Scale(autograd.Tanh(g.Layers[1].Forward(g.Drop.Forward(h, pass))), 3)
}

// A generator that makes many steps against the same discriminator goes where that thinks best, from everywhere. Dropout in it makes
// samples in training look varied, which they are not.
func TestACollapseIsSeen(t *testing.T) {
	for _, drop := range []float32{0, 0.5} {
		g := newBounded(drop)
		game := gan.Game{Generator: g, Discriminator: newMLP(newRand(2), 2, 32, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2)}
		players := game.Players(optim.Adam{Rate: 1e-4}, optim.Adam{Rate: 2e-3, Beta1: 0.5})
		players[1].Turns = 8
		health, said, err := watched(t, players, 200, ring(64, 0.1))
		require.NoError(t, err)
		z := autograd.Const(gan.Normal(2).Draw(64, newRand(4)))
		require.Less(t, deviation(g.Forward(z, nil).Value()), 0.15, "it has collapsed")
		require.True(t, health.Has(gan.Collapse), "%v: %s", drop, health)
		require.Contains(t, said, "not well: ")
		require.Contains(t, said, "collapse: samples are 0.")
		require.Contains(t, said, "try to begin anew, or to go back with gan.PlayAgain, with a penalty (gan.R1)")
	}
}

// The diversity of a generator that makes one sample alone is none, though no two of its samples are alike in training.
func TestDropoutIsNoDiversity(t *testing.T) {
	g := newBounded(0.5)
	g.Layers[0].Weight.Value().Fill(0)
	g.Layers[0].Bias.Value().Fill(1)
	game := gan.Game{Generator: g, Discriminator: newMLP(newRand(2), 2, 8, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2)}
	b, err := points(100).Batch(0, newRand(1))
	require.NoError(t, err)
	z := autograd.Const(gan.Normal(2).Draw(100, newRand(4)))
	require.Greater(t, deviation(g.Forward(z, &nn.Pass{Train: true, Rand: newRand(5)}).Value()), 0.3)
	s := step(autograd.NewTape(), 1)
	terms := game.GeneratorTerms(s, b)
	require.Equal(t, "diversity", terms[len(terms)-1].Name)
	require.InDelta(t, 0, terms[len(terms)-1].Value.Item(), 1e-6)
}

// deviation is the mean standard deviation of the columns.
func deviation(x *tensor.Tensor) float64 {
	s := 0.0
	for c := range x.Dim(1) {
		var sum, squares float64
		for i := range x.Dim(0) {
			v := float64(x.At(i, c))
			sum += v
			squares += v * v
		}
		n := float64(x.Dim(0))
		s += math.Sqrt(max(0, squares/n-sum/n*sum/n)) / float64(x.Dim(1))
	}
	return s
}

// A discriminator whose opponent hardly learns is always right.
func TestADominationIsSeen(t *testing.T) {
	game := gan.Game{Generator: newMLP(newRand(1), 2, 8, 2), Discriminator: newMLP(newRand(2), 2, 64, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2)}
	health, said, err := watched(t, game.Players(optim.Adam{Rate: 0.02}, optim.Adam{Rate: 1e-6}), 200, ring(64, 0.05))
	require.NoError(t, err)
	require.True(t, health.Has(gan.Domination), health)
	require.Contains(t, said, "the discriminator is right about 100 % of what it sees")
	require.Contains(t, said, "domination: the discriminator has been right about ")
	require.Contains(t, said, "try a penalty (gan.R1), a lower rate of the discriminator")
}

// A game as it should be is well.
func TestAHealthyGameIsWell(t *testing.T) {
	game := gan.Game{Generator: newMLP(newRand(1), 2, 32, 2), Discriminator: newMLP(newRand(2), 2, 32, 1), Loss: gan.NonSaturating{},
		Penalty: gan.R1{Weight: 0.5}, Latent: gan.Normal(2)}
	health, said, err := watched(t, game.Players(optim.Adam{Rate: 2e-3, Beta1: 0.5}), 300, points(64))
	require.NoError(t, err)
	require.True(t, health.Well(), said)
	require.Contains(t, said, ": well: the discriminator is right about ")
}

// A rate that is much too high ends in numbers that are none, and the error says where they came from.
func TestANaNNamesItsOrigin(t *testing.T) {
	game := gan.Game{Generator: newMLP(newRand(1), 2, 8, 2), Discriminator: newMLP(newRand(2), 2, 8, 1), Loss: gan.LeastSquares{}, Latent: gan.Normal(2)}
	_, _, err := watched(t, game.Players(optim.SGD{Rate: 1e9}), 200, points(64))
	var nan *train.NonFiniteError
	require.ErrorAs(t, err, &nan)
	require.Contains(t, []string{"linear", "matmul", "addbias", "square", "leaf", "add"}, nan.Op, err.Error())
	require.Contains(t, nan.Layer, "layers.", err.Error())
	require.NotEmpty(t, gan.Explain(err))
}

// Random numbers that are counted are the same numbers: dropout in a generator changes none that come later.
func TestCountingChangesNoBits(t *testing.T) {
	run := func(change func(*train.Step)) []float32 {
		s := step(autograd.NewTape(), 7)
		game := gan.Game{Generator: newBounded(0.5), Discriminator: newMLP(newRand(2), 2, 8, 1),
			Loss: gan.NonSaturating{}, Latent: gan.Normal(2), Noise: gan.InstanceNoise{Std: 1}}
		b, err := points(8).Batch(0, newRand(3))
		require.NoError(t, err)
		if change != nil {
			change(s)
		}
		var out []float32
		for _, term := range game.GeneratorTerms(s, b) {
			out = append(out, term.Value.Item())
		}
		return append(out, s.Pass.Rand.Float32())
	}
	once := run(nil)
	require.Equal(t, once, run(nil))
	require.NotEqual(t, once, run(func(s *train.Step) { s.Pass.Rand.Uint64() }))
}

// Samples of a class that are all alike have no diversity, however different the classes are.
func TestDiversityIsWithinClasses(t *testing.T) {
	src := data.Func[gan.Batch](func(_ int, rng *rand.Rand) (gan.Batch, error) {
		b := gan.Batch{Images: tensor.RandN(rng, 16, 2), Classes: make([]int, 16)}
		for i := range b.Classes {
			b.Classes[i] = i % 4
			b.Images.Set(b.Images.At(i, 0)+float32(10*b.Classes[i]), i, 0)
		}
		return b, nil
	})
	b, err := src.Batch(0, newRand(1))
	require.NoError(t, err)
	number := func(latent, class float32) float64 {
		g := newMLP(newRand(1), 2+4, 2)
		w := g.Layers[0].Weight.Value()
		w.Fill(0)
		for i := range 2 {
			w.Set(latent, i, i)
		}
		for k := range 4 {
			w.Set(class*float32(k), 2+k, 0)
		}
		game := gan.Game{Generator: g, Discriminator: newMLP(newRand(2), 2+4, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2), Condition: gan.Class(4)}
		for _, term := range game.GeneratorTerms(step(autograd.NewTape(), 1), b) {
			if term.Name == "diversity" {
				return float64(term.Value.Item())
			}
		}
		return -1
	}
	require.InDelta(t, 0, number(0, 10), 1e-6)
	require.InDelta(t, 1, number(1, 10), 0.4)
	require.InDelta(t, 1, number(1, 0), 0.4)
}

// A checkpoint from after the trouble began is not gone back to, even if it is the newest, nor does it push out the good ones. One
// that is bad without a sign of it in the log before it is found out by the attempt from there.
func TestPlayAgainGoesBackBeforeTheTrouble(t *testing.T) {
	src := points(16)
	var ends int          // the round in which the generator breaks
	var begun map[int]int // first round of each attempt
	players := func(try int) []train.Player[gan.Batch] {
		g := newMLP(newRand(1), 2, 2)
		copy(g.Layers[0].Weight.Value().Data(), []float32{1, 0, 0, 1})
		game := gan.Game{Generator: g, Discriminator: newMLP(newRand(2), 2, 8, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2)}
		game.Extra = func(s *train.Step, _ gan.Batch, _ *autograd.Var) train.Terms {
			if _, ok := begun[try]; !ok {
				begun[try] = s.Round
			}
			if s.Round >= ends && try == 0 {
				g.Layers[0].Weight.Value().Fill(0)
			}
			return nil
		}
		return game.Players(optim.Adam{Rate: 1e-3})
	}
	var said bytes.Buffer
	m := &gan.Monitor{Out: io.Discard, Patience: 10, Stop: true}
	run := m.Watch(train.Run{Steps: 40, CheckpointEvery: 3, Keep: 2, LogEvery: 1, Progress: &said})
	for _, c := range []struct {
		ends  int
		begun map[int]int
	}{{13, map[int]int{0: 0, 1: 12}}, {14, map[int]int{0: 0, 1: 15, 2: 12}}} {
		ends, begun = c.ends, map[int]int{}
		run.Dir = t.TempDir()
		said.Reset()
		require.NoError(t, gan.PlayAgain(context.Background(), run, 2, players, src))
		require.Equal(t, c.begun, begun, said.String())
		require.Contains(t, said.String(), "collapse: samples are 0.")
		require.Contains(t, said.String(), fmt.Sprintf("gan: going back to step %d, attempt 1 of 2", begun[1]))
		require.True(t, m.Health().Well(), m.Health())
	}

	// The newest would have been one of the collapsed.
	begun = map[int]int{}
	run.Dir = t.TempDir()
	var unwell *gan.UnwellError
	require.ErrorAs(t, gan.PlayAgain(context.Background(), run, 0, players, src), &unwell)
	newest, _, ok, err := train.Saved(run.Dir)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 24, newest)
	for _, trouble := range unwell.Health.Troubles {
		if trouble.Kind == gan.Collapse {
			require.Equal(t, ends+1, trouble.After)
		}
	}

	// Without any from before, it says so.
	begun = map[int]int{}
	run.Dir, run.CheckpointEvery = t.TempDir(), 20
	err = gan.PlayAgain(context.Background(), run, 2, players, src)
	require.ErrorAs(t, err, &unwell)
	require.ErrorContains(t, err, "gan: no checkpoint is from before the trouble (write them more often)")
}

// An attempt that leads nowhere from a checkpoint is followed by one from an older checkpoint.
func TestPlayAgainGoesFurtherBack(t *testing.T) {
	var begun []int
	players := func(try int) []train.Player[gan.Batch] {
		game := gan.Game{Generator: newMLP(newRand(1), 2, 2), Discriminator: newMLP(newRand(2), 2, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2)}
		first := true
		game.Extra = func(s *train.Step, _ gan.Batch, _ *autograd.Var) train.Terms {
			if first {
				begun, first = append(begun, s.Round), false
			}
			if s.Round == 10 && try < 3 {
				return train.Terms{{Name: "broken", Value: autograd.Const(tensor.Full(float32(1)/float32(s.Round-10), 1))}}
			}
			return nil
		}
		return game.Players(optim.Adam{Rate: 1e-3})
	}
	run := train.Run{Dir: t.TempDir(), Steps: 20, CheckpointEvery: 3, Progress: io.Discard}
	require.NoError(t, gan.PlayAgain(context.Background(), run, 4, players, points(8)))
	require.Equal(t, []int{0, 9, 6, 9}, begun, "the last from a checkpoint that the third has written anew")
}
