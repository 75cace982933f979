package srgan

import (
	"context"
	"errors"
	"image"
	"image/color"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
	"github.com/stretchr/testify/require"
)

func TestEnlargeKeepsTheKindOfImage(t *testing.T) {
	u := NewUpscaler(small(Options{Channels: 4, Blocks: 1}, 8))
	r := image.Rect(3, 5, 3+6, 5+4) // bounds that do not begin at the origin
	for _, in := range []image.Image{image.NewGray(r), image.NewGray16(r), image.NewRGBA(r), image.NewRGBA64(r)} {
		if d, ok := in.(interface{ Set(x, y int, c color.Color) }); ok {
			for y := r.Min.Y; y < r.Max.Y; y++ {
				for x := r.Min.X; x < r.Max.X; x++ {
					d.Set(x, y, color.RGBA{uint8(40 * x), uint8(40 * y), 9, 255})
				}
			}
		}
		out, err := u.Enlarge(context.Background(), in)
		require.NoError(t, err)
		require.Equal(t, image.Rect(0, 0, 24, 16), out.Bounds())
		require.IsType(t, in, out)
	}
	_, err := u.Enlarge(context.Background(), image.NewRGBA(image.Rect(0, 0, 0, 3)))
	require.EqualError(t, err, "srgan: the image is empty")
}

// linear enlarges by repetition, so that alpha and colour can be told exactly.
type linear struct{ scale int }

func (l linear) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	y := tensor.Resize(x.Value(), x.Dim(1)*l.scale, x.Dim(2)*l.scale, tensor.Nearest)
	return autograd.Const(tensor.Affine(y, 2, -1))
}

func TestAlphaHasNoFringe(t *testing.T) {
	// Red on a transparent ground that is black, as editors leave it.
	in := image.NewNRGBA(image.Rect(0, 0, 12, 12))
	for y := 4; y < 8; y++ {
		for x := 4; x < 8; x++ {
			in.SetNRGBA(x, y, color.NRGBA{255, 0, 0, 255})
		}
	}
	out, err := NewCustomUpscaler(linear{2}, 2, 0).Enlarge(context.Background(), in)
	require.NoError(t, err)
	big := out.(*image.NRGBA)
	for y := range 24 {
		for x := range 24 {
			if c := big.NRGBAAt(x, y); c.A > 0 {
				require.Equal(t, [3]uint8{255, 0, 0}, [3]uint8{c.R, c.G, c.B}, "at %d,%d", x, y)
			}
		}
	}
	require.Equal(t, uint8(255), big.NRGBAAt(12, 12).A)
	require.Equal(t, uint8(0), big.NRGBAAt(0, 0).A)
}

func TestBleedOfAnInvisibleImage(t *testing.T) {
	rgb := tensor.RandU(rand.New(rand.NewPCG(1, 1)), 0, 1, 3, 5, 3)
	require.Equal(t, rgb.Data(), bleed(rgb, tensor.New(3, 5, 1)).Data())
}

// custom is a network that somebody else might have written: two direct convolutions around a nearest-neighbour enlargement.
type custom struct {
	Conv1 *nn.Conv2D `nn:"conv1"`
	Conv2 *nn.Conv2D `nn:"conv2"`
}

func (c *custom) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	h := autograd.Tanh(c.Conv1.Forward(x))
	n, height, width := h.Dim(0), h.Dim(1), h.Dim(2)
	h = autograd.BroadcastTo(h.Reshape(n, height, 1, width, 1, 16), n, height, 2, width, 2, 16).Reshape(n, 2*height, 2*width, 16)
	return c.Conv2.Forward(h)
}

func TestCustomGeneratorIsTiledExactly(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	g := &custom{nn.NewConv2D(3, 16, 3, nn.ConvOptions{Pad: 1}, rng), nn.NewConv2D(16, 3, 5, nn.ConvOptions{Pad: 2}, rng)}
	x := tensor.RandU(rng, 0, 1, 37, 50, 3)
	u := NewCustomUpscaler(g, 2, 4+2)
	u.Tile = 1000
	want, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	for _, tile := range []int{8, 12, 20, 40} {
		u.Tile = tile
		got, err := u.Tensor(context.Background(), x)
		require.NoError(t, err)
		require.Equal(t, want.Data(), got.Data(), "tile %d", tile)
	}
	u.Tile, u.Memory = 0, 1
	got, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	require.Equal(t, want.Data(), got.Data())
}

func TestCancelAndProgress(t *testing.T) {
	g := small(Options{Channels: 4, Blocks: 1}, 10)
	for _, u := range []*Upscaler{NewUpscaler(g), NewCustomUpscaler(g, 4, 24)} {
		u.Tile = 8
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		u.Progress = func(done float64) {
			require.Greater(t, done, 0.0)
			if calls++; calls == 2 {
				cancel()
			}
		}
		_, err := u.Tensor(ctx, tensor.New(64, 32, 3))
		require.ErrorIs(t, err, context.Canceled)
		last := 0.0
		u.Progress = func(done float64) { require.Greater(t, done, last); last = done }
		_, err = u.Tensor(context.Background(), tensor.New(64, 32, 3))
		require.NoError(t, err)
		require.Equal(t, 1.0, last)
		stop := errors.New("disk full")
		err = u.Blocks(context.Background(), tensor.New(64, 32, 3), func(int, int, *tensor.Tensor) error { return stop })
		require.Equal(t, stop, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	u := NewUpscaler(small(Options{Channels: 8, Blocks: 1}, 11))
	x := tensor.RandU(rand.New(rand.NewPCG(3, 3)), 0, 1, 20, 20, 3)
	want, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			got, err := u.Tensor(context.Background(), x)
			if err != nil || tensor.Dot(want, want) != tensor.Dot(got, want) {
				t.Error("another result", err)
			}
		})
	}
	wait.Wait()
}

func TestBicubicOnSet5(t *testing.T) {
	photos := testPhotos(t, "sr/Set5")
	mean := 0.0
	for _, p := range photos {
		scores, _, err := Evaluate(context.Background(), p, 4, Bicubic(4))
		require.NoError(t, err)
		mean += scores[0].PSNR / float64(len(photos))
	}
	// Published for MATLAB's bicubic, Y channel, 4 pixels cut off: Ledig et al. 2017, table 2, and Timofte et al. 2014.
	require.InDelta(t, 28.42, mean, 0.02)
}

func TestEvaluateTooSmall(t *testing.T) {
	_, _, err := Evaluate(context.Background(), tensor.New(3, 30, 3), 4, Nearest(4))
	require.EqualError(t, err, "srgan: 30×3 pixels are too few to shrink by 4")
	_, _, err = Evaluate(context.Background(), tensor.New(16, 16, 3), 4, Nearest(4))
	require.ErrorContains(t, err, "srgan: ")
}

func TestEnlargeImageKeepsProfileAndDepth(t *testing.T) {
	m := &imaging.Image{Pixels: tensor.Full(0.5, 5, 4, 1), Depth: 16, ICC: []byte("profile")}
	out, err := NewUpscaler(small(Options{Channels: 4, Blocks: 0}, 12)).EnlargeImage(context.Background(), m)
	require.NoError(t, err)
	require.Equal(t, []int{20, 16, 1}, out.Pixels.Shape())
	require.Equal(t, 16, out.Depth)
	require.Equal(t, m.ICC, out.ICC)
}
