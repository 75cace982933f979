package style_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

// The loss is the squared length of the error, averaged over the batch, of the noise that the step draws.
func TestLoss(t *testing.T) {
	g, e := newPainter(1), newEncoder(2)
	texts := bank().Draw(5, 1, newRand(3))
	for _, batch := range []bool{false, true} {
		game := style.Game{Generator: g, Encoder: e, Latent: latent, BatchStatistics: batch}
		step := &train.Step{Tape: autograd.NewTape(), Pass: &nn.Pass{Train: true, Rand: newRand(4)}, Shards: 1}
		terms := game.Terms(step, texts)

		z := tensor.RandN(newRand(4), 5, latent)
		var pass *nn.Pass
		if batch {
			pass = &nn.Pass{Train: true}
		}
		x := g.Forward(autograd.Const(z), autograd.Const(texts), pass)
		guess := e.Forward(x, &nn.Pass{Train: true}).Value()
		sum := 0.0
		for i, v := range z.Data() {
			d := float64(v) - float64(guess.Data()[i])
			sum += d * d
		}
		require.Equal(t, "loss", terms[0].Name)
		require.InEpsilon(t, sum/5, float64(terms[0].Value.Item()), 1e-5)
		require.Equal(t, 1.0, terms[0].Weight)
		require.InEpsilon(t, sum/5/latent, float64(terms[1].Value.Item()), 1e-5)
		require.Zero(t, terms[1].Weight)
	}
	require.Panics(t, func() { style.Game{Encoder: e}.Player(nil) })
	require.Panics(t, func() { style.Game{Generator: g}.Player(nil) })
	require.PanicsWithValue(t, "style.Game: the encoder's guess is (5,4), the noise (5,5)", func() {
		step := &train.Step{Tape: autograd.NewTape(), Pass: &nn.Pass{Train: true, Rand: newRand(4)}, Shards: 1}
		style.Game{Generator: wide{g}, Encoder: e, Latent: latent + 1}.Terms(step, texts)
	})
}

// wide takes noise of one number more than it uses.
type wide struct{ *painter }

func (w wide) Forward(z, text *autograd.Var, pass *nn.Pass) *autograd.Var {
	return w.painter.Forward(autograd.Slice(z, 1, 0, latent), text, pass)
}

// Training recovers most of the noise, in either mode of the generator, which stays as it was to the bit.
func TestTrainingRecoversTheNoise(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	for _, batch := range []bool{false, true} {
		g, e := newPainter(1), newEncoder(2)
		game := style.Game{Generator: g, Encoder: e, Latent: latent, BatchStatistics: batch}
		before, weights := game.Error(bank().Draw(300, 1, newRand(5)), newRand(6)), values(g)
		last := play(t, game, 250)
		after := game.Error(bank().Draw(300, 1, newRand(5)), newRand(6))
		t.Logf("batch statistics %v: error %.3f, then %.3f; last mse %.3f", batch, before, after, float64(last.Terms["mse"]))
		require.InDelta(t, 1, before, 0.3)
		require.Less(t, float64(last.Terms["mse"]), 0.2)
		if !batch {
			require.Less(t, after, 0.2)
		}
		require.Equal(t, weights, values(g))
	}
}

// What is not in the picture cannot be recovered: the guess is the mean at best.
func TestBlindGeneratorTellsNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	game := style.Game{Generator: blind{newPainter(1)}, Encoder: newEncoder(2), Latent: latent}
	play(t, game, 150)
	require.Greater(t, game.Error(bank().Draw(300, 1, newRand(5)), newRand(6)), 0.9)
}

// A run that is killed between checkpoints ends with the bits of one that was left alone.
func TestKilledRunsEndTheSame(t *testing.T) {
	const rounds = 8
	kill := errors.New("killed")
	state := func(dir string, stops ...int) map[string][]float32 {
		for _, at := range append(stops, rounds+1) {
			run := train.Run{Dir: dir, Steps: rounds, Seed: 5, Shards: 2, CheckpointEvery: 3, LogEvery: 1, Progress: io.Discard,
				OnLog: func(r train.Record) error {
					if r.Step == at {
						return kill
					}
					return nil
				}}
			game := style.Game{Generator: newPainter(1), Encoder: newEncoder(2), Latent: latent, BatchStatistics: true}
			err := train.Play(context.Background(), run, []train.Player[*tensor.Tensor]{game.Player(nil)}, bank().Batches(8, 2))
			if at <= rounds {
				require.ErrorIs(t, err, kill)
			} else {
				require.NoError(t, err)
			}
		}
		step, path, ok, err := train.Saved(dir)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, rounds, step)
		s, err := checkpoint.ReadState(path)
		require.NoError(t, err)
		out := map[string][]float32{}
		for _, name := range s.Names() {
			x, err := s.Tensor(name)
			require.NoError(t, err)
			out[name] = x.Data()
		}
		return out
	}
	want := state(t.TempDir())
	require.Contains(t, want, "model.norms.0.running_mean")
	require.Equal(t, want, state(t.TempDir(), 4, 7))
}

func TestBatchesDoNotRepeat(t *testing.T) {
	src := bank().Batches(4, 1)
	a, err := src.Batch(0, data.Stream(1, 0))
	require.NoError(t, err)
	b, err := src.Batch(1, data.Stream(1, 1))
	require.NoError(t, err)
	require.NotEqual(t, a.Data(), b.Data())
}
