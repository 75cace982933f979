package srgan_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
)

// ForeignBlock is a residual block with instance norm. The tags are the names that the weights have in PyTorch.
type ForeignBlock struct {
	Conv1 *nn.Conv2D         `nn:"conv1"`
	Norm1 *nn.InstanceNorm2D `nn:"norm1"`
	Act   *nn.PReLU          `nn:"act"`
	Conv2 *nn.Conv2D         `nn:"conv2"`
	Norm2 *nn.InstanceNorm2D `nn:"norm2"`
}

// ForeignUpscale enlarges by 4. The layers of an nn.Sequential are numbered in PyTorch, and those without weights count, so the
// names have gaps where the pixel shuffles are.
type ForeignUpscale struct {
	Conv1 *nn.Conv2D `nn:"0"`
	Act1  *nn.PReLU  `nn:"2"`
	Conv2 *nn.Conv2D `nn:"3"`
	Act2  *nn.PReLU  `nn:"5"`
}

// ForeignGenerator is a generator as somebody else has written and trained it.
type ForeignGenerator struct {
	Head     *nn.Conv2D         `nn:"conv_input"`
	Act      *nn.PReLU          `nn:"act"`
	Residual []*ForeignBlock    `nn:"residual"`
	Mid      *nn.Conv2D         `nn:"conv_mid"`
	MidNorm  *nn.InstanceNorm2D `nn:"norm_mid"`
	Upscale  *ForeignUpscale    `nn:"upscale"`
	Tail     *nn.Conv2D         `nn:"conv_output"`
}

// NewForeignGenerator returns the network for the weights to be loaded into.
func NewForeignGenerator(channels, blocks int) *ForeignGenerator {
	rng := rand.New(rand.NewPCG(1, 1))
	conv := func(in, out, kernel int, bias bool) *nn.Conv2D {
		return nn.NewConv2D(in, out, kernel, nn.ConvOptions{Pad: kernel / 2, NoBias: !bias}, rng)
	}
	act := func() *nn.PReLU { return nn.NewPReLU(nn.PReLUOptions{}) }
	norm := func() *nn.InstanceNorm2D { return nn.NewInstanceNorm2D(channels, nn.NormOptions{}) }
	g := &ForeignGenerator{
		Head: conv(3, channels, 9, true), Act: act(), Mid: conv(channels, channels, 3, false), MidNorm: norm(),
		Upscale: &ForeignUpscale{
			conv(channels, 4*channels, 3, true), act(), conv(channels, 4*channels, 3, true), act(),
		},
		Tail: conv(channels, 3, 9, true),
	}
	for range blocks {
		g.Residual = append(g.Residual, &ForeignBlock{
			conv(channels, channels, 3, false), norm(), act(), conv(channels, channels, 3, false), norm(),
		})
	}
	return g
}

// Forward enlarges x (N,h,w,3) with values in [0,1]. This network also answers with values in [0,1], and a
// [srgan.Generator] in [-1,1].
func (g *ForeignGenerator) Forward(x *autograd.Var, _ *nn.Pass) *autograd.Var {
	h := g.Act.Forward(g.Head.Forward(x))
	skip := h
	for _, b := range g.Residual {
		h = autograd.Add(h, b.Norm2.Forward(b.Conv2.Forward(b.Act.Forward(b.Norm1.Forward(b.Conv1.Forward(h))))))
	}
	h = autograd.Add(skip, g.MidNorm.Forward(g.Mid.Forward(h)))
	h = g.Upscale.Act1.Forward(autograd.PixelShuffle(g.Upscale.Conv1.Forward(h), 2))
	h = g.Upscale.Act2.Forward(autograd.PixelShuffle(g.Upscale.Conv2.Forward(h), 2))
	return autograd.Affine(g.Tail.Forward(h), 2, -1)
}

// golden are the tensors of testdata/foreign.safetensors that are no weights.
func golden(name string) bool { return name == "golden.x" || name == "golden.y" }

// A generator that was trained with PyTorch is a struct with its names, and goes through the same upscaler. Its instance norms
// look at the whole image, so it must not be cut into tiles: Tile is larger than any image here.
func ExampleNewCustomUpscaler() {
	g := NewForeignGenerator(8, 2)
	if err := checkpoint.Load(g, "testdata/foreign.safetensors", checkpoint.LoadOptions{Ignore: golden}); err != nil {
		fmt.Println(err)
		return
	}
	u := srgan.NewCustomUpscaler(g, 4, 0)
	u.Tile = 1 << 16
	big, err := u.Tensor(context.Background(), tensor.New(13, 10, 3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(big.Shape())
	// Output: [52 40 3]
}

// The picture is that of PyTorch.
func TestForeignGenerator(t *testing.T) {
	f, err := checkpoint.Open("testdata/foreign.safetensors")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	g := NewForeignGenerator(8, 2)
	require.NoError(t, f.Load(g, checkpoint.LoadOptions{Ignore: golden}))
	x, err := f.Tensor("golden.x")
	require.NoError(t, err)
	y, err := f.Tensor("golden.y")
	require.NoError(t, err)
	got := g.Forward(autograd.Const(x.Reshape(1, 13, 10, 3)), nil).Value()
	for i, want := range y.Data() {
		require.InDelta(t, 2*want-1, got.Data()[i], 2e-5, i)
	}

	u := srgan.NewCustomUpscaler(g, 4, 0)
	u.Tile = 1 << 16
	big, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	for i, want := range y.Data() {
		require.InDelta(t, max(0, min(1, want)), big.Data()[i], 1e-5, i)
	}
}
