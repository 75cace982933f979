package nn_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestSpectralNormAgreesWithPyTorch(t *testing.T) {
	for _, name := range []string{"spectral_norm_conv", "spectral_norm_linear"} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			w := r["w"].Shape
			var layer nn.Weighted
			if len(w) == 4 {
				layer = nn.NewConv2D(w[1], w[0], w[2], nn.ConvOptions{NoBias: true}, newRand())
			} else {
				layer = nn.NewLinear(w[1], w[0], nn.LinearOptions{NoBias: true}, newRand())
			}
			norm := nn.NewSpectralNorm(layer, newRand())
			names := map[string]string{"weight": "w", "weight_u": "u"}
			r.fill(t, norm, names)
			layout := nn.Walk(norm)[0].Layout

			tape := autograd.NewTape()
			bound := nn.Bind(tape, norm)
			pass := &nn.Pass{Train: true}
			y := bound.Weight(pass)
			requireClose(t, "y", r.tensor(t, "y"), layout.ToDisk(y.Value()))
			up := layout.FromDisk(r.tensor(t, "grad.y"), y.Shape())
			r.requireGrads(t, bound, along(y, up), names)

			requireClose(t, "before Commit", r.tensor(t, "u"), norm.U)
			pass.Commit()
			requireClose(t, "new_u", r.tensor(t, "new_u"), norm.U)

			// Iteration brings the largest singular value to 1.
			for range 200 {
				norm.Weight(pass)
				pass.Commit()
			}
			ratio := norm.Layer.(interface {
				Forward(*autograd.Var) *autograd.Var
			})
			require.NotNil(t, ratio)
			plain := nn.Params(norm)[0].Value()
			sigma := plain.Data()[0] / norm.Weight(nil).Value().Data()[0]
			require.InEpsilon(t, r["true_sigma"].Data[0], sigma, 1e-4)
		})
	}
}

func TestSpectralNormStartsNearTheSingularVector(t *testing.T) {
	rng := newRand()
	norm := nn.NewSpectralNorm(nn.NewLinear(20, 10, nn.LinearOptions{}, rng), rng)
	require.InDelta(t, 1, tensor.Norm(norm.U), 1e-6)
	require.Equal(t, []string{"weight", "bias", "weight_u"}, names(norm))
	before := norm.U.Clone()
	x := autograd.Const(tensor.RandN(rng, 3, 20))
	y := norm.Forward(x, nil)
	require.Equal(t, []int{3, 10}, y.Shape())
	require.Equal(t, before.Data(), norm.U.Data(), "inference changes nothing")
	// A vector grows by at most about 1, but for the bias.
	bias := nn.Params(norm)[1].Value()
	long := tensor.Sub(y.Value(), bias)
	for i := range 3 {
		require.Less(t, tensor.Norm(long.Rows(i, i+1)), 1.1*tensor.Norm(x.Value().Rows(i, i+1)))
	}
	// Small weights are brought to size.
	small := nn.NewSpectralNorm(nn.NewLinear(3, 2, nn.LinearOptions{NoBias: true}, rng), rng)
	nn.Params(small)[0].Value().Fill(1e-3)
	y = small.Forward(autograd.Const(tensor.Full(1, 1, 3)), nil)
	require.InDelta(t, math.Sqrt(3), tensor.Norm(y.Value()), 1e-5)
	nn.Params(small)[0].Value().Fill(0)
	require.True(t, tensor.AllFinite(small.U))
}

// The matrix of a transposed convolution has a row for each of its output channels, as that of a convolution has.
func TestSpectralNormOfTransposedConvolution(t *testing.T) {
	rng := newRand()
	conv := nn.NewConv2D(3, 5, 4, nn.ConvOptions{}, rng)
	up := nn.NewConvTranspose2D(3, 5, 4, nn.ConvTransposeOptions{}, rng)
	up.Weight.Value().CopyFrom(tensor.Permute(conv.Weight.Value(), 0, 1, 3, 2))
	a, b := nn.NewSpectralNorm(conv, newRand()), nn.NewSpectralNorm(up, newRand())
	require.Equal(t, []int{5}, b.U.Shape())
	requireClose(t, "weight", tensor.Permute(a.Weight(nil).Value(), 0, 1, 3, 2), b.Weight(nil).Value())
	require.Equal(t, []int{1, 5, 5, 5}, b.Forward(autograd.Const(tensor.New(1, 2, 2, 3)), nil).Shape())
	require.Panics(t, func() {
		nn.NewSpectralNorm(nn.NewConvTranspose2D(4, 6, 3, nn.ConvTransposeOptions{Groups: 2}, rng), rng)
	})
}
