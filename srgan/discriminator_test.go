package srgan

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestDiscriminatorCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := NewDiscriminator(DiscriminatorOptions{}, rng)
	require.Equal(t, 23_563_649, nn.NumParams(d))
	require.Equal(t, 4_687_232, nn.NumParams(&struct {
		Body []*DiscBlock `nn:"body"`
	}{d.Body}))
	require.InDelta(t, 0.02, tensor.Norm(d.Hidden.Weight.Value())/4344.5, 1e-4) // √(18,432·1024)
	d = NewDiscriminator(DiscriminatorOptions{AllBiases: true}, rng)
	require.Equal(t, 23_565_505, nn.NumParams(d))
}

// Without normalisation there are biases in the place of shifts, and logits of the size of one.
func TestDiscriminatorWithoutNormalisation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	o := DiscriminatorOptions{Height: 32, Channels: 8, Hidden: 16}
	normed := nn.NumParams(NewDiscriminator(o, rng))
	o.NoNorm = true
	d := NewDiscriminator(o, rng)
	require.Equal(t, normed-(8+2*16+2*32+2*64), nn.NumParams(d))
	y := d.Forward(autograd.Const(tensor.RandU(rng, -1, 1, 16, 32, 32, 3)), &nn.Pass{Train: true}).Value()
	size := tensor.Norm(y) / 4
	require.Greater(t, size, 0.1)
	require.Less(t, size, 10.0)
}

// smallDisc is a discriminator for images of 4·s × 4·s pixels.
func smallDisc(h, w int, seed uint64) *Discriminator {
	return NewDiscriminator(DiscriminatorOptions{Height: h, Width: w, Channels: 4, Hidden: 8}, rand.New(rand.NewPCG(seed, 3)))
}

func TestDiscriminatorOfAnySize(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, size := range [][2]int{{96, 96}, {16, 16}, {32, 17}, {1, 1}, {5, 40}} {
		d := smallDisc(size[0], size[1], 3)
		require.Equal(t, []int{3}, d.Forward(autograd.Const(tensor.RandU(rng, -1, 1, 3, size[0], size[1], 3)), nil).Shape())
	}
	d := NewDiscriminator(DiscriminatorOptions{Height: 24, Channels: 1, Hidden: 1}, rng)
	require.Equal(t, 24, d.Options.Width)
	require.PanicsWithValue(t, "srgan.Discriminator: want images (N,24,24,3), got constant (1,8,8,3)", func() {
		d.Forward(autograd.Const(tensor.New(1, 8, 8, 3)), nil)
	})
	require.Panics(t, func() { NewDiscriminator(DiscriminatorOptions{Hidden: -1}, rng) })
}

func TestDiscriminatorLearnsEverywhere(t *testing.T) {
	d := smallDisc(16, 16, 4)
	tape := autograd.NewTape()
	bound := nn.Bind(tape, d)
	x := tensor.RandU(rand.New(rand.NewPCG(5, 5)), -1, 1, 4, 16, 16, 3)
	loss := nn.BCEWithLogits(bound.Forward(tape.Const(x), &nn.Pass{Train: true}), autograd.Const(tensor.FromSlice([]float32{1, 0, 1, 0}, 4)), nil)
	for i, g := range autograd.Grad(loss, nn.Params(bound)...) {
		require.NotZero(t, tensor.Norm(g), "parameter %d", i)
	}
}

// TestDiscriminatorOnDisk checks that a dense layer's inputs are stored in PyTorch's order, channels before rows.
func TestDiscriminatorOnDisk(t *testing.T) {
	d := smallDisc(32, 48, 6) // 2×3 pixels of 32 channels before the dense layer
	path := filepath.Join(t.TempDir(), "d.safetensors")
	require.NoError(t, checkpoint.Save(path, d, checkpoint.NewManifest("srgan-discriminator", d.Options)))
	f, err := checkpoint.Open(path)
	require.NoError(t, err)
	defer f.Close()
	w, err := f.Tensor("hidden.weight")
	require.NoError(t, err)
	require.Equal(t, []int{8, 32 * 2 * 3}, w.Shape())
	for c := range 32 {
		for y := range 2 {
			for x := range 3 {
				require.Equal(t, d.Hidden.Weight.Value().At((y*3+x)*32+c, 5), w.At(5, (c*2+y)*3+x))
			}
		}
	}
	other := smallDisc(32, 48, 7)
	require.NoError(t, checkpoint.Load(other, path))
	require.Equal(t, d.Hidden.Weight.Value().Data(), other.Hidden.Weight.Value().Data())
}
