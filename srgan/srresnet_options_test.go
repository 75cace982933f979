package srgan

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// kinds are networks of every option.
var kinds = []Options{
	{Channels: 8, Blocks: 1, Tanh: true},
	{Channels: 8, Blocks: 1, ICNR: true},
	{Channels: 8, Blocks: 1, Reflect: true},
	{Channels: 8, Blocks: 1, Upsampler: Deconv},
	{Channels: 4, Blocks: 2, Upsampler: Deconv, Reflect: true, Tanh: true, NoNorm: true, Scale: 2},
	{Channels: 4, Blocks: 1, Upsampler: PixelShuffle, Reflect: true, Scale: 8},
}

// TestUpscalerAgreesWithForward is exact where the network itself runs on tiles, and for a stream, which folds
// normalisation into the weights, up to rounding.
func TestUpscalerAgreesWithForward(t *testing.T) {
	for _, o := range kinds {
		g := small(o, 31)
		for _, size := range [][2]int{{1, 1}, {1, 6}, {2, 5}, {7, 3}, {13, 22}} {
			x := tensor.RandU(rand.New(rand.NewPCG(4, 4)), 0, 1, 1, size[0], size[1], 3)
			want := tensor.Affine(g.Forward(autograd.Const(x), nil).Value(), 0.5, 0.5)
			tensor.ClampInto(want, want, 0, 1)
			got, err := NewUpscaler(g).Tensor(context.Background(), x.Reshape(size[0], size[1], 3))
			require.NoError(t, err)
			require.Equal(t, want.Shape()[1:], got.Shape())
			require.InDeltaSlice(t, want.Data(), got.Data(), 2e-5, "%+v %v", o, size)
		}
	}
}

func TestTilesDoNotShowWithAnyOption(t *testing.T) {
	x := tensor.RandU(rand.New(rand.NewPCG(6, 6)), 0, 1, 10, 83, 3)
	for _, o := range kinds {
		u := NewUpscaler(small(o, 32))
		want, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		for _, tile := range []int{8, 20} {
			u.Tile = tile
			got, err := u.Tensor(context.Background(), x)
			require.NoError(t, err)
			require.Equal(t, want.Data(), got.Data(), "%+v, tile %d", o, tile)
		}
		u.Tile = 0
		u.Memory = 1 << 20
		old := runtime.GOMAXPROCS(1)
		got, err := u.Tensor(context.Background(), x)
		runtime.GOMAXPROCS(old)
		require.NoError(t, err)
		require.Equal(t, want.Data(), got.Data(), "%+v, memory %d", o, u.Memory)
	}
}

func TestReflectMirrorsAgainAndAgain(t *testing.T) {
	// A 1×1 kernel of padding 4 copies the mirrored image.
	l := nn.NewConv2D(1, 1, 9, nn.ConvOptions{Pad: 4, NoBias: true, PadMode: tensor.PadReflect}, rand.New(rand.NewPCG(1, 1)))
	rng := rand.New(rand.NewPCG(2, 2))
	for _, size := range [][2]int{{1, 1}, {1, 7}, {2, 2}, {3, 2}, {4, 9}, {5, 4}, {5, 5}} {
		h, w := size[0], size[1]
		x := tensor.RandN(rng, 1, h, w, 1)
		at := func(i, n int) int { // the mirrored image, which repeats after 2·(n−1)
			if n == 1 {
				return 0
			}
			i = ((i % (2*n - 2)) + 2*n - 2) % (2*n - 2)
			return min(i, 2*n-2-i)
		}
		got := convolve(l, autograd.Const(x)).Value()
		for i := range h {
			for j := range w {
				want := 0.0
				for p := range 9 {
					for q := range 9 {
						want += float64(x.At(0, at(i+p-4, h), at(j+q-4, w), 0)) * float64(l.Weight.Value().At(p, q, 0, 0))
					}
				}
				require.InDelta(t, want, float64(got.At(0, i, j, 0)), 1e-5, "%v", size)
			}
		}
	}
}

func TestICNRStartsAsNearest(t *testing.T) {
	g := NewSRResNet(Options{Channels: 4, Blocks: 0, ICNR: true, Scale: 2}, rand.New(rand.NewPCG(3, 3)))
	x := autograd.Const(tensor.RandN(rand.New(rand.NewPCG(4, 4)), 1, 3, 5, 4))
	y := g.Up[0].Forward(x).Value()
	for i := range 6 {
		for j := range 10 {
			for c := range 4 {
				require.Equal(t, y.At(0, i/2*2, j/2*2, c), y.At(0, i, j, c))
			}
		}
	}
}

func TestDeconvKeepsTheVariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	up := NewSRResNet(Options{Channels: 64, Blocks: 0, Upsampler: Deconv}, rng).Up[0].Deconv
	y := up.Forward(autograd.Const(tensor.RandN(rng, 1, 24, 24, 64))).Value()
	require.Equal(t, []int{1, 48, 48, 64}, y.Shape())
	require.InDelta(t, 2, tensor.Dot(y, y)/float64(y.Len()), 0.25) // doubled as by He's rule, for half of it to be cut off
}

func TestOptionsThatDoNotGoTogether(t *testing.T) {
	require.EqualError(t, Options{Upsampler: "magic"}.Check(), `srgan: upsampler "magic" is not "pixel-shuffle" or "deconv"`)
	require.ErrorContains(t, Options{Upsampler: Deconv, ICNR: true}.Check(), "ICNR")
	require.NoError(t, Options{Upsampler: PixelShuffle, ICNR: true}.Check())
}

func TestEveryParameterLearnsWithAnyOption(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	for _, o := range kinds {
		g := small(o, 23)
		s := g.Options.Scale
		tape := autograd.NewTape()
		bound := nn.Bind(tape, g)
		x, y := tensor.RandU(rng, 0, 1, 2, 6, 6, 3), tensor.RandU(rng, -1, 1, 2, 6*s, 6*s, 3)
		loss := nn.MSE(bound.Forward(tape.Const(x), &nn.Pass{Train: true}), autograd.Const(y))
		for i, grad := range autograd.Grad(loss, nn.Params(bound)...) {
			require.NotZero(t, tensor.Norm(grad), "parameter %d, %+v", i, o)
		}
	}
}
