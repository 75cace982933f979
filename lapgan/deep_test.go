package lapgan

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// A change in one corner of the low-pass image reaches the opposite corner of the result, which three convolutions would not.
func TestDeepSeesThePictureAsAWhole(t *testing.T) {
	const side = 32
	corner := func(g Generator) float64 {
		low := tensor.RandN(newRand(1), 1, side, side, 3)
		z := g.Noise(1, newRand(2))
		paint := func() *tensor.Tensor { return g.Forward(autograd.Const(z), autograd.Const(low), nil, nil).Value() }
		before := paint()
		low.Set(5, 0, 0, 0, 0)
		after := paint()
		return math.Abs(float64(before.At(0, side-1, side-1, 0) - after.At(0, side-1, side-1, 0)))
	}
	require.NotZero(t, corner(NewDeep(DeepOptions{Side: side, Width: 4}, newRand(3))))
	require.Zero(t, corner(NewConv(ConvOptions{Side: side, Width: 4}, newRand(3))))
}

// The plane of noise makes no grain before that is learned, and the vector makes a difference from the start.
func TestDeepBeginsWithoutGrain(t *testing.T) {
	g := NewDeep(DeepOptions{Side: 8, Width: 4, Latent: 3}, newRand(1))
	low := autograd.Const(tensor.RandN(newRand(2), 1, 8, 8, 3))
	paint := func(z *tensor.Tensor) []float32 { return g.Forward(autograd.Const(z), low, nil, nil).Value().Data() }
	z := g.Noise(1, newRand(3))
	before := paint(z)
	z.Data()[3] = 0.9
	require.Equal(t, before, paint(z))
	z.Data()[2] = 0.9
	require.NotEqual(t, before, paint(z))
}

func TestDeepOptionsAreChecked(t *testing.T) {
	for _, o := range []DeepOptions{{}, {Side: 2}, {Side: 14}, {Side: 8, Width: -1}, {Side: 1 << 20}, {Side: 8, Classes: -1}} {
		require.Error(t, o.Check())
		require.Panics(t, func() { NewDeep(o, newRand(1)) })
	}
	require.Panics(t, func() { NewDeep(DeepOptions{Side: 8, Width: 4}, newRand(1)).Sample(Given{N: 1}, newRand(1)) }, "no low-pass image")
}

// R1 of a linear discriminator is half the square of its weight, whatever it sees.
func TestPenaltyByHand(t *testing.T) {
	var got train.Record
	run := train.Run{Steps: 1, LogEvery: 1, Progress: io.Discard, OnLog: func(r train.Record) error { got = r; return nil }}
	game := Game{Generator: newShifter(), Discriminator: newLinear(0.3, 0), Penalty: gan.Penalties{gan.R1{Weight: 1}, gan.R2{Weight: 1}}}
	src := data.Func[Batch](func(int, *rand.Rand) (Batch, error) { return eight(), nil })
	rule := optim.SGD{Rate: 1e-12}
	require.NoError(t, train.Play(context.Background(), run, game.Players(rule, rule), src))
	require.InDelta(t, 0.5*0.3*0.3, float64(got.Terms["discriminator/r1"]), 1e-6)
	require.InDelta(t, 0.5*0.3*0.3, float64(got.Terms["discriminator/r2"]), 1e-6)
}

// With the penalty, at classes and low-pass images, every parameter of the discriminator still learns.
func TestDeepGameWithPenalty(t *testing.T) {
	rng := newRand(1)
	o := DeepOptions{Side: 8, Width: 4, Classes: 10}
	d := NewDeepDiscriminator(o, rng)
	var before []*tensor.Tensor
	for _, p := range nn.Params(d) {
		before = append(before, p.Value().Clone())
	}
	game := Game{
		Generator: NewDeep(o, rng), Discriminator: d, Classes: 10, EMA: 0.9, Penalty: gan.R1{Weight: 1, Every: 2},
		Augment: gan.Augment{Translation: true},
	}
	m := synthetic.Shapes(32, 1, synthetic.ShapeOptions{Side: 8})
	src, err := Data{Images: m, Sizes: []int{4, 8}, Level: 1, Norm: SignedNorm(3), Batch: 16, Disturb: 0.1}.Source()
	require.NoError(t, err)
	rule := optim.Adam{Rate: 1e-3, Beta1: 0.5}
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 3, Seed: 1, Progress: io.Discard}, game.Players(rule, rule), src))
	for i, p := range nn.Params(d) {
		require.NotEqual(t, before[i].Data(), p.Value().Data(), i)
	}
}

// Noise on the coarser image reaches the low-pass image and is taken back by the residual, so that the image stays as it is.
func TestDisturbedExamplesAreWhole(t *testing.T) {
	m := synthetic.Shapes(20, 1, synthetic.ShapeOptions{Side: 16})
	d := Data{Images: m, Sizes: []int{4, 8, 16}, Level: 2, Norm: SignedNorm(3), NoMirror: true}
	plain := d.make([]int{3, 4}, newRand(1))
	d.Disturb = 0.2
	noisy := d.make([]int{3, 4}, newRand(1))
	require.Less(t, maxDiff(plain.Image(), noisy.Image()), 1e-5)
	difference := tensor.Sub(plain.Low, noisy.Low)
	require.InDelta(t, 0, float64(tensor.Mean(difference).Item()), 0.05)
	deviation := math.Sqrt(float64(tensor.Mean(tensor.Square(difference)).Item()))
	require.True(t, deviation > 0.08 && deviation < 0.2, "%g: the noise of 8×8 is enlarged, which smooths it", deviation)
	require.Equal(t, plain.Classes, noisy.Classes)
	again, err := d.Examples(3, 5)
	require.NoError(t, err)
	require.Equal(t, plain.Low.Data(), again.Low.Data(), "no noise in evaluation")
}

// A vector reaches every draw for an example.
func TestRepeatKeepsVectors(t *testing.T) {
	g := repeat(Given{N: 2, Vectors: tensor.Arange(6).Reshape(2, 3), Classes: []int{4, 5}}, 1, 3)
	require.Equal(t, []float32{3, 4, 5, 3, 4, 5, 3, 4, 5}, g.Vectors.Data())
	require.Equal(t, []int{5, 5, 5}, g.Classes)
}

func TestHalfFilesAreHalf(t *testing.T) {
	dir := t.TempDir()
	want := Trained{Level: NewDeep(DeepOptions{Side: 8, Width: 16}, newRand(1)), Index: 1, Sizes: []int{4, 8}, Norm: SignedNorm(3)}
	full, half := filepath.Join(dir, "full"), filepath.Join(dir, "half")
	require.NoError(t, Save(full, want, 0, nil))
	require.NoError(t, SaveHalf(half, want, 0, nil))
	a, err := os.Stat(full)
	require.NoError(t, err)
	b, err := os.Stat(half)
	require.NoError(t, err)
	require.Less(t, float64(b.Size()), 0.6*float64(a.Size()))
	got, err := OpenFile(half)
	require.NoError(t, err)
	given := Given{N: 1, Low: tensor.RandN(newRand(1), 1, 8, 8, 3)}
	require.Less(t, maxDiff(want.Level.Sample(given, newRand(2)), got.Level.Sample(given, newRand(2))), 0.05)
}
