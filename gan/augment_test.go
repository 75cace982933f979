package gan_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

// An augmentation is linear in the picture apart from the brightness, so its derivative is known from its values; the check is
// that of the library, against differences of the operation applied in float64 by its matrix.
func TestAugmentGradient(t *testing.T) {
	const n, h, w, c = 2, 6, 5, 3
	change := gan.FullAugment.Draw(n, h, w, newRand(1))
	apply := func(x *tensor.Tensor) *tensor.Tensor { return change.Apply(autograd.Const(x)).Value() }
	size := n * h * w * c
	zero := apply(tensor.New(n, h, w, c))
	columns := make([]*tensor.Tensor, size)
	for i := range columns {
		unit := tensor.New(n, h, w, c)
		unit.Data()[i] = 1
		columns[i] = tensor.Sub(apply(unit), zero)
	}
	gradtest.Check(t, gradtest.Case{Name: "Augment", In: []*tensor.Tensor{tensor.RandN(newRand(2), n, h, w, c)},
		F: func(in ...*autograd.Var) *autograd.Var { return change.Apply(in[0]) },
		Ref: func(in ...tensortest.Array) tensortest.Array {
			y := tensortest.From(zero)
			for i, v := range in[0].Data {
				for k, m := range columns[i].Data() {
					y.Data[k] += v * float64(m)
				}
			}
			return y
		}})
}

func TestAugmentColour(t *testing.T) {
	const n = 3000
	x := tensor.New(n, 1, 2, 3)
	for i := range n {
		copy(x.Rows(i, i+1).Data(), []float32{1, 0, 0, 0, 0, 0.5}) // a red pixel beside a dark blue one
	}
	y := gan.Augment{Colour: true}.Draw(n, 1, 2, newRand(3)).Apply(autograd.Const(x)).Value()
	var brightness, saturation, contrast []float64
	for i := range n {
		p := y.Rows(i, i+1).Data()
		mean := average(tensortest.From(y.Rows(i, i+1)).Data, same)
		brightness = append(brightness, mean-0.25)
		left, right := float64(p[0]+p[1]+p[2])/3, float64(p[3]+p[4]+p[5])/3
		factor := (left - right) / (1./3 - 0.5/3)
		contrast = append(contrast, factor)
		saturation = append(saturation, float64(p[0]-p[1])/factor)
	}
	requireUniform(t, brightness, -0.5, 0.5)
	requireUniform(t, contrast, 0.5, 1.5)
	for _, s := range saturation {
		require.True(t, s > -1e-3 && s < 2.001)
	}
	require.InDelta(t, 1, average(saturation, same), 0.05)
}

func TestAugmentTranslation(t *testing.T) {
	const n, side = 400, 16
	x := tensor.New(n, side, side, 1)
	for i := range n {
		x.Set(1, i, 8, 5, 0)
	}
	y := gan.Augment{Translation: true}.Draw(n, side, side, newRand(4)).Apply(autograd.Const(x)).Value()
	seen := map[[2]int]bool{}
	for i := range n {
		found := 0
		for r := range side {
			for c := range side {
				if y.At(i, r, c, 0) != 0 {
					found++
					seen[[2]int{r - 8, c - 5}] = true
				}
			}
		}
		require.Equal(t, 1, found)
	}
	require.Len(t, seen, 25, "shifts by up to two pixels, an eighth of the side")
	for s := range seen {
		require.LessOrEqual(t, max(abs(s[0]), abs(s[1])), 2)
	}
	edge := tensor.Full(1, n, side, side, 1)
	empty := 0
	for _, v := range (gan.Augment{Translation: true}).Draw(n, side, side, newRand(4)).Apply(autograd.Const(edge)).Value().Data() {
		if v == 0 {
			empty++
		}
	}
	require.Positive(t, empty, "zeros come in from outside")
}

func abs(x int) int { return max(x, -x) }

func TestAugmentCutout(t *testing.T) {
	const n, side = 200, 8
	y := gan.Augment{Cutout: true}.Draw(n, side, side, newRand(5)).Apply(autograd.Const(tensor.Full(1, n, side, side, 2))).Value()
	whole := 0
	for i := range n {
		cut := 0
		for r := range side {
			for c := range side {
				require.Equal(t, y.At(i, r, c, 0), y.At(i, r, c, 1))
				if y.At(i, r, c, 0) == 0 {
					cut++
				}
			}
		}
		require.True(t, cut >= 4 && cut <= 16, "%d pixels of a square of 16, whose centre lies in the picture", cut)
		if cut == 16 {
			whole++
		}
	}
	require.Greater(t, whole, n/10)
}

// Real pictures and fakes of a turn are changed in the same way.
func TestAugmentIsTheSameForRealAndFake(t *testing.T) {
	b := gan.Batch{Images: tensor.Full(0.5, 4, 8, 8, 3)}
	var saw []*tensor.Tensor
	game := gan.Game{Generator: constant{Weight: autograd.Const(tensor.Full(0.5, 1))}, Discriminator: &watching{nn.NewLinear(192, 1, nn.LinearOptions{}, newRand(1)), &saw},
		Loss: gan.RelativisticAverage{}, Latent: gan.Normal(1), Augment: gan.FullAugment}
	game.DiscriminatorTerms(step(autograd.NewTape(), 1), b)
	game.GeneratorTerms(step(autograd.NewTape(), 2), b)
	require.Len(t, saw, 4)
	require.Equal(t, saw[0].Data(), saw[1].Data())
	require.Equal(t, saw[2].Data(), saw[3].Data())
	require.NotEqual(t, saw[0].Data(), saw[2].Data(), "each turn draws anew")
	require.NotEqual(t, saw[0].Data(), b.Images.Data())
	require.NotEqual(t, saw[0].Rows(0, 1).Data(), saw[0].Rows(1, 2).Data(), "each picture is changed in its own way")
}

type constant struct {
	Weight *autograd.Var `nn:"weight"`
}

func (g constant) Forward(z *autograd.Var) *autograd.Var {
	return autograd.BroadcastTo(g.Weight.Reshape(1, 1, 1, 1), z.Dim(0), 8, 8, 3)
}

type watching struct {
	Layer *nn.Linear `nn:"layer"`
	saw   *[]*tensor.Tensor
}

func (d *watching) Forward(x *autograd.Var) *autograd.Var {
	*d.saw = append(*d.saw, x.Value().Clone())
	return d.Layer.Forward(x.Reshape(x.Dim(0), -1))
}

func TestInstanceNoise(t *testing.T) {
	noise := gan.InstanceNoise{Std: 0.5, Over: 100}
	require.InDelta(t, 0.5, noise.At(0), 1e-9)
	require.InDelta(t, 0.25, noise.At(50), 1e-9)
	require.Zero(t, noise.At(100))
	require.Zero(t, noise.At(1000))
	require.InDelta(t, 0.5, gan.InstanceNoise{Std: 0.5}.At(1e6), 1e-9)
	x := autograd.Const(tensor.New(5000))
	require.Same(t, x, noise.Add(x, 100, nil))
	y := tensortest.From(noise.Add(x, 50, newRand(1)).Value()).Data
	require.InDelta(t, 0, average(y, same), 0.02)
	require.InDelta(t, 0.25, math.Sqrt(average(y, func(v float64) float64 { return v * v })), 0.01)
}
