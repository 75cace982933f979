package draw

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// The counts are those of the layers of the papers, taken by hand.
func TestParameterCounts(t *testing.T) {
	require.Equal(t, 959_467, nn.NumParams(New(MNIST, newRand())))
	require.Equal(t, 2_371_746, nn.NumParams(New(CaptionedMNIST, newRand())))
	if !testing.Short() {
		require.Equal(t, 33_098_147, nn.NumParams(New(COCO, newRand())))
	}
	plain := 1024*(2*784+256+256+1) + 200*257 + 1024*(100+256+1) + 784*257
	require.Equal(t, plain, nn.NumParams(New(PlainMNIST, newRand())))

	// noalignDRAW has no aligner, and with a vector for the sentence there is no language model.
	o := CaptionedMNIST
	o.Text, o.Align = Averaged, 0
	require.Equal(t, 2_371_746-285_696, nn.NumParams(New(o, newRand())))
	o.Text = Final
	require.Equal(t, 2_371_746-285_696, nn.NumParams(New(o, newRand())))
	o.Text, o.Words, o.Language, o.Sentence = Sentence, 0, 0, 256
	require.Equal(t, 2_371_746-285_696-155_776, nn.NumParams(New(o, newRand())))
}

func TestShapes(t *testing.T) {
	for _, kind := range kinds {
		for _, attention := range []bool{true, false} {
			rng := newRand()
			o := small(kind)
			if !attention {
				o.Read, o.Write = 0, 0
			}
			m := New(o, rng)
			given := someText(o, 2, rng)
			b := m.Forward(random(rng, 2, 6, 7, 2), given, rng)
			require.Equal(t, []int{2}, b.Reconstruction.Shape())
			require.Equal(t, []int{2}, b.Divergence.Shape())
			p := m.Sample(2, given, rng)
			require.Len(t, p.Canvases, 4)
			require.Equal(t, []int{2, 6, 7, 2}, p.Last().Shape())
			require.Equal(t, attention, len(p.Windows) == 3)
			require.Equal(t, kind == Aligned, len(p.Attention) == 3)
		}
	}
}

// The first canvas is the one that is learned, or grey.
func TestFirstCanvas(t *testing.T) {
	rng := newRand()
	require.Equal(t, tensor.Full(0.5, 1, 28, 28, 1), New(MNIST, rng).Sample(1, Text{}, rng).Canvases[0])
	m := New(small(Averaged), rng)
	want := float32(1 / (1 + math.E))
	for _, v := range m.Sample(1, someText(m.Options, 1, rng), rng).Canvases[0].Data() {
		require.InDelta(t, want, v, 1e-6)
	}
}

// A decoder divides its attention: the weights of the words are positive and sum to one in every step, and they change from step
// to step and from caption to caption.
func TestAlignmentSumsToOne(t *testing.T) {
	rng := newRand()
	m := New(small(Aligned), rng)
	stir(m, rng)
	p := m.Sample(3, someText(m.Options, 3, rng), rng)
	for _, w := range p.Attention {
		require.Equal(t, []int{3, 4}, w.Shape())
		for i, sum := range tensor.Sum(w, 1).Data() {
			require.InDelta(t, 1, sum, 1e-6)
			require.Positive(t, tensor.Min(w.Rows(i, i+1)).Item())
		}
	}
	require.NotEqual(t, p.Attention[0].Data(), p.Attention[2].Data())
	require.NotEqual(t, p.Attention[0].Rows(0, 1).Data(), p.Attention[0].Rows(1, 2).Data())
}

func TestFirstWeights(t *testing.T) {
	deviation := func(m *Model) float64 {
		w := m.Decoder.Gates.Weight.Value()
		return tensor.Norm(w) / math.Sqrt(float64(w.Len()))
	}
	o := CaptionedMNIST
	in := float64(150 + 256 + 300)
	require.InEpsilon(t, 0.01, deviation(New(o, newRand())), 0.01)
	require.InEpsilon(t, 0.2, deviation(NewFrom(o, nn.Normal(0.2), newRand())), 0.01)
	require.InEpsilon(t, 1/math.Sqrt(3*in), deviation(NewFrom(o, nil, newRand())), 0.01)
	require.InEpsilon(t, 1/math.Sqrt(3*356), deviation(New(MNIST, newRand())), 0.01)
}

// Gradients through all steps agree with differences of the loss along random directions of each parameter. The loss is in
// float32, so the directions are long and the tolerance is that of their curvature and of rounding.
func TestGradientsThroughTime(t *testing.T) {
	for _, kind := range kinds {
		for _, attention := range []bool{true, false} {
			t.Run(fmt.Sprintf("%v %v", kind, attention), func(t *testing.T) {
				rng := newRand()
				o := small(kind)
				if !attention {
					o.Read, o.Write = 0, 0
				}
				m := New(o, rng)
				stir(m, rng)
				x := tensor.RandU(rng, 0, 1, 2, 6, 7, 2)
				given := someText(o, 2, rng)
				loss := func(m *Model, x *autograd.Var) *autograd.Var {
					b := m.Forward(x, given, rand.New(rand.NewPCG(3, 4)))
					return autograd.Sum(autograd.Add(b.Reconstruction, b.Divergence))
				}
				tape := autograd.NewTape()
				bound := nn.Bind(tape, m)
				params := nn.Params(bound)
				grads := autograd.Grad(loss(bound, tape.Const(x)), params...)
				for i, p := range nn.Params(m) {
					was := p.Value().Clone()
					direction := tensor.RandN(rng, was.Shape()...)
					at := func(h float32) float64 {
						p.Value().CopyFrom(was)
						tensor.AddScaledInto(p.Value(), direction, h)
						return float64(loss(m, autograd.Const(x)).Item())
					}
					// Richardson's extrapolation takes the curvature out.
					const h = 4e-3
					coarse, fine := (at(h)-at(-h))/(2*h), (at(h/2)-at(-h/2))/h
					want := (4*fine - coarse) / 3
					p.Value().CopyFrom(was)
					got := tensor.Dot(grads[i], direction)
					require.InDelta(t, want, got, 2e-2*(1+math.Abs(want)), "%v", params[i])
				}
			})
		}
	}
}

// Everything that learns takes part: no gradient is all zeros.
func TestEveryParameterLearns(t *testing.T) {
	for _, kind := range kinds {
		rng := newRand()
		m := New(small(kind), rng)
		stir(m, rng)
		tape := autograd.NewTape()
		bound := nn.Bind(tape, m)
		b := bound.Forward(tape.Const(tensor.RandU(rng, 0, 1, 3, 6, 7, 2)), someText(m.Options, 3, rng), rng)
		for i, g := range autograd.Grad(autograd.Sum(autograd.Add(b.Reconstruction, b.Divergence)), nn.Params(bound)...) {
			require.Positive(t, tensor.Dot(g, g), "%v: %v", kind, nn.Params(bound)[i])
		}
	}
}

func TestOptionsCheck(t *testing.T) {
	for _, o := range []Options{MNIST, PlainMNIST, CaptionedMNIST, COCO} {
		require.NoError(t, o.Check())
	}
	for want, change := range map[string]func(o *Options){
		"draw: 0 steps; want 1 to 1024":                                                   func(o *Options) { o.Steps = 0 },
		"draw: -1 latent numbers; want 1 to 16384":                                        func(o *Options) { o.Latent = -1 },
		"draw: 0 points a side of the writing window; want 1 to 512":                      func(o *Options) { o.Write = 0 },
		`draw: text "poem"; want "nothing", "aligned", "averaged", "final" or "sentence"`: func(o *Options) { *o = MNIST; o.Text = "poem" },
		"draw: 23 words; a model that paints from nothing has none":                       func(o *Options) { o.Text = Free },
		"draw: 512 units that align; a model that paints from averaged has none":          func(o *Options) { o.Text = Averaged },
		"draw: a first canvas of NaN; want −100 to 100, and 0 where it is not learned":    func(o *Options) { o.Ink = float32(math.NaN()) },
		"draw: a first canvas of 3; want −100 to 100, and 0 where it is not learned":      func(o *Options) { *o = MNIST; o.Ink = 3 },
		"draw: 1000000000 rows of pixels; want 1 to 512":                                  func(o *Options) { o.Height = 1e9 },
	} {
		o := CaptionedMNIST
		change(&o)
		require.EqualError(t, o.Check(), want)
	}
}

func TestMisuse(t *testing.T) {
	rng := newRand()
	m := New(small(Aligned), rng)
	require.PanicsWithValue(t, "draw.Model.Forward: want (N,6,7,2), got (2,7,6,2)", func() { m.Forward(random(rng, 2, 7, 6, 2), Text{}, rng) })
	require.PanicsWithValue(t, "draw.Model.Forward: want 2 captions of equal length, got 0 words, 0 for each", func() { m.Forward(random(rng, 2, 6, 7, 2), Text{}, rng) })
	require.PanicsWithValue(t, "draw.Model.Sample: want at least one picture", func() { m.Sample(0, Text{}, rng) })
	m = New(small(Sentence), rng)
	require.PanicsWithValue(t, "draw.Model.Sample: want vectors of sentences (2,4), got (2,5)", func() { m.Sample(2, Text{Vectors: tensor.New(2, 5)}, rng) })
	m = New(small(Free), rng)
	require.PanicsWithValue(t, "draw.Model.Sample: the model paints without text, and was given some", func() { m.Sample(2, Text{Words: []int{1, 1}, Length: 1}, rng) })
	require.Panics(t, func() { New(Options{}, rng) })
}
