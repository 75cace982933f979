package gan_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/stretchr/testify/require"
)

// everything is a game with all that has to survive a kill: spectral norms and batch norms, two optimisers with schedules, an
// average, several turns, a lazy penalty, noise that fades, augmentation, and data in an order that changes by epoch.
func everything() ([]train.Player[gan.Batch], data.Source[gan.Batch]) {
	o := network.ResNetOptions{Size: 8, Channels: 1, Latent: 4, Width: 4, Condition: 10, Classes: 10}
	game := gan.Game{
		Generator: network.NewResNetGenerator(o, newRand(1)), Discriminator: network.NewResNetDiscriminator(o, newRand(2)),
		Loss: gan.Hinge{}, Penalty: gan.R1{Weight: 0.1, Every: 3}, Latent: gan.Normal(4), Condition: gan.Class(10),
		Noise: gan.InstanceNoise{Std: 0.1, Over: 20}, Augment: gan.FullAugment, Auxiliary: 0.1, FeatureMatching: 0.1,
		Turns: 2, EMA: 0.9,
	}
	players := game.Players(optim.Adam{Rate: 1e-2, Beta1: optim.Zero, Schedule: optim.Linear{From: 1, To: 0, Over: 40}},
		optim.RMSProp{Rate: 1e-3})
	set := synthetic.Digits(20, 1, synthetic.DigitOptions{Side: 8})
	return players, gan.Labelled(set.Batches(6, labelled.BatchOptions{Signed: true}))
}

const rounds = 10

func state(t *testing.T, dir string) map[string][]float32 {
	t.Helper()
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

// A run that is killed between checkpoints, twice, ends with the same bits as one that was left alone.
func TestKilledRunsEndTheSame(t *testing.T) {
	run := func(dir string) train.Run {
		return train.Run{Dir: dir, Steps: rounds, Seed: 5, Shards: 2, CheckpointEvery: 3, LogEvery: 1, Progress: io.Discard}
	}
	whole := t.TempDir()
	players, src := everything()
	require.NoError(t, train.Play(context.Background(), run(whole), players, src))
	want := state(t, whole)
	for _, name := range []string{"discriminator.blocks.0.conv1.weight_u", "discriminator.head.score.weight_u",
		"generator.blocks.0.norm1.norm.running_mean", "average/generator.grow.weight", "optimiser/discriminator/v/head.score.weight",
		"optimiser/generator/square/grow.weight"} {
		require.Contains(t, want, name)
	}

	killed := t.TempDir()
	kill := errors.New("killed")
	for _, at := range []int{5, 8, rounds + 1} {
		r := run(killed)
		r.OnLog = func(rec train.Record) error {
			if rec.Step == at {
				return kill // nothing is saved
			}
			return nil
		}
		players, src := everything()
		err := train.Play(context.Background(), r, players, src)
		if at <= rounds {
			require.ErrorIs(t, err, kill)
		} else {
			require.NoError(t, err)
		}
	}
	require.Equal(t, want, state(t, killed))
}
