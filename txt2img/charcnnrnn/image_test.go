package charcnnrnn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func TestImageShapes(t *testing.T) {
	for size, downs := range map[int]int{16: 2, 32: 3, 64: 4} {
		m := charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: size, Width: 2, Out: 5}, newRand(1))
		require.Len(t, m.Downs, downs)
		x := tensor.RandU(newRand(2), -1, 1, 70, size, size, 3)
		all := m.Forward(autograd.Const(x), nil).Value()
		require.Equal(t, []int{70, 5}, all.Shape())
		near(t, all, m.Encode(x), 1e-5)
	}
	for want, o := range map[string]charcnnrnn.ImageOptions{"48×48": {Size: 48}, "-1 channels": {Width: -1}, "8×8": {Size: 8}} {
		require.ErrorContains(t, o.Check(), want)
		require.Panics(t, func() { charcnnrnn.NewImage(o, newRand(1)) })
	}
	o := charcnnrnn.NewImage(charcnnrnn.ImageOptions{Width: 2}, newRand(1))
	require.Equal(t, charcnnrnn.ImageOptions{Size: 64, Width: 2, Out: 1024}, o.Options)
	require.PanicsWithValue(t, "charcnnrnn.Image: want (N,64,64,3), got (1,32,32,3)", func() { o.Encode(tensor.New(1, 32, 32, 3)) })
}

func TestViews(t *testing.T) {
	// Of a picture of 76×76 pixels, views of 64×64 are pieces: pixel (row,col) has the number row·76+col.
	x := tensor.New(76, 76, 3)
	for i := range 76 * 76 {
		x.Data()[3*i] = float32(i)
	}
	v := charcnnrnn.Views(x, 64)
	require.Equal(t, []int{10, 64, 64, 3}, v.Shape())
	for i, first := range []float32{0, 12, 12 * 76, 12*76 + 12, 6*76 + 6} {
		require.Equal(t, first, v.At(i, 0, 0, 0))
		require.Equal(t, first+63*76+63, v.At(i, 63, 63, 0))
		require.Equal(t, first, v.At(5+i, 0, 63, 0), "mirrored")
		require.Equal(t, first+63*76, v.At(5+i, 63, 63, 0))
	}
}

func TestWholeAndFeatures(t *testing.T) {
	p := tiny(6)
	x, err := charcnnrnn.Whole(p.Images, 32)
	require.NoError(t, err)
	require.Equal(t, []int{6, 32, 32, 3}, x.Shape())
	require.Equal(t, []float32{1, -1, -1}, x.Data()[:3])

	m := charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: 16, Width: 2, Out: 3}, newRand(1))
	f, err := charcnnrnn.Features(m, p.Images)
	require.NoError(t, err)
	require.Equal(t, []int{6, 10, 3}, f.Shape())
	whole, err := charcnnrnn.Whole(p.Images, 16)
	require.NoError(t, err)
	want := m.Encode(whole) // pictures of one colour look the same in every view
	for i := range 6 {
		for v := range 10 {
			near(t, want.Rows(i, i+1).Reshape(3), f.Rows(i, i+1).Reshape(10, 3).Rows(v, v+1).Reshape(3), 1e-5)
		}
	}
	p.Images.Channels, p.Images.Width = 1, 48
	_, err = charcnnrnn.Whole(p.Images, 16)
	require.ErrorContains(t, err, "pictures of 1 channels")
	_, err = charcnnrnn.Features(m, p.Images)
	require.ErrorContains(t, err, "pictures of 1 channels")
}

func TestClassifierLearns(t *testing.T) {
	pictures := synthetic.Shapes(200, 1, synthetic.ShapeOptions{Side: 16})
	image := charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: 16, Width: 12, Out: 32}, newRand(1))
	c := charcnnrnn.NewClassifier(image, 10, newRand(2))
	src, err := charcnnrnn.ClassifierBatches(pictures, 40, 16)
	require.NoError(t, err)
	b, err := src.Batch(0, data.Stream(1))
	require.NoError(t, err)
	require.Equal(t, []int{40, 16, 16, 3}, b.Images.Shape())
	require.Len(t, b.Labels, 40)
	last := play(t, c.Player(nil), src, 400)
	require.Greater(t, float64(last.Terms["right"]), 0.4, "chance is 0.1")
	require.Less(t, float64(last.Terms["loss"]), 1.8, "it is 2.3 where nothing is known")

	for want, change := range map[string]func(){
		"without classes":     func() { pictures.Labels = nil },
		"pictures of 1":       func() { pictures.Channels = 1 },
		"batches of 40 of 12": func() { *pictures = *tiny(12).Images },
	} {
		kept := *pictures
		change()
		_, err := charcnnrnn.ClassifierBatches(pictures, 40, 16)
		require.ErrorContains(t, err, want)
		*pictures = kept
	}
}
