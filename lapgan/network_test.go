package lapgan

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// The counts that the layers of the paper and its code add up to.
func TestParameterCounts(t *testing.T) {
	rng := newRand(1)
	require.Equal(t, 1792992, nn.NumParams(NewDense(DenseOptions{}, rng)))
	require.Equal(t, 477001, nn.NumParams(NewDenseDiscriminator(DenseOptions{}, rng)))
	require.Equal(t, 1804992, nn.NumParams(NewDense(DenseOptions{Classes: 10}, rng)))
	size := func(l any) float64 { return float64(nn.NumParams(l)) }
	require.InEpsilon(t, size(NewDense(DenseOptions{Classes: 10}, rng))+size(NewConv(ConvOptions{Side: 14, Classes: 10}, rng))+
		size(NewConv(ConvOptions{Side: 28, Classes: 10}, rng)), size(NewDense(DenseOptions{Side: 28, Classes: 10, Hidden: 710}, rng)), 2e-3,
		"the generators of a pyramid, and a plain one to compare with")
	require.Equal(t, 483001, nn.NumParams(NewDenseDiscriminator(DenseOptions{Classes: 10}, rng)))
	for side, want := range map[int]int{14: 107905, 16: 108353, 28: 113729, 32: 116545, 64: 157505, 96: 231233} {
		require.Equal(t, 218179, nn.NumParams(NewConv(ConvOptions{Side: side}, rng)))
		require.Equal(t, 837763, nn.NumParams(NewConv(ConvOptions{Side: side, Width: 128}, rng)))
		require.Equal(t, want, nn.NumParams(NewConvDiscriminator(ConvOptions{Side: side}, rng)), side)
	}
	for side, want := range map[int][2]int{14: {223471, 111661}, 28: {229939, 123953}, 32: {232579, 129409}} {
		require.Equal(t, want[0], nn.NumParams(NewConv(ConvOptions{Side: side, Classes: 10}, rng)))
		require.Equal(t, want[1], nn.NumParams(NewConvDiscriminator(ConvOptions{Side: side, Classes: 10}, rng)))
	}
	for side, want := range map[int]int{16: 714017, 32: 873761, 64: 1832225} {
		require.Equal(t, 1090995, nn.NumParams(NewLSUN(LSUNOptions{Side: side}, rng)))
		require.Equal(t, want, nn.NumParams(NewLSUNDiscriminator(LSUNOptions{Side: side}, rng)))
	}
}

type match struct {
	name    string
	g       Generator
	d       Discriminator
	side    int
	classes int
	low     bool
}

func matches() []match {
	rng := newRand(2)
	conv := func(side, classes int, same bool) match {
		o := ConvOptions{Side: side, Classes: classes, Width: 8, SamePad: same}
		return match{"conv", NewConv(o, rng), NewConvDiscriminator(o, rng), side, classes, true}
	}
	deep := func(side, classes int, base bool) match {
		o := DeepOptions{Side: side, Classes: classes, Width: 4, Latent: 5, Base: base}
		return match{"deep", NewDeep(o, rng), NewDeepDiscriminator(o, rng), side, classes, !base}
	}
	dense := DenseOptions{Side: 4, Hidden: 16}
	classed := DenseOptions{Side: 4, Hidden: 16, Classes: 3}
	return []match{
		{"dense", NewDense(dense, rng), NewDenseDiscriminator(dense, rng), 4, 0, false},
		{"dense with classes", NewDense(classed, rng), NewDenseDiscriminator(classed, rng), 4, 3, false},
		conv(14, 0, false), conv(14, 3, false), conv(8, 0, false), conv(15, 3, true),
		deep(8, 0, true), deep(8, 3, true), deep(16, 3, false), deep(8, 0, false),
		{"dense against conv", NewDense(dense, rng), NewConvDiscriminator(ConvOptions{Side: 4, Width: 8}, rng), 4, 0, false},
		{"dense against conv with classes", NewDense(classed, rng), NewConvDiscriminator(ConvOptions{Side: 4, Width: 8, Classes: 3}, rng), 4, 3, false},
		{"lsun", NewLSUN(LSUNOptions{Side: 8}, rng), NewLSUNDiscriminator(LSUNOptions{Side: 8}, rng), 8, 0, true},
		{"lsun unpadded", NewLSUN(LSUNOptions{Side: 16}, rng), NewLSUNDiscriminator(LSUNOptions{Side: 16}, rng), 16, 0, true},
	}
}

// inputs returns low-pass images and classes for n examples, nil where the networks take none.
func (m match) inputs(n int, tape *autograd.Tape) (low, class *autograd.Var) {
	if m.low {
		low = tape.Const(tensor.RandN(newRand(3), n, m.side, m.side, 3))
	}
	if m.classes > 0 {
		labels := make([]int, n)
		for i := range labels {
			labels[i] = i % m.classes
		}
		class = tape.Const(gan.Class(m.classes).Encode(labels...))
	}
	return low, class
}

// No parameter is left without a gradient, in either network and whether it is the generator's turn or not.
func TestEveryParameterLearns(t *testing.T) {
	const n = 4
	for _, m := range matches() {
		tape := autograd.NewTape()
		g, d := nn.Bind(tape, m.g), nn.Bind(tape, m.d)
		low, class := m.inputs(n, tape)
		pass := &nn.Pass{Train: true, Rand: newRand(4)}
		h := g.Forward(tape.Const(m.g.Noise(n, newRand(5))), low, class, pass)
		require.Equal(t, []int{n, m.side, m.side, 3}, h.Shape(), m.name)
		logits := d.Forward(h, low, class, pass)
		require.Equal(t, n, logits.Len(), m.name)
		// Some units may be off for all examples, but no tensor as a whole.
		for _, net := range []any{g, d} {
			entries := nn.Walk(net)
			var names []string
			for _, e := range entries {
				if e.Param != nil {
					names = append(names, e.Name)
				}
			}
			for i, grad := range autograd.Grad(nn.BCEWithLogitsTo(logits, 1, nil), nn.Params(net)...) {
				if _, lsun := net.(*LSUN); lsun && names[i] == "conv.4.bias" {
					continue // a batch norm follows at once, to which a bias makes no difference
				}
				require.NotZero(t, tensor.Norm(grad), "%s: %s", m.name, names[i])
			}
		}
	}
}

// The discriminator judges low + h, so it cannot tell how the image is divided between them.
func TestDiscriminatorsJudgeTheSharpImage(t *testing.T) {
	for _, m := range matches() {
		if !m.low {
			continue
		}
		tape := autograd.NewTape()
		low, class := m.inputs(2, tape)
		h := tape.Const(tensor.RandN(newRand(6), low.Shape()...))
		sum, none := autograd.Add(h, low), tape.Const(tensor.New(low.Shape()...))
		require.Less(t, maxDiff(m.d.Forward(h, low, class, nil).Value(), m.d.Forward(sum, none, class, nil).Value()), 1e-5, m.name)
	}
}

// A class changes what both networks do.
func TestClassesMatter(t *testing.T) {
	for _, m := range matches() {
		if m.classes == 0 {
			continue
		}
		tape := autograd.NewTape()
		low, _ := m.inputs(1, tape)
		z := tape.Const(m.g.Noise(1, newRand(7)))
		one, two := tape.Const(gan.Class(3).Encode(0)), tape.Const(gan.Class(3).Encode(1))
		a, b := m.g.Forward(z, low, one, nil), m.g.Forward(z, low, two, nil)
		require.Greater(t, maxDiff(a.Value(), b.Value()), 1e-6, m.name)
		require.NotEqual(t, m.d.Forward(a, low, one, nil).Item(), m.d.Forward(a, low, two, nil).Item(), m.name)
	}
}
