package txt2img

import (
	"fmt"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestParameters(t *testing.T) {
	biased := COCO
	biased.ConvBias = true
	for _, c := range []struct {
		options Options
		g, d    int
	}{
		{Options{}, 18_905_472, 4_030_080},
		{Options{ConvBias: true}, 18_909_699, 4_032_321},
		{Options{NoTextBN: true}, 18_905_472, 4_029_824},
		{Options{NoTextBN: true, ConvBias: true}, 18_909_699, 4_032_065},
		{Options{NoResidualD: true, DropThirdAct: true}, 18_905_472, 3_225_728},
		{Options{NoResidualD: true, NoTextBN: true}, 18_905_472, 3_225_472},
		{Options{Plain: true}, 14_886_784, 3_225_728},
		{COCO, 41_101_080, 36_183_440},
		{biased, 41_107_551, 36_190_301},
	} {
		if testing.Short() && c.options != (Options{}) {
			continue // millions of random numbers each
		}
		require.Equal(t, c.g, nn.NumParams(NewGenerator(c.options, newRand(1))), "%+v", c.options)
		require.Equal(t, c.d, nn.NumParams(NewDiscriminator(c.options, newRand(1))), "%+v", c.options)
	}
	narrow := Options{GWidth: 8}
	one := nn.NumParams(NewGenerator(narrow, newRand(1)))
	narrow.ExtraBlock = true
	// Two more blocks, of 64 and of 32 channels.
	require.Equal(t, one+64*16+9*16*16+9*16*64+2*(16+16+64)+32*8+9*8*8+9*8*32+2*(8+8+32), nn.NumParams(NewGenerator(narrow, newRand(1))))
}

func TestShapes(t *testing.T) {
	for _, side := range []int{16, 32, 64, 128} {
		for _, o := range []Options{{}, {Plain: true}, {NoResidualD: true, NoTextBN: true, DropThirdAct: true}, {ExtraBlock: true, ConvBias: true}} {
			o.Size, o.Latent, o.Embedding, o.Text, o.GWidth, o.DWidth = side, 5, 7, 6, 2, 2
			z, text := autograd.Const(tensor.RandN(newRand(1), 3, 5)), autograd.Const(tensor.RandN(newRand(2), 3, 7))
			for _, pass := range []*nn.Pass{nil, {Train: true}} {
				x := NewGenerator(o, newRand(3)).Forward(z, text, pass)
				require.Equal(t, []int{3, side, side, 3}, x.Shape())
				for _, v := range x.Value().Data() {
					require.LessOrEqual(t, v*v, float32(1))
				}
				require.Equal(t, []int{3, 1}, NewDiscriminator(o, newRand(4)).Forward(x, text, pass).Shape())
			}
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{{Size: 8}, {Size: 48}, {Size: -64}, {Size: 1 << 20}, {Latent: -1}, {Text: 1 << 20}, {Embedding: -1}, {GWidth: -1}, {DWidth: 1 << 20}} {
		require.Error(t, o.Check(), "%+v", o)
		require.Panics(t, func() { NewGenerator(o, newRand(1)) })
		require.Panics(t, func() { NewDiscriminator(o, newRand(1)) })
	}
	g, d := NewGenerator(small, newRand(1)), NewDiscriminator(small, newRand(1))
	v := func(shape ...int) *autograd.Var { return autograd.Const(tensor.New(shape...)) }
	require.PanicsWithValue(t, "txt2img.Generator: want noise (N,4), got (2,3)", func() { g.Forward(v(2, 3), v(2, 6), nil) })
	require.PanicsWithValue(t, "txt2img.Generator: want text (N,6), got (6)", func() { g.Forward(v(2, 4), v(6), nil) })
	require.PanicsWithValue(t, "txt2img.Discriminator: want pictures (N,16,16,3), got (2,16,8,3)", func() { d.Forward(v(2, 16, 8, 3), v(2, 6), nil) })
	require.PanicsWithValue(t, "txt2img.Discriminator: want text (N,6), got (2,5)", func() { d.Forward(v(2, 16, 16, 3), v(2, 5), nil) })
}

// The starting weights are those of DCGAN, but for the text layers.
func TestStartingWeights(t *testing.T) {
	o := Options{Size: 32, GWidth: 16, DWidth: 16}
	for _, m := range []any{NewGenerator(o, newRand(1)), NewDiscriminator(o, newRand(2))} {
		for _, e := range nn.Walk(m) {
			if e.Param == nil || e.Param.Len() < 1000 {
				continue
			}
			want := 0.02
			if e.Name == "text.weight" {
				want = 1 / 32. / 1.7320508 // uniform on ±1/√1024
			}
			std := tensor.Norm(e.Tensor()) / sqrt(e.Param.Len())
			require.InEpsilon(t, want, std, 0.06, e.Name)
		}
	}
}

// Each switch changes what the networks compute in the way that it says, where the weights are the same.
func TestSwitches(t *testing.T) {
	// Without the activation, the third of four convolutions is followed by a linear map of its batch norm's output.
	o := Options{Size: 64, Embedding: 6, Text: 3, DWidth: 2, NoResidualD: true}
	d := NewDiscriminator(o, newRand(1))
	dropped := *d
	dropped.Options.DropThirdAct = true
	x, text := autograd.Const(tensor.RandN(newRand(2), 4, 64, 64, 3)), autograd.Const(tensor.RandN(newRand(3), 4, 6))
	require.NotEqual(t, d.Forward(x, text, &nn.Pass{Train: true}).Value().Data(), dropped.Forward(x, text, &nn.Pass{Train: true}).Value().Data())
	// If the third batch norm lifts everything above 0, there is nothing for the activation to do.
	d.Norms[1].Bias.Value().Fill(100)
	require.Equal(t, d.Forward(x, text, &nn.Pass{Train: true}).Value().Data(), dropped.Forward(x, text, &nn.Pass{Train: true}).Value().Data())

	// A branch of zeros leaves the stage as it is without one.
	for _, extra := range []bool{false, true} {
		g := NewGenerator(Options{Size: 16, Latent: 4, Embedding: 6, Text: 3, GWidth: 4, ExtraBlock: extra}, newRand(1))
		plain := *g
		plain.Blocks = nil
		z := autograd.Const(tensor.RandN(newRand(4), 4, 4))
		with := g.Forward(z, text, nil).Value().Data()
		require.NotEqual(t, plain.Forward(z, text, nil).Value().Data(), with)
		for _, blocks := range g.Blocks {
			for _, b := range blocks {
				b.Norms[2].Weight.Value().Fill(0)
			}
		}
		require.Equal(t, plain.Forward(z, text, nil).Value().Data(), g.Forward(z, text, nil).Value().Data(), fmt.Sprint(extra))
	}
}

// A bias that batch norm takes away again has no gradient at all; without that norm it has one.
func TestTextBias(t *testing.T) {
	for _, bare := range []bool{false, true} {
		o := small
		o.NoTextBN = bare
		tape := autograd.NewTape()
		d := nn.Bind(tape, NewDiscriminator(o, newRand(1)))
		x, text := tape.Const(tensor.RandN(newRand(2), 4, 16, 16, 3)), tape.Const(tensor.RandN(newRand(3), 4, 6))
		loss := autograd.Sum(autograd.Square(d.Forward(x, text, &nn.Pass{Train: true})))
		grads := autograd.Grad(loss, d.Text.Bias, d.Text.Weight)
		require.Equal(t, bare, tensor.Norm(grads[0]) > 0)
		require.Positive(t, tensor.Norm(grads[1]))
	}
}
