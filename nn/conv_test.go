package nn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

var convNames = map[string]string{"weight": "w", "bias": "b"}

func TestConv2DAgreesWithPyTorch(t *testing.T) {
	for _, name := range []string{
		"conv2d_k3p1", "conv2d_k1", "conv2d_k4s2p1", "conv2d_k5s2p2", "conv2d_k9p4", "conv2d_k9p4_to3", "conv2d_dilation2",
		"conv2d_groups2", "conv2d_odd_sizes", "conv2d_rectangular", "conv2d_reflect", "conv2d_winograd", "conv2d_winograd_odd",
		"conv2d_winograd_valid",
	} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			stride, pad, dilation := setting(t, name, "stride"), setting(t, name, "pad"), setting(t, name, "dilation")
			w := r["w"].Shape
			opts := nn.ConvOptions{
				Stride: stride[0], StrideW: stride[1], Dilation: dilation[0], DilationW: dilation[1], KernelW: w[3],
				Groups:   setting(t, name, "groups")[0],
				PadExtra: [4]int{pad[0], pad[0], pad[1], pad[1]},
			}
			if golden.Meta(name)["pad_mode"] == "reflect" {
				opts.PadMode = tensor.PadReflect
			}
			layer := nn.NewConv2D(r["x"].Shape[1], w[0], w[2], opts, newRand())
			r.requireLayer(t, layer, func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.Conv2D).Forward(x) }, convNames)
		})
	}
}

func TestConvTranspose2DAgreesWithPyTorch(t *testing.T) {
	for _, name := range []string{
		"conv_transpose2d_k4s2p1", "conv_transpose2d_k4s1p0", "conv_transpose2d_output_pad", "conv_transpose2d_groups2",
		"conv_transpose2d_k5s3p0",
	} {
		t.Run(name, func(t *testing.T) {
			r := load(name)
			stride, pad, dilation := setting(t, name, "stride"), setting(t, name, "pad"), setting(t, name, "dilation")
			out, w := setting(t, name, "output_pad"), r["w"].Shape
			layer := nn.NewConvTranspose2D(w[0], r["b"].Shape[0], w[2], nn.ConvTransposeOptions{
				Stride: stride[0], StrideW: stride[1], Dilation: dilation[0], DilationW: dilation[1], KernelW: w[3],
				Groups:   setting(t, name, "groups")[0],
				PadExtra: [4]int{pad[0], pad[0], pad[1], pad[1]},
				OutPad:   out[0], OutPadW: out[1],
			}, newRand())
			r.requireLayer(t, layer, func(m any, x *autograd.Var) *autograd.Var { return m.(*nn.ConvTranspose2D).Forward(x) }, convNames)
		})
	}
}

func TestConvOptions(t *testing.T) {
	x := autograd.Const(tensor.RandN(newRand(), 2, 9, 8, 4))
	for _, c := range []struct {
		name   string
		kernel int
		opts   nn.ConvOptions
		shape  []int
		params int
	}{
		{"plain", 3, nn.ConvOptions{}, []int{2, 7, 6, 6}, 3*3*4*6 + 6},
		{"same", 3, nn.ConvOptions{Pad: 1}, []int{2, 9, 8, 6}, 3*3*4*6 + 6},
		{"strided", 4, nn.ConvOptions{Stride: 2, Pad: 1, NoBias: true}, []int{2, 4, 4, 6}, 4 * 4 * 4 * 6},
		{"groups", 3, nn.ConvOptions{Pad: 1, Groups: 2}, []int{2, 9, 8, 6}, 3*3*2*6 + 6},
		{"wide kernel", 1, nn.ConvOptions{KernelW: 3, PadExtra: [4]int{0, 0, 1, 1}}, []int{2, 9, 8, 6}, 3*4*6 + 6},
		{"pad one side", 2, nn.ConvOptions{PadExtra: [4]int{1, 0, 1, 0}, PadMode: tensor.PadReplicate}, []int{2, 9, 8, 6}, 2*2*4*6 + 6},
		{"wide stride", 3, nn.ConvOptions{Pad: 1, StrideW: 2}, []int{2, 9, 4, 6}, 3*3*4*6 + 6},
		{"dilated", 3, nn.ConvOptions{Dilation: 2, Pad: 2}, []int{2, 9, 8, 6}, 3*3*4*6 + 6},
	} {
		l := nn.NewConv2D(4, 6, c.kernel, c.opts, newRand())
		require.Equal(t, c.shape, l.Forward(x).Shape(), c.name)
		require.Equal(t, c.params, nn.NumParams(l), c.name)
	}
	require.PanicsWithValue(t, "nn.NewConv2D: 3 and 6 channels cannot be split into 2 groups", func() {
		nn.NewConv2D(3, 6, 3, nn.ConvOptions{Groups: 2}, newRand())
	})
	require.PanicsWithValue(t, "nn.NewConv2D: want positive sizes, got 0 to 6 channels, kernel 3", func() {
		nn.NewConv2D(0, 6, 3, nn.ConvOptions{}, newRand())
	})
	require.Panics(t, func() { nn.NewConvTranspose2D(4, 6, 3, nn.ConvTransposeOptions{Stride: -1}, newRand()) })
	require.Panics(t, func() { nn.NewConv2D(3, 6, 3, nn.ConvOptions{}, newRand()).Forward(x) })
}
