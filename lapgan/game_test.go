package lapgan

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
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// shifter is a generator with one parameter, which it adds to noise of one value.
type shifter struct {
	Shift *autograd.Var `nn:"shift"`
	noise float32
}

func (g *shifter) Noise(n int, rng *rand.Rand) *tensor.Tensor {
	return tensor.RandU(rng, -g.noise, g.noise, n, 1, 1, 1)
}

func (g *shifter) Forward(z, _, _ *autograd.Var, _ *nn.Pass) *autograd.Var {
	return autograd.Add(z, g.Shift)
}

// linear is a discriminator of low + h.
type linear struct {
	Line *nn.Linear `nn:"line"`
}

func (d *linear) Forward(h, low, _ *autograd.Var, _ *nn.Pass) *autograd.Var {
	return d.Line.Forward(autograd.Add(h, low).Reshape(h.Dim(0), 1))
}

func newShifter() *shifter {
	return &shifter{Shift: autograd.Const(tensor.FromSlice([]float32{2}, 1)), noise: 0}
}

func newLinear(w, b float32) *linear {
	l := nn.NewLinear(1, 1, nn.LinearOptions{}, newRand(1))
	l.Weight.Value().Fill(w)
	l.Bias.Value().Fill(b)
	return &linear{l}
}

// eight examples of one pixel, with all values different.
func eight() Batch {
	b := Batch{Target: tensor.New(8, 1, 1, 1), Low: tensor.New(8, 1, 1, 1)}
	for i := range 8 {
		b.Target.Set(float32(i), i, 0, 0, 0)
		b.Low.Set(float32(10*i), i, 0, 0, 0)
	}
	return b
}

func softplus(x float64) float64 { return math.Log1p(math.Exp(x)) }

// Both losses by hand: real examples 0 and 1, fakes on the low-pass images 2 and 3, one mean over the four; the generator on
// 4 to 7.
func TestLossesByHand(t *testing.T) {
	const w, b = 0.05, -0.3
	logit := func(x float64) float64 { return w*x + b }
	wantReal := (softplus(-logit(0)) + softplus(-logit(1+10))) / 2
	wantFake := (softplus(logit(2+20)) + softplus(logit(2+30))) / 2
	wantG := (softplus(-logit(42)) + softplus(-logit(52)) + softplus(-logit(62)) + softplus(-logit(72))) / 4

	var got train.Record
	run := train.Run{Steps: 1, LogEvery: 1, Progress: io.Discard, OnLog: func(r train.Record) error { got = r; return nil }}
	frozen := optim.SGD{Rate: 1e-12}
	players := Game{Generator: newShifter(), Discriminator: newLinear(w, b), Content: 3, Lattice: 7}.Players(frozen, frozen)
	src := data.Func[Batch](func(int, *rand.Rand) (Batch, error) { return eight(), nil })
	require.NoError(t, train.Play(context.Background(), run, players, src))
	require.InDelta(t, wantReal, float64(got.Terms["discriminator/real"]), 1e-5)
	require.InDelta(t, wantFake, float64(got.Terms["discriminator/fake"]), 1e-5)
	require.InDelta(t, (wantReal+wantFake)/2, float64(got.Terms["discriminator/loss"]), 1e-5)
	require.InDelta(t, wantG, float64(got.Terms["generator/loss"]), 1e-5)
	require.InDelta(t, (2+3+4+5)/4.0, float64(got.Terms["generator/content"]), 1e-5, "residuals of 2 against 4 to 7")
	require.InDelta(t, (4+9+16+25)/4.0, float64(got.Terms["generator/lattice"]), 1e-5, "of single pixels, which are windows of their own")
}

func TestGates(t *testing.T) {
	for _, c := range []struct {
		real, fake float64
		d, g       bool
	}{{0.5, 0.9, true, false}, {0.5, 0.7, false, true}, {0.75, 0.7, true, true}, {0.75, 1.1, true, false}, {0.1, 0.1, false, true}} {
		d, g := gates(c.real, c.fake)
		require.Equal(t, []bool{c.d, c.g}, []bool{d, g}, "%+v", c)
	}
}

// Who is gated out keeps the bits of its parameters.
func TestGatedPlayersStandStill(t *testing.T) {
	for _, c := range []struct {
		bias float32 // of a discriminator that ignores its input
		d, g bool
	}{{3, true, false}, {-3, true, true}, {0.1, false, true}} {
		g, d := newShifter(), newLinear(1e-3, c.bias)
		players := Game{Generator: g, Discriminator: d, Gated: true}.Players(optim.SGD{Rate: 0.1}, optim.SGD{Rate: 0.1})
		src := data.Func[Batch](func(int, *rand.Rand) (Batch, error) { return eight(), nil })
		require.NoError(t, train.Play(context.Background(), train.Run{Steps: 1, Progress: io.Discard}, players, src))
		require.Equal(t, c.d, d.Line.Bias.Value().Item() != c.bias, "discriminator, bias %g", c.bias)
		require.Equal(t, c.g, g.Shift.Value().Item() != 2, "generator, bias %g", c.bias)
	}
}

// The generator learns where the data lie from the discriminator alone.
func TestGameFindsTheData(t *testing.T) {
	g, d := newShifter(), newLinear(0, 0)
	g.noise = 0.5
	players := Game{Generator: g, Discriminator: d}.Players(
		optim.SGD{Rate: 0.3, Momentum: 0.5, WeightDecay: 0.3}, optim.SGD{Rate: 0.1})
	src := data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) {
		return Batch{Target: tensor.RandU(rng, -1.5, -0.5, 64, 1, 1, 1), Low: tensor.New(64, 1, 1, 1)}, nil
	})
	require.NoError(t, train.Play(context.Background(), train.Run{Steps: 300, Seed: 1, Progress: io.Discard}, players, src))
	require.InDelta(t, -1, float64(g.Shift.Value().Item()), 0.3)
}

func TestSchedules(t *testing.T) {
	const epoch = 100
	p := PaperSGD(epoch)
	require.Equal(t, 1.0, p.Schedule.At(99))
	require.InDelta(t, 1/(1+4e-5), p.Schedule.At(100), 1e-12)
	require.InDelta(t, 0.5008, p.Momenta.At(100), 1e-12)
	require.InDelta(t, 0.5008, p.Momenta.At(199), 1e-12)
	require.InDelta(t, 0.8, p.Momenta.At(400*epoch), 1e-12)
	c := CodeSGD(epoch)
	require.Zero(t, c.Momenta.At(0))
	require.InDelta(t, 0.0008, c.Momenta.At(epoch), 1e-12)
	require.InDelta(t, 0.7, c.Momenta.At(1000*epoch), 1e-12)
	require.True(t, c.Damped && p.Damped)
	require.Equal(t, 0.01, LSUNSGD(epoch).Rate)
}

// A level is trained on real low-pass images: target and low-pass image add up to the image of its size.
func TestDataMakesPyramids(t *testing.T) {
	m := synthetic.Shapes(20, 1, synthetic.ShapeOptions{Side: 16})
	sizes := []int{4, 7, 14}
	norm := PixelNorm(m)
	for level, side := range sizes {
		d := Data{Images: m, Sizes: sizes, Level: level, Norm: norm, Batch: 8}
		all, err := d.Examples(0, 20)
		require.NoError(t, err)
		x, _ := m.Block(0, 20)
		whole := tensor.Crop2D(norm.Apply(x), 1, 1, 14, 14)
		c := Build(Bilinear{}, whole, Squares(sizes...))
		require.Less(t, maxDiff(c.Stages[level].Image, all.Image()), 1e-5)
		require.Equal(t, m.Labels, all.Classes)

		src, err := d.Source()
		require.NoError(t, err)
		b, err := src.Batch(0, newRand(2))
		require.NoError(t, err)
		require.Equal(t, []int{8, side, side, 3}, b.Target.Shape())
		require.Equal(t, level == 0, b.Low == nil)
		again, err := src.Batch(0, newRand(2))
		require.NoError(t, err)
		require.Equal(t, b, again)
		part, err := b.Shard(1, 2)
		require.NoError(t, err)
		require.Equal(t, b.Classes[4:], part.Classes)
		require.Equal(t, b.Target.Rows(4, 8).Data(), part.Target.Data())
	}
	for _, bad := range []Data{
		{Images: m, Sizes: sizes, Level: 3}, {Images: m, Sizes: []int{8, 32}}, {Images: m, Sizes: []int{8, 4}},
		{Images: m, Sizes: sizes, Norm: SignedNorm(1)},
	} {
		_, err := bad.Source()
		require.ErrorContains(t, err, "lapgan: ")
	}
}

func TestNorms(t *testing.T) {
	m := synthetic.Shapes(50, 3, synthetic.ShapeOptions{Side: 8})
	x, _ := m.Block(0, 50)
	for _, n := range []*Norm{PixelNorm(m), ChannelNorm(m, 0)} {
		y := n.Apply(x)
		require.Less(t, maxDiff(x, n.Undo(y)), 1e-5)
		axes := []int{0}
		if n.Mean.Dim(0) == 1 {
			axes = []int{0, 1, 2}
		}
		require.Less(t, float64(tensor.Max(tensor.Abs(tensor.Mean(y, axes...))).Item()), 1e-4)
		require.InDelta(t, 1, float64(tensor.Mean(tensor.Square(y)).Item()), 1e-3)
	}
	require.Equal(t, []float32{0, -2}, WhiteNorm(1).Apply(tensor.FromSlice([]float32{1, 0}, 1, 1, 2, 1)).Data())
	require.Equal(t, []float32{1, -1}, SignedNorm(1).Apply(tensor.FromSlice([]float32{1, 0}, 1, 1, 2, 1)).Data())
	require.Equal(t, []int{4, 4, 3}, PixelNorm(m).Crop(4).Mean.Shape())
	require.Equal(t, []int{4, 4, 3}, PixelNorm(m).at(4).Mean.Shape())
}

// The discriminator sees low + h and low changed by the same draw: what is cut out is cut out of both.
func TestAugmentChangesBothAlike(t *testing.T) {
	game := Game{Augment: gan.Augment{Translation: true, Cutout: true}}
	rng := rand.New(rand.NewPCG(1, 2))
	low, h := tensor.RandN(rng, 5, 8, 8, 2), tensor.RandN(rng, 5, 8, 8, 2)
	pass := func() *train.Step { return &train.Step{Pass: &nn.Pass{Rand: rand.New(rand.NewPCG(3, 4))}} }
	gotH, gotLow := game.augment(pass(), autograd.Const(h), autograd.Const(low))
	sum := tensor.Add(low, h)
	full, none := game.augment(pass(), autograd.Const(sum), nil)
	require.Nil(t, none)
	require.NotEqual(t, sum.Data(), full.Value().Data(), "nothing changed")
	require.InDeltaSlice(t, full.Value().Data(), tensor.Add(gotLow.Value(), gotH.Value()).Data(), 1e-6)
	zeros := 0
	for i, v := range gotLow.Value().Data() {
		if v == 0 {
			zeros++
			require.Zero(t, full.Value().Data()[i])
		}
	}
	require.Greater(t, zeros, 5*8*8*2/8, "cut out")
}
