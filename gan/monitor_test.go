package gan_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// record is a record of a healthy run, with changes.
func record(step int, change map[string]float64) train.Record {
	r := train.Record{Step: step, Terms: map[string]train.Number{
		"discriminator/accuracy": 0.7, "discriminator/real": 0.8, "discriminator/fake": -0.7,
		"generator/diversity": 0.9, "generator/saturation": 0.01,
	}, Norms: map[string]train.Number{"discriminator": 2, "generator": 1}}
	for name, v := range change {
		if player, ok := strings.CutPrefix(name, "norm/"); ok {
			r.Norms[player] = train.Number(v)
		} else {
			r.Terms[name] = train.Number(v)
		}
	}
	return r
}

func TestMonitorKnowsTroubles(t *testing.T) {
	for kind, change := range map[gan.Kind]map[string]float64{
		gan.Domination: {"discriminator/accuracy": 0.995},
		gan.Blindness:  {"discriminator/accuracy": 0.4},
		gan.Collapse:   {"generator/diversity": 0.05},
		gan.Saturation: {"generator/saturation": 0.8},
		gan.Vanishing:  {"norm/generator": 1e-9},
		gan.Explosion:  {"norm/discriminator": 1e4},
	} {
		var out bytes.Buffer
		m := &gan.Monitor{Out: &out, Patience: 3}
		for i := range 20 {
			require.NoError(t, m.Record(record(10*i+10, nil)))
		}
		require.True(t, m.Health().Well(), kind)
		spoken := out.String()
		require.Equal(t, 1, strings.Count(spoken, "\n"), "it speaks once when it can judge: %s", spoken)
		require.Contains(t, spoken, "step 30: well: the discriminator is right about 70 % of what it sees; its logits of real and fake are 1.5 apart; "+
			"samples are 0.90 times as varied as the data; gradients are 2 long in the discriminator and 1 in the generator")
		for i := range 2 {
			require.NoError(t, m.Record(record(210+10*i, change)))
			require.True(t, m.Health().Well(), "%s must last to be believed", kind)
		}
		require.NoError(t, m.Record(record(230, change)))
		require.True(t, m.Health().Has(kind), "%s: %s", kind, m.Health())
		require.Len(t, m.Health().Troubles, 1, kind)
		require.Contains(t, out.String(), "step 230: not well: ")
		require.Contains(t, out.String(), "  "+string(kind)+": ")
		require.Contains(t, out.String(), "; try ")
		n := out.Len()
		require.NoError(t, m.Record(record(240, change)))
		require.Equal(t, n, out.Len(), "it does not repeat itself")
		require.NoError(t, m.Record(record(250, nil)))
		require.True(t, m.Health().Well())
		require.Contains(t, out.String(), "step 250: well: ")
	}
}

func TestMonitorStopsACollapse(t *testing.T) {
	m := &gan.Monitor{Out: io.Discard, Patience: 2, Stop: true}
	require.NoError(t, m.Record(record(1, map[string]float64{"generator/diversity": 0.01})))
	err := m.Record(record(2, map[string]float64{"generator/diversity": 0.01}))
	var unwell *gan.UnwellError
	require.ErrorAs(t, err, &unwell)
	require.True(t, unwell.Health.Has(gan.Collapse))
	require.NotContains(t, err.Error(), "\n")
	require.Contains(t, gan.Explain(err), "collapse: try to begin anew")
}

func TestMonitorOfARunWithoutABoundary(t *testing.T) {
	var out bytes.Buffer
	m := &gan.Monitor{Out: &out, Patience: 1, Every: 2}
	for i := range 5 {
		r := record(i+1, nil)
		delete(r.Terms, "discriminator/accuracy")
		require.NoError(t, m.Record(r))
		require.NoError(t, m.Record(train.Record{Step: i + 1, Eval: map[string]train.Number{"fid": 3}}), "an evaluation is passed over")
	}
	require.NotContains(t, out.String(), "right about")
	require.Equal(t, 3, strings.Count(out.String(), "\n"), "every other record: %s", out.String())
}

func TestWatchKeepsTheHookThatIsThere(t *testing.T) {
	seen := 0
	stop := errors.New("enough")
	run := (&gan.Monitor{Out: io.Discard}).Watch(train.Run{OnLog: func(train.Record) error {
		if seen++; seen == 3 {
			return stop
		}
		return nil
	}})
	require.NoError(t, run.OnLog(record(1, nil)))
	require.NoError(t, run.OnLog(record(2, nil)))
	require.ErrorIs(t, run.OnLog(record(3, nil)), stop)
}

// What the players log of themselves in a real run.
func TestPlayersLogTheirHealth(t *testing.T) {
	src := points(64)
	game := gan.Game{Generator: newMLP(newRand(1), 2, 2), Discriminator: newMLP(newRand(2), 2, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2)}
	b, err := src.Batch(0, newRand(3))
	require.NoError(t, err)
	number := func(terms train.Terms, name string) float64 {
		for _, term := range terms {
			if term.Name == name {
				require.Zero(t, term.Weight)
				return float64(term.Value.Item())
			}
		}
		require.Fail(t, "no term", name)
		return 0
	}
	// A generator of one point has no diversity, and one far out is saturated.
	stuck := newMLP(newRand(1), 2, 2)
	stuck.Layers[0].Weight.Value().Fill(0)
	stuck.Layers[0].Bias.Value().Fill(100)
	game.Generator = stuck
	terms := game.GeneratorTerms(step(autograd.NewTape(), 1), b)
	require.InDelta(t, 0, number(terms, "diversity"), 1e-6)
	require.Greater(t, number(terms, "saturation"), 0.9)

	// A discriminator that looks at the sum of the coordinates tells them apart.
	sure := newMLP(newRand(2), 2, 1)
	sure.Layers[0].Weight.Value().Fill(-1)
	sure.Layers[0].Bias.Value().Fill(50)
	game.Discriminator = sure
	terms = game.DiscriminatorTerms(step(autograd.NewTape(), 1), b)
	require.InDelta(t, 1, number(terms, "accuracy"), 1e-6)
	require.InDelta(t, 50, number(terms, "real"), 1)
	require.InDelta(t, -150, number(terms, "fake"), 1e-3)

	// Samples of the data themselves are as varied as the data.
	same := newMLP(newRand(1), 2, 2)
	copy(same.Layers[0].Weight.Value().Data(), []float32{1, 0, 0, 1})
	copy(same.Layers[0].Bias.Value().Data(), []float32{1, -1})
	game.Generator = same
	terms = game.GeneratorTerms(step(autograd.NewTape(), 1), b)
	require.InDelta(t, 1, number(terms, "diversity"), 0.2)
	require.InDelta(t, 0, number(terms, "saturation"), 0.05)
}

// A run that breaks goes back to its last checkpoint and on with gentler players.
func TestPlayAgainAfterNaN(t *testing.T) {
	calls := 0
	src := points(8)
	newGame := func(try int) gan.Game {
		return gan.Game{Generator: newMLP(newRand(1), 2, 2), Discriminator: newMLP(newRand(2), 2, 1), Loss: gan.NonSaturating{}, Latent: gan.Normal(2),
			Extra: func(s *train.Step, _ gan.Batch, fake *autograd.Var) train.Terms {
				calls++
				if s.Round == 5 && try == 0 {
					return train.Terms{{Name: "broken", Weight: 1, Value: autograd.Const(tensor.Scalar(float32(math.NaN())))}}
				}
				return nil
			}}
	}
	run := train.Run{Dir: t.TempDir(), Steps: 8, CheckpointEvery: 4, Progress: io.Discard}
	var tries []int
	err := gan.PlayAgain(context.Background(), run, 2, func(try int) []train.Player[gan.Batch] {
		tries = append(tries, try)
		return newGame(try).Players(optim.Adam{Rate: 1e-3 / float64(1+try)})
	}, src)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, tries)
	require.Equal(t, 6+4, calls, "6 rounds to the NaN, and 4 from the checkpoint to the end")
	step, _, ok, err := train.Saved(run.Dir)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 8, step)

	// Without a folder there is nowhere to go back to, and at last it gives up.
	run.Dir = ""
	err = gan.PlayAgain(context.Background(), run, 2, func(int) []train.Player[gan.Batch] { return newGame(0).Players(optim.Adam{}) }, src)
	var nan *train.NonFiniteError
	require.ErrorAs(t, err, &nan)
	require.Contains(t, gan.Explain(err), "the generator's loss is not finite: try a lower rate")
	run.Dir = t.TempDir()
	tries = nil
	err = gan.PlayAgain(context.Background(), run, 2, func(try int) []train.Player[gan.Batch] {
		tries = append(tries, try)
		return newGame(0).Players(optim.Adam{})
	}, src)
	require.ErrorAs(t, err, &nan)
	require.Equal(t, []int{0, 1, 2}, tries)
	require.Empty(t, gan.Explain(errors.New("something else")))
}
