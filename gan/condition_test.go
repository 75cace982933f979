package gan_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestClassIsOneHot(t *testing.T) {
	require.Equal(t, []float32{0, 0, 1, 1, 0, 0}, gan.Class(3).Encode(2, 0).Data())
	requirePanic(t, "class 3 is not in [0,3)", func() { gan.Class(3).Encode(3) })
	requirePanic(t, "want a class for each of 2 examples, got 0", func() { gan.Class(3).Of(gan.Batch{Images: tensor.New(2, 1)}) })
	requirePanic(t, "gan.Vector: the batch lacks Vectors", func() { gan.Vector{}.Of(gan.Batch{Images: tensor.New(2, 1)}) })
	requirePanic(t, "gan.Picture: the batch lacks Pictures", func() { gan.Picture{}.Of(gan.Batch{Images: tensor.New(2, 1)}) })
}

func TestJoin(t *testing.T) {
	rng := newRand(1)
	x, y := autograd.Const(tensor.RandN(rng, 2, 3)), autograd.Const(tensor.RandN(rng, 2, 2))
	require.Same(t, x, gan.Join(x, nil))
	require.Equal(t, []int{2, 5}, gan.Join(x, y).Shape())

	img := autograd.Const(tensor.RandN(rng, 2, 3, 4, 1))
	planes := gan.Join(img, y).Value()
	require.Equal(t, []int{2, 3, 4, 3}, planes.Shape())
	for n := range 2 {
		for h := range 3 {
			for w := range 4 {
				require.Equal(t, img.Value().At(n, h, w, 0), planes.At(n, h, w, 0))
				require.Equal(t, y.Value().At(n, 0), planes.At(n, h, w, 1))
				require.Equal(t, y.Value().At(n, 1), planes.At(n, h, w, 2))
			}
		}
	}
	require.Equal(t, []int{2, 3, 4, 2}, gan.Join(img, img).Shape())
	requirePanic(t, "gan.Join: the condition (2,3,4,1) cannot be joined to (2,3)", func() { gan.Join(x, img) })
	requirePanic(t, "cannot be joined", func() { gan.Join(img, autograd.Const(tensor.New(2, 4, 4, 1))) })
}

// pair takes its condition by itself.
type pair struct {
	X *nn.Linear `nn:"x"`
	Y *nn.Linear `nn:"y"`
}

func (p *pair) Forward(x, y *autograd.Var, _ *nn.Pass) *autograd.Var {
	h := p.X.Forward(x)
	if y != nil {
		h = autograd.Add(h, p.Y.Forward(y))
	}
	return h
}

// One game plays without a condition and with one of any kind, joined or taken.
func TestEveryConditionPlays(t *testing.T) {
	rng := newRand(2)
	o := nn.LinearOptions{}
	for name, c := range map[string]struct {
		condition gan.Condition
		size      int
	}{"none": {nil, 0}, "class": {gan.Class(2), 2}, "vector": {gan.Vector{}, 3}} {
		joined := gan.Game{Generator: newMLP(rng, 4+c.size, 8, 2), Discriminator: newMLP(rng, 2+c.size, 8, 1),
			Condition: c.condition, Loss: gan.NonSaturating{}, Penalty: gan.R1{}, Latent: gan.Normal(4)}
		taken := joined
		taken.Generator = &pair{X: nn.NewLinear(4, 2, o, rng), Y: nn.NewLinear(max(c.size, 1), 2, o, rng)}
		taken.Discriminator = &pair{X: nn.NewLinear(2, 1, o, rng), Y: nn.NewLinear(max(c.size, 1), 1, o, rng)}
		for kind, game := range map[string]gan.Game{"joined": joined, "taken": taken} {
			for _, game.Joint = range []bool{false, true} {
				before := values(game.Generator)
				play(t, game, 2, points(8))
				require.NotEqual(t, before, values(game.Generator), "%s %s", name, kind)
			}
		}
	}
	conv := func(in, out int) *nn.Conv2D { return nn.NewConv2D(in, out, 3, nn.ConvOptions{Pad: 1}, rng) }
	pix := gan.Game{Generator: conv(2, 1), Discriminator: conv(2, 1), Condition: gan.Picture{}, Loss: gan.Hinge{}, Latent: gan.Uniform(6, 6, 1)}
	play(t, pix, 2, pictures(4, 6, 1))
}

// In a joint batch each half keeps its own conditions, and both players hear the batch's.
func TestConditionsStayWithTheirExamples(t *testing.T) {
	type call struct{ images, y []float32 }
	var calls []call
	spy := &spying{nn.NewLinear(2, 1, nn.LinearOptions{}, newRand(1)), func(x, y *autograd.Var) {
		calls = append(calls, call{x.Value().Clone().Data(), y.Value().Clone().Data()})
	}}
	game := gan.Game{Generator: newMLP(newRand(2), 5, 2), Discriminator: spy, Condition: gan.Vector{}, Loss: gan.Hinge{}, Latent: gan.Normal(2)}
	b, err := points(4).Batch(0, newRand(3))
	require.NoError(t, err)
	game.DiscriminatorTerms(step(autograd.NewTape(), 1), b)
	require.Len(t, calls, 2)
	require.Equal(t, b.Vectors.Data(), calls[0].y)
	require.Equal(t, b.Vectors.Data(), calls[1].y, "the same conditions for real and generated")
	calls = nil
	game.Joint = true
	game.DiscriminatorTerms(step(autograd.NewTape(), 1), b)
	require.Len(t, calls, 1)
	require.Equal(t, b.Vectors.Data(), calls[0].y, "the halves are of different examples")
	calls = nil
	game.GeneratorTerms(step(autograd.NewTape(), 1), b)
	require.Equal(t, b.Vectors.Data(), calls[0].y)
}

type spying struct {
	Layer *nn.Linear `nn:"layer"`
	see   func(x, y *autograd.Var)
}

func (d *spying) Forward(x, y *autograd.Var, _ *nn.Pass) *autograd.Var {
	d.see(x, y)
	return d.Layer.Forward(x)
}

func TestConditionalNorm(t *testing.T) {
	rng := newRand(3)
	x := autograd.Const(tensor.RandN(rng, 4, 3, 3, 2))
	plain := gan.NewConditionalNorm(2, 0, rng)
	cond := gan.NewConditionalNorm(2, 5, rng)
	train := &nn.Pass{Train: true}
	y := autograd.Const(gan.Class(5).Encode(0, 1, 2, 2))
	require.InDeltaSlice(t, plain.Forward(x, nil, train).Value().Data(), cond.Forward(x, y, train).Value().Data(), 1e-6, "it begins as plain batch norm")

	cond.Scale.Weight.Value().Set(1, 2, 0) // class 2 doubles channel 0
	cond.Shift.Weight.Value().Set(-3, 1, 1)
	got, want := cond.Forward(x, y, train).Value(), plain.Forward(x, nil, train).Value()
	for n, class := range []int{0, 1, 2, 2} {
		for c := range 2 {
			scale, shift := float32(1), float32(0)
			if class == 2 && c == 0 {
				scale = 2
			}
			if class == 1 && c == 1 {
				shift = -3
			}
			require.InDelta(t, scale*want.At(n, 1, 2, c)+shift, got.At(n, 1, 2, c), 1e-5)
		}
	}
	requirePanic(t, "gan.ConditionalNorm: want conditions (N,5), got none", func() { cond.Forward(x, nil, nil) })
	requirePanic(t, "gan.ConditionalNorm: got a condition, but was made without", func() { plain.Forward(x, y, nil) })
}

func TestProjection(t *testing.T) {
	rng := newRand(4)
	for _, spectral := range []bool{false, true} {
		l := gan.NewProjection(6, 3, spectral, rng)
		phi := autograd.Const(tensor.RandN(rng, 4, 6))
		classes := []int{0, 2, 1, 2}
		got := l.Forward(phi, autograd.Const(gan.Class(3).Encode(classes...)), nil).Value()
		require.Equal(t, []int{4, 1}, got.Shape())
		weight := func(layer any) (w, b *tensor.Tensor) {
			if s, ok := layer.(*nn.SpectralNorm); ok {
				inner := s.Layer.(*nn.Linear)
				if inner.Bias != nil {
					b = inner.Bias.Value()
				}
				return s.Weight(nil).Value(), b
			}
			inner := layer.(*nn.Linear)
			if inner.Bias != nil {
				b = inner.Bias.Value()
			}
			return inner.Weight.Value(), b
		}
		w, b := weight(l.Score)
		v, none := weight(l.Embed)
		require.Nil(t, none)
		for n, class := range classes {
			want := float64(b.At(0))
			for k := range 6 {
				want += float64(phi.Value().At(n, k)) * float64(w.At(k, 0)+v.At(class, k))
			}
			require.InDelta(t, want, got.At(n, 0), 1e-5)
		}
		free := gan.NewProjection(6, 0, spectral, rng)
		require.Equal(t, []int{4, 1}, free.Forward(phi, nil, nil).Shape())
		requirePanic(t, "gan.Projection: want conditions (N,3), got none", func() { l.Forward(phi, nil, nil) })
		requirePanic(t, "gan.Projection: got a condition", func() { free.Forward(phi, phi, nil) })
	}
}

func TestShardsOfABatch(t *testing.T) {
	b, err := pictures(6, 4, 1).Batch(0, newRand(1))
	require.NoError(t, err)
	part, err := data.Shard(b, 1, 3)
	require.NoError(t, err)
	require.Equal(t, 2, part.Len())
	require.Equal(t, b.Classes[2:4], part.Classes)
	require.Equal(t, b.Images.Rows(2, 4).Data(), part.Images.Data())
	require.Equal(t, b.Vectors.Rows(2, 4).Data(), part.Vectors.Data())
	require.Equal(t, b.Pictures.Rows(2, 4).Data(), part.Pictures.Data())
	_, err = data.Shard(b, 0, 4)
	require.ErrorContains(t, err, "6 examples are not a multiple of 4")
}

func TestCollate(t *testing.T) {
	img := func(v float32) *tensor.Tensor { return tensor.Full(v, 2, 2, 1) }
	b, err := gan.Collate([]gan.Example{{Image: img(1), Class: 3}, {Image: img(2), Class: 0}}, nil)
	require.NoError(t, err)
	require.Equal(t, []int{2, 2, 2, 1}, b.Images.Shape())
	require.Equal(t, []int{3, 0}, b.Classes)
	require.Nil(t, b.Vectors)
	b, err = gan.Collate([]gan.Example{{Image: img(1), Class: -1, Vector: tensor.New(4)}}, nil)
	require.NoError(t, err)
	require.Nil(t, b.Classes)
	require.Equal(t, []int{1, 4}, b.Vectors.Shape())
	_, err = gan.Collate([]gan.Example{{Image: img(1)}, {Image: img(2), Vector: tensor.New(4)}}, nil)
	require.EqualError(t, err, "gan: only 1 of 2 examples of a batch have a vector")
	_, err = gan.Collate([]gan.Example{{Image: img(1)}, {Image: img(2), Class: -1}}, nil)
	require.EqualError(t, err, "gan: only 1 of 2 examples of a batch have a class")
	_, err = gan.Collate([]gan.Example{{Class: 1}}, nil)
	require.EqualError(t, err, "gan: a batch of 1 examples without images")
	_, err = gan.Collate([]gan.Example{{Image: img(1)}, {Image: tensor.New(3, 2, 1)}}, nil)
	require.ErrorContains(t, err, "shapes")
}

func TestImagesSource(t *testing.T) {
	src := gan.Images(data.NewLoader(data.Slice[*tensor.Tensor]{tensor.Full(1, 2), tensor.Full(2, 2)}, 2, data.Stack))
	b, err := src.Batch(0, newRand(1))
	require.NoError(t, err)
	require.Equal(t, []int{2, 2}, b.Images.Shape())
}
