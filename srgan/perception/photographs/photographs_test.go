package photographs_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/vgg"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/srgan/perception/photographs"
	"github.com/gander-ml/gander/tensor"
)

func TestOpen(t *testing.T) {
	net, err := photographs.Open()
	require.NoError(t, err)
	require.Equal(t, "vgg19-1.2+2.2+3.4+4.4+5.4 (width 16, of 161 photographs)", net.Name())
	// A blurred picture is further away than one that is merely a little darker.
	x := tensor.RandU(rand.New(rand.NewPCG(1, 2)), 0, 1, 1, 24, 24, 3)
	x = tensor.Resize(x, 96, 96, tensor.Bicubic)
	tensor.ClampInto(x, x, 0, 1)
	blurred := tensor.Resize(tensor.Resize(x, 12, 12, tensor.Bicubic), 96, 96, tensor.Bicubic)
	distance := srgan.Perceptual{Features: net}
	far, err := distance.Distance(x.Reshape(96, 96, 3), blurred.Reshape(96, 96, 3))
	require.NoError(t, err)
	near, err := distance.Distance(x.Reshape(96, 96, 3), tensor.Affine(x, 0.95, 0.01).Reshape(96, 96, 3))
	require.NoError(t, err)
	require.Greater(t, far, 2*near)

	one, err := photographs.Open(vgg.VGG54)
	require.NoError(t, err)
	require.Equal(t, "vgg19-5.4 (width 16, of 161 photographs)", one.Name())
}
