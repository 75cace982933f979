package network_test

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/gan/network"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 5)) }

func TestParameterCountsOfThePapers(t *testing.T) {
	rng := newRand(1)
	require.Equal(t, 2_503_984, nn.NumParams(network.NewMNISTGenerator(nil, rng)))
	require.Equal(t, 1_231_441, nn.NumParams(network.NewMNISTDiscriminator(rng)))
	require.Equal(t, 2_413_984, nn.NumParams(network.NewCGANGenerator(rng)))
	require.Equal(t, 1_224_351, nn.NumParams(network.NewCGANDiscriminator(rng)))
	require.Equal(t, 8*8*3*64+64+8*8*32*64+64+5*5*32*384+384+4800*2500+2500+501, nn.NumParams(network.NewCIFARConvDiscriminator(rng)))
}

// The largest has 358 MB of weights.
func TestParameterCountsOfTheLargestNetworks(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 400 MB")
	}
	rng := newRand(1)
	require.Equal(t, 89_395_072, nn.NumParams(network.NewCIFARGenerator(rng)))
	require.Equal(t, 37_393_601, nn.NumParams(network.NewCIFARDiscriminator(rng)))
	// By hand: two linear layers, and a kernel 5×5 of 80 to 3 channels with biases.
	require.Equal(t, 808_000+64_008_000+5*5*80*3+3, nn.NumParams(network.NewCIFARConvGenerator(rng)))
}

func TestParameterCountsOfDCGAN(t *testing.T) {
	rng := newRand(1)
	for _, c := range []struct {
		size, generator, discriminator int
	}{
		// 100×4×4→w with norm, then halving, then 64×4×4→3 with bias; and 3→64 with bias, doubling with norm, w×4×4→1 with bias.
		{32, 100*16*256 + 512 + 16*(256*128+128*64) + 2*(128+64) + 16*64*3 + 3, 16*3*64 + 64 + 16*(64*128+128*256) + 2*(128+256) + 16*256 + 1},
		{64, 100*16*512 + 1024 + 16*(512*256+256*128+128*64) + 2*(256+128+64) + 16*64*3 + 3,
			16*3*64 + 64 + 16*(64*128+128*256+256*512) + 2*(128+256+512) + 16*512 + 1},
		{128, 100*16*1024 + 2048 + 16*(1024*512+512*256+256*128+128*64) + 2*(512+256+128+64) + 16*64*3 + 3,
			16*3*64 + 64 + 16*(64*128+128*256+256*512+512*1024) + 2*(128+256+512+1024) + 16*1024 + 1},
	} {
		o := network.DCGANOptions{Size: c.size}
		require.Equal(t, c.generator, nn.NumParams(network.NewDCGANGenerator(o, rng)), c.size)
		require.Equal(t, c.discriminator, nn.NumParams(network.NewDCGANDiscriminator(o, rng)), c.size)
	}
}

// The residual pair of Miyato et al. 2018 for 32×32: each layer by hand.
func TestParameterCountsOfResNet(t *testing.T) {
	rng := newRand(1)
	block := 2*(9*128*128+128) + 128*128 + 128 // two convolutions and the skip
	g := 128*16*128 + 16*128 + 3*(block+2*2*128) + 2*128 + 9*128*3 + 3
	require.Equal(t, g, nn.NumParams(network.NewResNetGenerator(network.ResNetOptions{}, rng)))
	first := 9*3*128 + 128 + 9*128*128 + 128 + 3*128 + 128
	d := first + block + 2*2*(9*128*128+128) + 128 + 1
	require.Equal(t, d, nn.NumParams(network.NewResNetDiscriminator(network.ResNetOptions{}, rng)))
	// A condition replaces the affine part of each norm in a block by two linear layers of it, and adds an embedding.
	o := network.ResNetOptions{Condition: 10, Classes: 10}
	require.Equal(t, g+3*2*(2*(10*128+128)-2*128), nn.NumParams(network.NewResNetGenerator(o, rng)))
	require.Equal(t, d+10*128+128*10+10, nn.NumParams(network.NewResNetDiscriminator(o, rng)))
}

// pair is two networks that play against each other, small enough for tests.
type pair struct {
	name    string
	game    gan.Game
	shape   []int // of a picture
	classes int
}

func pairs() []pair {
	rng := newRand(2)
	base := gan.Game{Loss: gan.NonSaturating{}, Latent: gan.Normal(8)}
	with := func(g, d any, change func(*gan.Game)) gan.Game {
		game := base
		game.Generator, game.Discriminator = g, d
		if change != nil {
			change(&game)
		}
		return game
	}
	paper := func(g *gan.Game) { g.Latent = gan.Uniform(100) }
	var out []pair
	out = append(out,
		pair{"MNIST", with(network.NewMNISTGenerator(nil, rng), network.NewMNISTDiscriminator(rng), paper), []int{28, 28, 1}, 0},
		pair{"CGAN", with(network.NewCGANGenerator(rng), network.NewCGANDiscriminator(rng), func(g *gan.Game) {
			g.Latent, g.Condition = gan.UniformOn(0, 1, 100), gan.Class(10)
		}), []int{28, 28, 1}, 10})
	for _, size := range []int{8, 32, 64, 128} {
		o := network.DCGANOptions{Size: size, Latent: 8, Width: 2}
		out = append(out, pair{fmt.Sprint("DCGAN ", size), with(network.NewDCGANGenerator(o, rng), network.NewDCGANDiscriminator(o, rng), nil), []int{size, size, 3}, 0})
	}
	o := network.DCGANOptions{Size: 16, Latent: 8, Width: 2, Condition: 4, NoNorm: true, Channels: 1}
	out = append(out, pair{"WGAN-GP", with(network.NewDCGANGenerator(o, rng), network.NewDCGANDiscriminator(o, rng), func(g *gan.Game) {
		g.Loss, g.Penalty, g.Condition, g.Turns = gan.Wasserstein{}, gan.GradientPenalty{}, gan.Class(4), 2
	}), []int{16, 16, 1}, 4})
	for _, classes := range []int{0, 4} {
		o := network.ResNetOptions{Size: 16, Latent: 8, Width: 4, Condition: classes, Classes: classes}
		out = append(out, pair{fmt.Sprint("ResNet of ", classes), with(network.NewResNetGenerator(o, rng), network.NewResNetDiscriminator(o, rng), func(g *gan.Game) {
			g.Loss = gan.Hinge{}
			g.FeatureMatching = 0.1
			if classes > 0 {
				g.Condition, g.Auxiliary = gan.Class(classes), 1
			}
		}), []int{16, 16, 3}, classes})
	}
	o = network.DCGANOptions{Size: 16, Latent: 8, Width: 2, Condition: 4, Classes: 4}
	out = append(out, pair{"AC-GAN", with(network.NewDCGANGenerator(o, rng), network.NewDCGANDiscriminator(o, rng), func(g *gan.Game) {
		g.Condition, g.Auxiliary, g.FeatureMatching = gan.Class(4), 1, 0.1
	}), []int{16, 16, 3}, 4})
	return out
}

// Every pair plays a round, and every parameter of both networks gets a gradient that is not zero.
func TestEveryPairPlaysAndAllOfItLearns(t *testing.T) {
	for _, p := range pairs() {
		src := data.Func[gan.Batch](func(_ int, rng *rand.Rand) (gan.Batch, error) {
			b := gan.Batch{Images: tensor.RandU(rng, 0, 1, append([]int{8}, p.shape...)...)}
			for i := range 8 * min(p.classes, 1) {
				b.Classes = append(b.Classes, i%p.classes)
			}
			return b, nil
		})
		before := map[string][]float32{}
		snapshot := func(f func(name string, x *tensor.Tensor)) {
			for i, m := range []any{p.game.Generator, p.game.Discriminator} {
				for _, e := range nn.Walk(m) {
					if e.Param != nil {
						f(fmt.Sprint(i, e.Name), e.Param.Value())
					}
				}
			}
		}
		snapshot(func(name string, x *tensor.Tensor) { before[name] = x.Clone().Data() })
		run := train.Run{Steps: 3, Seed: 1, Progress: io.Discard}
		require.NoError(t, train.Play(context.Background(), run, p.game.Players(optim.Adam{Rate: 1e-3}), src), p.name)
		snapshot(func(name string, x *tensor.Tensor) {
			if _, distance := p.game.Loss.(gan.Wasserstein); distance && name == "1out.bias" {
				return // a difference of two logits does not depend on what is added to both
			}
			require.NotEqual(t, before[name], x.Data(), "%s: %s does not learn", p.name, name)
			require.True(t, tensor.AllFinite(x), "%s: %s", p.name, name)
		})
		var y *tensor.Tensor
		if p.classes > 0 {
			y = gan.Class(p.classes).Encode(0, 1, 2)
		}
		z := p.game.Latent.Draw(3, newRand(3))
		x := gan.Draw(p.game.Generator, z, y)
		require.Equal(t, append([]int{3}, p.shape...), x.Shape(), p.name)
		var given *autograd.Var
		if y != nil {
			given = autograd.Const(y)
		}
		require.Equal(t, []int{3, 1}, gan.Look(p.game.Discriminator, autograd.Const(x), given, nil).Logits.Shape(), p.name)
	}
}

func TestCIFARConvShapes(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 260 MB")
	}
	rng := newRand(3)
	x := network.NewCIFARConvGenerator(rng).Forward(autograd.Const(tensor.RandU(rng, -1, 1, 2, 100)))
	require.Equal(t, []int{2, 32, 32, 3}, x.Shape())
	require.Equal(t, []int{2, 1}, network.NewCIFARConvDiscriminator(rng).Forward(x, &nn.Pass{Train: true, Rand: rng}).Shape())
}

func TestMarginalsAreWhereTheGeneratorBegins(t *testing.T) {
	rng := newRand(4)
	marginals := tensor.RandU(rng, 0, 1, 28, 28, 1)
	marginals.Set(0, 0, 0, 0)
	g := network.NewMNISTGenerator(marginals, rng)
	for _, l := range g.Layers {
		l.Weight.Value().Fill(0)
	}
	x := g.Forward(autograd.Const(tensor.RandU(rng, -1, 1, 1, 100))).Value()
	for i, p := range marginals.Data() {
		require.InDelta(t, max(p, 1e-3), x.Data()[i], 2e-3)
	}
}

func TestWeightsBeginAsInThePapers(t *testing.T) {
	rng := newRand(5)
	for _, c := range []struct {
		w     *autograd.Var
		bound float64
	}{
		{network.NewMNISTGenerator(nil, rng).Layers[2].Weight, 0.05},
		{network.NewMNISTDiscriminator(rng).Layers[0].Weight, 0.005},
		{network.NewCGANDiscriminator(rng).Joint.Weight, 0.005},
	} {
		top := 0.0
		for _, v := range c.w.Value().Data() {
			top = max(top, math.Abs(float64(v)))
		}
		require.InDelta(t, c.bound, top, 0.01*c.bound)
	}
	d := network.NewDCGANDiscriminator(network.DCGANOptions{Size: 64, Width: 16}, rng)
	w := d.Downs[3].Weight.Value()
	require.InDelta(t, 0.02, tensor.Norm(w)/math.Sqrt(float64(w.Len())), 0.001)
}

func TestRecipes(t *testing.T) {
	for _, c := range []struct {
		recipe              network.Recipe
		batch               int
		rate, divisor, last float64
	}{
		{network.MNISTRecipe(500), 100, 0.1, 1.000004, 1e-6},
		{network.CIFARRecipe(500), 100, 0.025, 1.000004, 1e-6},
		{network.CIFARConvRecipe(500), 128, 0.004, 1.000004, 1e-6},
		{network.CGANRecipe(500), 100, 0.1, 1.00004, 1e-6},
	} {
		require.Equal(t, c.batch, c.recipe.Batch)
		rate := func(update int) float64 { return c.recipe.Opt.Rate * c.recipe.Opt.Schedule.At(update) }
		require.InDelta(t, c.rate, rate(0), 1e-12)
		require.InDelta(t, c.rate/c.divisor, rate(1), 1e-12)
		require.InDelta(t, c.rate/math.Pow(c.divisor, 1000), rate(1000), 1e-9)
		require.InDelta(t, c.last, rate(100_000_000), 1e-12)
		momentum := func(epoch int) float64 { return c.recipe.Opt.Momenta.At(epoch * 500) }
		require.InDelta(t, 0.5, momentum(0), 1e-12)
		require.InDelta(t, 0.5, momentum(1), 1e-12)
		require.InDelta(t, 0.5+0.2*100/249, momentum(101), 1e-12)
		require.InDelta(t, 0.7, momentum(250), 1e-12)
		require.InDelta(t, 0.7, momentum(999), 1e-12)
		require.InDelta(t, momentum(100), c.recipe.Opt.Momenta.At(100*500+499), 1e-12, "the momentum changes by epoch")
	}
}

func TestImpossibleOptionsPanic(t *testing.T) {
	require.Panics(t, func() { network.NewDCGANGenerator(network.DCGANOptions{Size: 48}, newRand(1)) })
	require.Panics(t, func() { network.NewDCGANDiscriminator(network.DCGANOptions{Size: 4}, newRand(1)) })
	require.Panics(t, func() { network.NewResNetGenerator(network.ResNetOptions{Width: -1}, newRand(1)) })
	require.Panics(t, func() { network.NewResNetDiscriminator(network.ResNetOptions{Size: 33}, newRand(1)) })
}
