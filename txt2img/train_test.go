package txt2img

import (
	"context"
	"errors"
	"image"
	"io"
	"maps"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// shapes returns synthetic pictures with captions for small networks.
func shapes(t *testing.T, n int) (Captioned, *caption.Pictures) {
	t.Helper()
	p, _ := synthetic.CaptionedShapes(n, 1, synthetic.ShapeOptions{Side: Uncropped(16)})
	texts, err := Embed(colours, p.Captions)
	require.NoError(t, err)
	return Captioned{Images: p.Images, Texts: texts, Size: 16, Batch: 32}, p
}

// matching returns how often a discriminator scores a picture higher with its own caption than another one with it.
func matching(t *testing.T, d gan.Conditional, set Captioned) float64 {
	t.Helper()
	set.Batch = 400
	b := batchOf(t, set)
	score := func(x *tensor.Tensor) []float32 {
		return d.Forward(autograd.Const(x), autograd.Const(b.Text), &nn.Pass{Train: true}).Value().Data()
	}
	return value(t, mismatched(tensor.FromSlice(score(b.Right), 400), tensor.FromSlice(score(b.Wrong), 400)), "matching")
}

// obedience is the cosine between how the mean colours of pictures differ by the colour that was asked for, and how they do in
// the data: 1 for a generator that does as it is told, and 0 for one that does not listen.
func obedience(t *testing.T, g gan.Conditional, latent gan.Latent, p *caption.Pictures) float64 {
	t.Helper()
	const each = 40
	deviations := func(of func(colour int) *tensor.Tensor) *tensor.Tensor {
		out := tensor.New(len(colours), 3)
		for k := range colours {
			x := of(k)
			out.Rows(k, k+1).CopyFrom(tensor.Mean(x.Reshape(-1, 3), 0).Reshape(1, 3))
		}
		return tensor.Sub(out, tensor.Mean(out, 0))
	}
	real := deviations(func(k int) *tensor.Tensor {
		var of []int
		for i, c := range p.Captions {
			if colours.Encode(c[1:2]).At(0, k) == 1 {
				of = append(of, i)
			}
		}
		x, err := p.Images.Subset(of).Block(0, len(of))
		require.NoError(t, err)
		return x
	})
	z := latent.Draw(each, newRand(7))
	painted := deviations(func(k int) *tensor.Tensor {
		return gan.Draw(g, z, repeat(colours.Encode([]string{colours[k]}), each))
	})
	return tensor.Dot(real, painted) / (tensor.Norm(real)*tensor.Norm(painted) + 1e-12)
}

// strangeness is how far the mean and the deviation of each channel of painted pictures are from those of the data.
func strangeness(g gan.Conditional, latent gan.Latent, b Batch) float64 {
	moments := func(x *tensor.Tensor) *tensor.Tensor {
		x = x.Reshape(-1, 3)
		mean := tensor.Mean(x, 0)
		return tensor.Concat(0, mean, tensor.Sqrt(tensor.Mean(tensor.Square(tensor.Sub(x, mean)), 0)))
	}
	painted := gan.Draw(g, latent.Draw(b.Len(), newRand(7)), b.Text)
	return tensor.Norm(tensor.Sub(moments(painted), moments(b.Right)))
}

// In each variant pictures come near to those of the data, and with mismatched pairs the generator learns to paint the colour
// that it is told, and the discriminator to tell whether a caption fits.
func TestTrainingLearnsColours(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	set, p := shapes(t, 240)
	src, err := set.Source()
	require.NoError(t, err)
	for _, v := range Variants() {
		g, d := networks(1)
		game := v.Of(Game{Generator: g, Discriminator: d, Latent: gan.Normal(4)})
		obeyed, strange := obedience(t, g, game.Latent, p), strangeness(g, game.Latent, batchOf(t, set))
		require.InDelta(t, 0, obeyed, 0.1)
		require.InDelta(t, 0.5, matching(t, d, set), 0.1)
		run := train.Run{Steps: 100, Seed: 1, Progress: io.Discard}
		require.NoError(t, train.Play(context.Background(), run, game.Players(optim.Adam{Rate: 2e-3, Beta1: 0.5}), src))
		obeys, match, after := obedience(t, g, game.Latent, p), matching(t, d, set), strangeness(g, game.Latent, batchOf(t, set))
		t.Logf("%v: strangeness %.2f, then %.2f; obedience %.2f, then %.2f; captions matched %.2f", v, strange, after, obeyed, obeys, match)
		require.Less(t, after, 0.8*strange, v)
		if game.Mismatch > 0 {
			require.Greater(t, obeys, 0.3, v)
			require.Greater(t, match, 0.75, v)
		}
	}
}

// A run that is killed between checkpoints ends with the bits of one that was left alone.
func TestKilledRunsEndTheSame(t *testing.T) {
	const rounds = 8
	set, _ := shapes(t, 40)
	set.Batch = 8
	kill := errors.New("killed")
	play := func(dir string, stops ...int) map[string][]float32 {
		for _, at := range append(stops, rounds+1) {
			run := train.Run{Dir: dir, Steps: rounds, Seed: 5, Shards: 2, CheckpointEvery: 3, LogEvery: 1, Progress: io.Discard,
				OnLog: func(r train.Record) error {
					if r.Step == at {
						return kill
					}
					return nil
				}}
			g, d := networks(1)
			game := GANINTCLS.Of(Game{Generator: g, Discriminator: d, Latent: gan.Normal(4), EMA: 0.9, Augment: gan.FullAugment, Penalty: gan.R1{Every: 3}})
			src, err := set.Source()
			require.NoError(t, err)
			err = train.Play(context.Background(), run, game.Players(Recipe{Rate: 1e-3, Halve: 2}.Adam(set.Batches())), src)
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
	want := play(t.TempDir())
	for _, name := range []string{"generator.blocks.0.0.norms.2.running_var", "average/generator.text.weight", "discriminator.text_norm.running_mean"} {
		require.Contains(t, want, name)
	}
	require.Equal(t, want, play(t.TempDir(), 4, 7))
}

// A monitor of package gan understands the log, and the gallery draws.
func TestGameIsWatched(t *testing.T) {
	set, p := shapes(t, 40)
	set.Batch = 8
	src, err := set.Source()
	require.NoError(t, err)
	g, d := networks(1)
	game := GANCLS.Of(Game{Generator: g, Discriminator: d, Latent: gan.Normal(4), EMA: 0.9})
	monitor := gan.Monitor{Out: io.Discard, Patience: 2}
	var names []string
	run := train.Run{Steps: 4, Seed: 1, LogEvery: 1, Progress: io.Discard, OnLog: func(r train.Record) error {
		names = nil
		for name := range maps.Keys(r.Terms) {
			names = append(names, name)
		}
		return nil
	}}
	texts := tensor.Concat(0, set.Texts[0].Rows(1, 2), set.Texts[1].Rows(1, 2))
	sheets := 0
	run.Dir, run.SampleEvery = t.TempDir(), 2
	gallery := game.Gallery(texts, []string{p.Captions[0][1], p.Captions[1][1]})
	run.Sample = func(v *train.View) (img image.Image, err error) {
		sheets++
		return gallery.Table(v)
	}
	require.NoError(t, train.Play(context.Background(), monitor.Watch(run), game.Players(Recipe{}.Adam(set.Batches())), src))
	require.ElementsMatch(t, []string{"discriminator/loss", "discriminator/real", "discriminator/fake", "discriminator/accuracy",
		"discriminator/wrong", "discriminator/matching", "generator/loss", "generator/saturation", "generator/diversity"}, names)
	require.Contains(t, monitor.Health().Summary, "discriminator")
	require.Equal(t, 3, sheets)
}

// Statistics that are measured anew are the means over the batches.
func TestCalibrate(t *testing.T) {
	set, _ := shapes(t, 40)
	set.Batch = 16
	src, err := set.Source()
	require.NoError(t, err)
	g, _ := networks(1)
	weights := values(nn.Params(g))
	require.NoError(t, Calibrate(g, gan.Normal(4), src, 5, 3))
	require.Equal(t, weights, values(nn.Params(g)))
	// The first batch norm stands behind a linear map of noise and text, whose mean is known: that of the texts.
	first := g.Norms[0]
	require.Equal(t, float32(0.1), first.Momentum)
	want := tensor.New(first.RunningMean.Shape()...)
	again, _ := networks(1)
	for i := range 5 {
		one, _ := networks(1)
		for _, n := range one.Norms {
			n.Momentum = 1
		}
		rng := data.Stream(3, uint64(i))
		b, err := src.Batch(i, rng)
		require.NoError(t, err)
		pass := &nn.Pass{Train: true}
		one.Forward(autograd.Const(gan.Normal(4).Draw(16, rng)), autograd.Const(b.Text), pass)
		pass.Commit()
		tensor.AddScaledInto(want, one.Norms[0].RunningMean, 0.2)
	}
	require.InDeltaSlice(t, want.Data(), first.RunningMean.Data(), 1e-6)
	require.NotEqual(t, again.Norms[0].RunningMean.Data(), first.RunningMean.Data())
	require.Panics(t, func() { _ = Calibrate(g, nil, src, 0, 1) })
}
