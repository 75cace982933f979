package nn_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// Every layer that multiplies can be told to do so in bfloat16, where it is and bound to a tape, and computes the same but for
// rounding: results and gradients, those of gradients included.
func TestBFloat16Gradients(t *testing.T) {
	rng := newRand()
	image, rows, steps := tensor.RandN(rng, 2, 9, 9, 24), tensor.RandN(rng, 40, 24), tensor.RandN(rng, 4, 9, 24)
	for _, c := range []struct {
		name  string
		layer any
		x     *tensor.Tensor
	}{
		{"linear", nn.NewLinear(24, 32, nn.LinearOptions{}, rng), rows},
		{"conv", nn.NewConv2D(24, 40, 3, nn.ConvOptions{Pad: 1, Stride: 2}, rng), image},
		{"pointwise", nn.NewConv2D(24, 40, 1, nn.ConvOptions{}, rng), image},
		{"groups", nn.NewConv2D(24, 30, 3, nn.ConvOptions{Pad: 1, Groups: 2}, rng), image},
		{"conv1d", nn.NewConv1D(24, 40, 3, nn.Conv1DOptions{Pad: 1}, rng), steps},
		{"transposed", nn.NewConvTranspose2D(24, 40, 3, nn.ConvTransposeOptions{Stride: 2, Pad: 1}, rng), image},
		{"masked", nn.NewMaskedConv2D(nn.MaskB, 24, 40, 3, nn.MaskedOptions{}, rng), image},
		{"spectral norm", nn.NewSpectralNorm(nn.NewLinear(24, 32, nn.LinearOptions{}, rng), rng), rows},
		{"recurrent", sequence{nn.NewGRU(24, 32, nn.RecurrentOptions{}, rng)}, steps},
	} {
		t.Run(c.name, func(t *testing.T) {
			net := nn.NewSequential(c.layer)
			var direction *tensor.Tensor
			compute := func(on bool) []*tensor.Tensor {
				nn.UseBFloat16(net, on)
				tape := autograd.NewTape()
				bound := nn.Bind(tape, net)
				x := tape.Leaf(c.x)
				y := bound.Forward(x, nil)
				if direction == nil {
					direction = tensor.RandN(rng, y.Shape()...)
				}
				leaves := append(nn.Params(bound), x)
				grads := autograd.GradOnTape(along(y, direction), leaves...)
				norm := autograd.Sum(autograd.Square(grads[len(grads)-1])) // as in a gradient penalty
				out := []*tensor.Tensor{y.Value()}
				for _, g := range grads {
					out = append(out, g.Value())
				}
				return append(out, autograd.Grad(norm, leaves[0])...)
			}
			full, half, again := compute(false), compute(true), compute(false)
			for i, want := range full {
				require.Equal(t, want.Data(), again[i].Data(), "it is off again")
				require.Less(t, tensor.Norm(tensor.Sub(want, half[i])), 0.01*tensor.Norm(want)+1e-30, "result %d", i)
			}
			if rounds() {
				require.NotEqual(t, full[0].Data(), half[0].Data(), "nothing was rounded")
			}
		})
	}
}

// rounds reports whether products of this processor are rounded to bfloat16 when they may be.
func rounds() bool {
	x, y := tensor.Full(1+0x1p-20, 8, 8), tensor.New(8, 8)
	tensor.MatMulBF16Into(y, x, x, false, false, false)
	return math.Abs(float64(y.At(0, 0))-8) == 0
}

// sequence is a recurrent network as a layer.
type sequence struct {
	GRU *nn.GRU `nn:"gru"`
}

func (s sequence) Forward(x *autograd.Var) *autograd.Var {
	y, _ := s.GRU.Forward(x, nil)
	return y
}
