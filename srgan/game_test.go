package srgan

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
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func tinyVGG(taps ...vgg.Tap) *vgg.VGG {
	return vgg.New(vgg.Options{Taps: taps, Width: 4}, rand.New(rand.NewPCG(8, 8)))
}

// maps are features that do nothing but name themselves: the image, and the image of half the channels.
type maps struct{ half bool }

func (maps) Name() string { return "pixels" }

func (m maps) Maps(x *autograd.Var) []*autograd.Var {
	if m.half {
		return []*autograd.Var{x, autograd.Slice(x, 3, 0, 2)}
	}
	return []*autograd.Var{x}
}

func TestFeatureLossIsEquation5(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	y, hr := tensor.RandU(rng, -1, 1, 2, 16, 20, 3), tensor.RandU(rng, -1, 1, 2, 16, 20, 3)
	for _, f := range []Features{maps{}, maps{half: true}, tinyVGG(vgg.VGG22), tinyVGG(vgg.Tap{Block: 1, Conv: 2}, vgg.VGG54)} {
		for _, l := range []FeatureLoss{{Features: f}, {Features: f, SumChannels: true}, {Features: f, Scale: 0.5}} {
			scale := 1 / 12.75
			if l.Scale != 0 {
				scale = l.Scale
			}
			want := 0.0
			a, b := f.Maps(autograd.Const(y)), f.Maps(autograd.Const(hr))
			for k := range a {
				sum := 0.0
				for i, v := range a[k].Value().Data() {
					d := scale * (float64(v) - float64(b[k].Value().Data()[i]))
					sum += d * d
				}
				n, h, w, c := a[k].Dim(0), a[k].Dim(1), a[k].Dim(2), a[k].Dim(3)
				if l.SumChannels {
					c = 1
				}
				want += sum / float64(n*h*w*c)
			}
			got := float64(l.Value(autograd.Const(y), autograd.Const(hr)).Item())
			require.InEpsilon(t, want, got, 1e-5, "%s", l.Name())
		}
	}
	require.InDelta(t, 0.00615148, featureScale*featureScale, 1e-8)
	require.Equal(t, "vgg19-2.2 (width 4, random weights), channels summed", FeatureLoss{Features: tinyVGG(vgg.VGG22), SumChannels: true}.Name())
}

// gameOf returns a game of a small generator, and of what else the variant needs, for ×2 patches of 16 pixels.
func gameOf(v Variant, seed uint64) Game {
	g := Game{Variant: v, Generator: NewSRResNet(Options{Scale: 2, Channels: 8, Blocks: 1}, rand.New(rand.NewPCG(seed, 1)))}
	if tap, ok := v.Tap(); ok {
		g.Content.Features = tinyVGG(tap)
	}
	if v.Adversarial() {
		g.Discriminator = smallDisc(16, 16, seed)
	}
	return g
}

func pair(seed uint64) Pair {
	rng := rand.New(rand.NewPCG(seed, 5))
	return Pair{LR: tensor.RandU(rng, 0, 1, 4, 8, 8, 3), HR: tensor.RandU(rng, -1, 1, 4, 16, 16, 3)}
}

// step is one turn of a player by hand: terms, and the gradients of its parameters.
func step(p train.Player[Pair], b Pair) train.Terms {
	var terms train.Terms
	inner := p.Loss
	p.Loss = func(s *train.Step, b Pair) train.Terms {
		terms = nil
		out := inner(s, b)
		for _, t := range out {
			terms = append(terms, train.Term{Name: t.Name, Weight: t.Weight, Value: autograd.Const(t.Value.Value().Clone())})
		}
		return out
	}
	src := data.Func[Pair](func(int, *rand.Rand) (Pair, error) { return b, nil })
	run := train.Run{Steps: 1, Progress: io.Discard}
	if err := train.Play(context.Background(), run, []train.Player[Pair]{p}, data.Source[Pair](src)); err != nil {
		panic(err)
	}
	return terms
}

// TestTermsAreTheFormulas compares every term of the game with its definition in float64.
func TestTermsAreTheFormulas(t *testing.T) {
	softplus := func(v float64) float64 { return math.Log1p(math.Exp(v)) }
	b := pair(1)
	training := func() *nn.Pass { return &nn.Pass{Train: true} }
	for _, v := range Variants() {
		g := gameOf(v, 11)
		g.TV, g.Lattice = TVWeight, 7
		if _, ok := v.Tap(); ok {
			g.Pixels = 0.3
		}
		players := g.Players(optim.SGD{Rate: 1e-9})
		y := g.Generator.Forward(autograd.Const(b.LR), training())

		want := map[string]float64{}
		weights := map[string]float64{"tv": 2e-8, "lattice": 7}
		want["lattice"] = float64(gan.LatticeLoss(y, autograd.Const(b.HR), 2).Item()) // checked by its own test
		if tap, ok := v.Tap(); ok {
			name := fmt.Sprintf("vgg19-%v (width 4, random weights)", tap)
			want[name] = float64(g.Content.Value(y, autograd.Const(b.HR)).Item()) // checked above
			weights[name] = 1
			weights["mse"] = 0.3
		} else {
			weights["mse"] = 1
		}
		for i, p := range y.Value().Data() {
			d := float64(p) - float64(b.HR.Data()[i])
			want["mse"] += d * d / float64(b.HR.Len())
		}
		im := y.Value()
		for n := range 4 {
			for i := range 16 {
				for j := range 16 {
					for c := range 3 {
						p := float64(im.At(n, i, j, c))
						dx, dy := 0.0, 0.0
						if j < 15 {
							dx = float64(im.At(n, i, j+1, c)) - p
						}
						if i < 15 {
							dy = float64(im.At(n, i+1, j, c)) - p
						}
						want["tv"] += math.Sqrt(dx*dx+dy*dy+1e-12) / (4 * 16 * 16)
					}
				}
			}
		}
		if v.Adversarial() {
			logits := g.Discriminator.Forward(y, training()).Value().Data()
			reals := g.Discriminator.Forward(autograd.Const(b.HR), training()).Value().Data()
			disc := map[string]float64{}
			for i := range logits {
				want["adversarial"] += softplus(-float64(logits[i])) / 4
				disc["fake"] += softplus(float64(logits[i])) / 4
				disc["real"] += softplus(-float64(reals[i])) / 4
			}
			weights["adversarial"] = 1e-3
			require.Equal(t, "discriminator", players[0].Name)
			for _, term := range step(players[0], b) {
				if want, ok := disc[term.Name]; ok {
					require.Equal(t, 1.0, term.Weight)
					require.InEpsilon(t, want, float64(term.Value.Item()), 1e-4, term.Name)
				} else {
					require.Zero(t, term.Weight)
				}
			}
		} else {
			require.Len(t, players, 1)
		}
		got := step(players[len(players)-1], b)
		require.Len(t, got, len(want), v)
		for _, term := range got {
			require.InEpsilon(t, want[term.Name], float64(term.Value.Item()), 1e-4, "%v %s", v, term.Name)
			require.Equal(t, weights[term.Name], term.Weight, term.Name)
		}
	}
}

// contents is everything that a network has learned.
func contents(m any) []float32 {
	var out []float32
	for _, p := range nn.Params(m) {
		out = append(out, p.Value().Data()...)
	}
	return out
}

// TestEachPlayerMovesItsOwn checks that a turn changes the parameters of its player, all of them, and nobody else's.
func TestEachPlayerMovesItsOwn(t *testing.T) {
	g := gameOf(SRGANVGG54, 12)
	nets := map[string]any{"generator": g.Generator, "discriminator": g.Discriminator, "features": g.Content.Features}
	for _, p := range g.Players(optim.Adam{Rate: 1e-3}) {
		before := map[string][]float32{}
		for name, m := range nets {
			before[name] = contents(m)
		}
		states := map[string][]byte{}
		for name, m := range nets {
			states[name] = stateOf(m)
		}
		step(p, pair(2))
		for name, m := range nets {
			if name != p.Name {
				require.Equal(t, before[name], contents(m), "%s in the turn of the %s", name, p.Name)
				continue
			}
			for i, par := range nn.Params(m) {
				moved := false
				at := offset(m, i)
				for k, v := range par.Value().Data() {
					moved = moved || v != before[name][at+k]
				}
				require.True(t, moved, "%s, parameter %d", name, i)
			}
		}
		// The discriminator's running statistics see both turns, the generator's only its own.
		require.Equal(t, p.Name == "discriminator", bytes.Equal(states["generator"], stateOf(g.Generator)))
		require.NotEqual(t, states["discriminator"], stateOf(g.Discriminator))
	}
}

func stateOf(m any) []byte {
	var b bytes.Buffer
	for _, e := range nn.Walk(m) {
		if e.State != nil {
			fmt.Fprint(&b, e.State.Data())
		}
	}
	return b.Bytes()
}

func offset(m any, i int) int {
	n := 0
	for _, p := range nn.Params(m)[:i] {
		n += p.Len()
	}
	return n
}

// TestSmallSRGAN trains all networks of a tiny SRGAN: the content loss must fall and the discriminator must keep learning.
func TestSmallSRGAN(t *testing.T) {
	patches, err := NewPatches(scenes(6, 64), PatchOptions{Scale: 2, Size: 16, Batch: 8})
	require.NoError(t, err)
	g := gameOf(SRGANVGG22, 13)
	const steps = 150
	first, last := map[string]float64{}, map[string]float64{}
	run := train.Run{Steps: steps, Seed: 2, Progress: io.Discard, LogEvery: 15, OnLog: func(r train.Record) error {
		to := last
		if r.Step == 15 {
			to = first
		}
		for name, v := range r.Terms {
			to[name] = float64(v)
		}
		return nil
	}}
	players := g.Players(optim.Adam{Rate: 3e-3, Schedule: optim.Milestones{Updates: []int{steps / 2}}})
	require.NoError(t, train.Play(context.Background(), run, players, data.Source[Pair](patches)))
	content := "generator/vgg19-2.2 (width 4, random weights)"
	t.Logf("first %v\nlast %v", first, last)
	require.Less(t, last[content], 0.5*first[content])
	require.Less(t, last["discriminator/real"]+last["discriminator/fake"], 2*math.Ln2, "no better than a coin")
	require.Greater(t, last["discriminator/p(real)"], last["discriminator/p(fake)"]+0.1)
}

func TestGameSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		change func(*Game)
		want   string
	}{
		{func(g *Game) { g.Generator = nil }, "srgan: SRGAN-VGG54 needs a generator"},
		{func(g *Game) { g.Discriminator = nil }, "srgan: SRGAN-VGG54 needs a discriminator"},
		{func(g *Game) { g.Content.Features = nil }, "srgan: SRGAN-VGG54 needs a network of features"},
		{func(g *Game) { g.Variant = SRGANMSE }, "srgan: SRGAN-MSE compares pixels, not features"},
		{func(g *Game) { g.Variant = SRResNetVGG22 }, "srgan: SRResNet-VGG22 has no discriminator"},
		{func(g *Game) { g.Variant = 9 }, "srgan: no Variant(9)"},
		{func(g *Game) { g.TV = -1 }, "srgan: negative weight of a loss: adversarial 0, total variation -1, pixels 0, lattice 0"},
		{func(g *Game) { g.Pixels = -1 }, "srgan: negative weight of a loss: adversarial 0, total variation 0, pixels -1, lattice 0"},
		{func(g *Game) { g.Variant, g.Content.Features, g.Pixels = SRGANMSE, nil, 1 }, "srgan: SRGAN-MSE compares pixels in any case"},
	} {
		g := gameOf(SRGANVGG54, 14)
		require.NoError(t, g.Check())
		c.change(&g)
		require.EqualError(t, g.Check(), c.want)
		require.PanicsWithValue(t, c.want, func() { g.Players(optim.Adam{}) })
	}
}

func TestVariantNames(t *testing.T) {
	for _, v := range Variants() {
		got, err := ParseVariant(v.String())
		require.NoError(t, err)
		require.Equal(t, v, got)
	}
	for s, want := range map[string]Variant{"srgan": SRGANVGG54, "SRResNet": SRResNetMSE, "srgan-mse": SRGANMSE} {
		got, err := ParseVariant(s)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := ParseVariant("esrgan")
	require.EqualError(t, err, `srgan: no variant "esrgan"; there are SRResNet-MSE, SRResNet-VGG22, SRGAN-MSE, SRGAN-VGG22, SRGAN-VGG54`)
}

func TestScheduleOfThePaper(t *testing.T) {
	a := PaperAdam(SRGANVGG54, 0)
	require.Equal(t, 1e-4, a.Rate)
	require.Equal(t, 1.0, a.Schedule.At(99_999))
	require.InDelta(t, 0.1, a.Schedule.At(100_000), 1e-12)
	require.Nil(t, PaperAdam(SRResNetMSE, 0).Schedule)
	require.InDelta(t, 0.1, PaperAdam(SRGANMSE, 10).Schedule.At(5), 1e-12)
}

func TestFactsNameTheLoss(t *testing.T) {
	g := gameOf(SRGANVGG54, 15)
	g.TV, g.Pixels, g.Lattice = TVWeight, 0.5, 30
	require.Equal(t, map[string]string{"variant": "SRGAN-VGG54", "content": "vgg19-5.4 (width 4, random weights)",
		"adversarial": "0.001", "tv": "2e-08", "pixels": "0.5", "lattice": "30"}, g.Facts())
	require.Equal(t, map[string]string{"variant": "SRResNet-MSE", "content": "mse"}, gameOf(SRResNetMSE, 15).Facts())
}
