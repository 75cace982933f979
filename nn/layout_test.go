package nn_test

import (
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestLayoutRoundTrips(t *testing.T) {
	rng := newRand()
	net := nn.Sequential{
		nn.NewConv2D(4, 6, 3, nn.ConvOptions{KernelW: 2, Groups: 2}, rng),
		nn.NewConvTranspose2D(4, 6, 4, nn.ConvTransposeOptions{Groups: 2}, rng),
		nn.NewConv1D(4, 6, 3, nn.Conv1DOptions{Groups: 2}, rng),
		nn.NewLinear(12, 5, nn.LinearOptions{}, rng),
		nn.NewLinear(12, 5, nn.LinearOptions{Flatten: [3]int{2, 3, 2}}, rng),
		nn.NewLinear(5, 12, nn.LinearOptions{Unflatten: [3]int{2, 3, 2}}, rng),
		nn.NewLinear(12, 24, nn.LinearOptions{Flatten: [3]int{2, 3, 2}, Unflatten: [3]int{4, 3, 2}}, rng),
		nn.NewBatchNorm2D(3, nn.BatchNormOptions{}),
		nn.NewMaskedConv2D(nn.MaskA, 2, 5, 3, nn.MaskedOptions{}, rng),
		nn.NewSpectralNorm(nn.NewLinear(3, 2, nn.LinearOptions{}, rng), rng),
	}
	disk := map[string][]int{
		"0.weight": {6, 2, 3, 2}, "1.weight": {4, 3, 4, 4}, "2.weight": {6, 2, 3}, "3.weight": {5, 12}, "4.weight": {5, 12},
		"5.weight": {12, 5}, "6.weight": {24, 12}, "8.weight": {5, 2, 3, 3}, "9.weight": {2, 3}, "9.weight_u": {2},
	}
	for _, e := range nn.Walk(net) {
		x := tensor.RandN(rng, e.Tensor().Shape()...)
		stored := e.Layout.ToDisk(x)
		require.Equal(t, e.Layout.DiskShape(x.Shape()), stored.Shape(), e.Name)
		if want, ok := disk[e.Name]; ok {
			require.Equal(t, want, stored.Shape(), e.Name)
		}
		require.Equal(t, x.Data(), e.Layout.FromDisk(stored, x.Shape()).Data(), e.Name)
	}
}

// Weights in PyTorch's order of elements mean the same thing to us: flattening (H,W,C) with our weights equals
// flattening (C,H,W) with the stored ones.
func TestLayoutOfFlattenedImages(t *testing.T) {
	rng := newRand()
	const h, w, c = 2, 3, 4
	x := tensor.RandN(rng, 5, h, w, c)
	first := tensor.Permute(x, 0, 3, 1, 2).Reshape(5, c*h*w)

	in := nn.NewLinear(h*w*c, 7, nn.LinearOptions{Flatten: [3]int{h, w, c}}, rng)
	stored := map[string]*tensor.Tensor{}
	for _, e := range nn.Walk(in) {
		stored[e.Name] = e.Layout.ToDisk(e.Tensor())
	}
	want := tensor.New(5, 7)
	tensor.MatMulInto(want, first, stored["weight"], false, true)
	want = tensor.Add(want, stored["bias"])
	got := in.Forward(autograd.Const(x.Reshape(5, -1)))
	requireClose(t, "flatten", want, got.Value())

	out := nn.NewLinear(7, h*w*c, nn.LinearOptions{Unflatten: [3]int{h, w, c}}, rng)
	for _, e := range nn.Walk(out) {
		stored[e.Name] = e.Layout.ToDisk(e.Tensor())
	}
	z := tensor.RandN(rng, 5, 7)
	image := tensor.New(5, c*h*w)
	tensor.MatMulInto(image, z, stored["weight"], false, true)
	image = tensor.Permute(tensor.Add(image, stored["bias"]).Reshape(5, c, h, w), 0, 2, 3, 1)
	requireClose(t, "unflatten", image, out.Forward(autograd.Const(z)).Value().Reshape(5, h, w, c))
}
