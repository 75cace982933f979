package perception_test

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/perception"
	"github.com/gander-ml/gander/tensor"
)

// photos returns three pictures of waves of different length and direction, with grain.
func photos(side int) []*tensor.Tensor {
	var out []*tensor.Tensor
	grain := rng(8)
	for k := range 3 {
		x := tensor.New(side, side, 3)
		for i := range side {
			for j := range side {
				for c := range 3 {
					u := float64(i)*[]float64{0.2, 0.9, 0.5}[k] + float64(j)*[]float64{0.3, 0.1, 1.5}[k]
					x.Set(float32(0.5+0.35*math.Sin(u+float64(c))+0.15*grain.Float64()), i, j, c)
				}
			}
		}
		out = append(out, x)
	}
	return out
}

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func TestPiecesAreAFunctionOfTheRandomNumbers(t *testing.T) {
	p, err := perception.NewPieces(photos(80), perception.PieceOptions{Size: 16, Batch: 24})
	require.NoError(t, err)
	a, err := p.Batch(0, rng(1))
	require.NoError(t, err)
	b, err := p.Batch(7, rng(1))
	require.NoError(t, err)
	require.Equal(t, a.Images.Data(), b.Images.Data())
	require.Equal(t, []int{24, 16, 16, 3}, a.Images.Shape())
	require.Subset(t, a.Photo, []int{0, 1, 2})
	require.Subset(t, a.Damage, []int{0, 1, 2, 3, 4})
	half, err := a.Shard(1, 2)
	require.NoError(t, err)
	require.Equal(t, a.Photo[12:], half.Photo)
	_, err = a.Shard(0, 7)
	require.Error(t, err)
}

func TestPiecesNeedPhotographs(t *testing.T) {
	_, err := perception.NewPieces(photos(80)[:1], perception.PieceOptions{})
	require.EqualError(t, err, "perception: 1 photographs are too few to be told apart")
	_, err = perception.NewPieces(photos(20), perception.PieceOptions{})
	require.ErrorContains(t, err, "perception: photograph 1 is too small")
	require.Panics(t, func() { _, _ = perception.NewPieces(photos(20), perception.PieceOptions{Size: 6}) })
}

// A narrow network learns to tell three textures and the damages apart, and its features, which are then those of vgg.Load,
// find a blurred picture further from the original than one that is merely a little darker.
func TestLearns(t *testing.T) {
	p, err := perception.NewPieces(photos(96), perception.PieceOptions{Size: 32, Batch: 16})
	require.NoError(t, err)
	r := perception.NewRecogniser(p.Photos(), 4, rng(3))
	test, err := p.Batch(0, rng(99))
	require.NoError(t, err)
	run := train.Run{Steps: 1200, Seed: 5}
	require.NoError(t, train.Play(context.Background(), run, []train.Player[perception.Batch]{r.Player(optim.Adam{Rate: 3e-3})}, p))
	const batches = 8
	var photo, damage float64
	for i := range batches {
		b, err := p.Batch(i, rng(99+uint64(i)))
		require.NoError(t, err)
		ofPhotos, ofDamages := r.Recognised(b)
		photo, damage = photo+ofPhotos/batches, damage+ofDamages/batches
	}
	t.Logf("recognised %.2f of the photographs and %.2f of the damages", photo, damage)
	require.GreaterOrEqual(t, photo, 0.8, "of three, so that chance is a third")
	require.GreaterOrEqual(t, damage, 0.5, "of five, so that chance is a fifth")

	path := filepath.Join(t.TempDir(), "features.safetensors")
	features := r.Features("three waves", test.Images)
	require.NoError(t, vgg.Save(path, features))
	v, err := vgg.Load(path, vgg.Options{Taps: []vgg.Tap{vgg.VGG22, vgg.VGG54}})
	require.NoError(t, err)
	require.Contains(t, v.Name(), "three waves")
	for i, m := range features.Maps(autograd.Const(test.Images)) { // the last map of each block
		square := func(x *tensor.Tensor) float32 { return tensor.Mean(tensor.Mul(x, x)).Item() }
		require.InDelta(t, 1, float64(square(m.Value())), 1e-3)
		own := r.VGG.Maps(autograd.Const(test.Images))[i].Value()
		scale := float32(math.Sqrt(float64(square(own))))
		require.InDeltaSlice(t, tensor.Affine(own, 1/scale, 0).Data(), m.Value().Data(), 1e-2)
	}
	x := photos(96)[1]
	blurred := tensor.Resize(tensor.Resize(x.Reshape(1, 96, 96, 3), 24, 24, tensor.Bicubic), 96, 96, tensor.Bicubic).Reshape(96, 96, 3)
	distance := srgan.Perceptual{Features: v}
	far, err := distance.Distance(x, blurred)
	require.NoError(t, err)
	near, err := distance.Distance(x, tensor.Affine(x, 0.95, 0.01))
	require.NoError(t, err)
	require.Greater(t, far, 3*near)
}
