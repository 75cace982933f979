package gan_test

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

// ring draws points around 8 centres on a circle of radius 2.
func ring(n int, sigma float64) data.Source[gan.Batch] {
	return data.Func[gan.Batch](func(_ int, rng *rand.Rand) (gan.Batch, error) {
		x := tensor.New(n, 2)
		for i := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(rng.IntN(8)) / 8)
			x.Set(float32(2*cos+sigma*rng.NormFloat64()), i, 0)
			x.Set(float32(2*sin+sigma*rng.NormFloat64()), i, 1)
		}
		return gan.Batch{Images: x}, nil
	})
}

// coverage returns how many of the 8 modes have a fair share of the points, and the share of points near one.
func coverage(x *tensor.Tensor, sigma float64) (modes int, near float64) {
	var counts [8]int
	for i := range x.Dim(0) {
		for k := range counts {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / 8)
			if math.Hypot(float64(x.At(i, 0))-2*cos, float64(x.At(i, 1))-2*sin) < 4*sigma {
				counts[k]++
				near += 1 / float64(x.Dim(0))
			}
		}
	}
	for _, c := range counts {
		if c > x.Dim(0)/8/4 {
			modes++
		}
	}
	return modes, near
}

// Seconds of training find most of the modes, which an untrained generator does not.
func TestTrainingFindsTheModes(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	const sigma = 0.2
	for name, c := range map[string]struct {
		loss    gan.Loss
		penalty gan.Penalty
		bf16    bool
	}{
		"R1":                  {gan.NonSaturating{}, gan.R1{Weight: 0.05}, false},
		"WGAN-GP":             {gan.Wasserstein{}, gan.GradientPenalty{Weight: 0.1}, false},
		"WGAN-GP in bfloat16": {gan.Wasserstein{}, gan.GradientPenalty{Weight: 0.1}, true},
	} {
		g := newMLP(newRand(1), 2, 48, 48, 2)
		game := gan.Game{Generator: g, Discriminator: newMLP(newRand(2), 2, 48, 48, 1), Loss: c.loss, Penalty: c.penalty,
			Latent: gan.Normal(2), Turns: 2}
		nn.UseBFloat16(game.Generator, c.bf16)
		nn.UseBFloat16(game.Discriminator, c.bf16)
		shot := func() (int, float64) { return coverage(gan.Draw(g, gan.Normal(2).Draw(2000, newRand(9)), nil), sigma) }
		before, _ := shot()
		require.LessOrEqual(t, before, 2)
		run := train.Run{Steps: 500, Seed: 1, Progress: io.Discard}
		require.NoError(t, train.Play(context.Background(), run, game.Players(optim.Adam{Rate: 2e-3, Beta1: 0.5, Beta2: 0.99}), ring(96, sigma)))
		modes, near := shot()
		t.Logf("%s: %d modes, %.2f near", name, modes, near)
		require.GreaterOrEqual(t, modes, 6, name)
		require.Greater(t, near, 0.6, name)
	}
}

// At the optimum of a game that has one, the discriminator's loss approaches ln 4: the generator has learned the one Gaussian.
func TestSimpleGameConverges(t *testing.T) {
	if testing.Short() {
		t.Skip("trains for some seconds")
	}
	game := gan.Game{Generator: newMLP(newRand(1), 2, 16, 2), Discriminator: newMLP(newRand(2), 2, 24, 1), Loss: gan.Minimax{},
		Penalty: gan.R1{Weight: 1}, Latent: gan.Normal(2)}
	players := game.Players(optim.Adam{Rate: 5e-3, Beta1: 0.5})
	playThese(t, players, 400, points(64))
	b, err := points(2000).Batch(0, newRand(5))
	require.NoError(t, err)
	var loss float64
	for _, term := range game.DiscriminatorTerms(step(autograd.NewTape(), 1), b) {
		if term.Name == "loss" {
			loss = float64(term.Value.Item())
		}
	}
	require.InDelta(t, 2*math.Ln2, loss, 0.03)
}
