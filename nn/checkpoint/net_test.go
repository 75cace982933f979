package checkpoint

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// net is the network of the golden files.
type net struct {
	Conv *nn.Conv2D      `nn:"conv"`
	Norm *nn.BatchNorm2D `nn:"norm"`
	Out  *nn.Linear      `nn:"out"`
}

func newNet(seed uint64) *net {
	rng := rand.New(rand.NewPCG(seed, 0))
	n := &net{
		Conv: nn.NewConv2D(2, 3, 2, nn.ConvOptions{KernelW: 1}, rng),
		Norm: nn.NewBatchNorm2D(3, nn.BatchNormOptions{}),
		// The layer's inputs are an image of 2×2 with 3 channels.
		Out: nn.NewLinear(12, 4, nn.LinearOptions{Flatten: [3]int{2, 2, 3}}, rng),
	}
	for _, e := range nn.Walk(n) {
		tensor.RandNInto(e.Tensor(), rng)
	}
	return n
}

// values copies all numbers of a network.
func values(m any) map[string][]float32 {
	out := map[string][]float32{}
	for _, e := range nn.Walk(m) {
		out[e.Name] = slices.Clone(e.Tensor().Data())
	}
	return out
}

func ramp(start, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(start+i) / 8
	}
	return out
}

// goldenValues is what newNet holds once the golden file is loaded: PyTorch's arrays, in memory's order.
func goldenValues() map[string][]float32 {
	want := map[string][]float32{
		"conv.weight": nil, "conv.bias": ramp(100, 3),
		"norm.weight": ramp(200, 3), "norm.bias": ramp(300, 3), "norm.running_mean": ramp(400, 3), "norm.running_var": ramp(500, 3),
		"out.weight": nil, "out.bias": ramp(700, 4),
	}
	for kh := range 2 {
		for in := range 2 {
			for out := range 3 {
				at := (out*2+in)*2 + kh // PyTorch: (out, in, kh, kw)
				want["conv.weight"] = append(want["conv.weight"], float32(at)/8)
			}
		}
	}
	for y := range 2 {
		for x := range 2 {
			for c := range 3 {
				for out := range 4 {
					at := out*12 + (c*2+y)*2 + x // PyTorch: (out, c·y·x)
					want["out.weight"] = append(want["out.weight"], float32(600+at)/8)
				}
			}
		}
	}
	return want
}

func requireUntouched(t *testing.T, m any, before map[string][]float32) {
	t.Helper()
	require.Equal(t, before, values(m), "the network has changed")
}
