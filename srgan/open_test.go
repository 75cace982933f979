package srgan

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func TestSaveAndOpen(t *testing.T) {
	g := small(Options{Channels: 8, Blocks: 2, SlopePerChannel: true}, 13)
	path := filepath.Join(t.TempDir(), "net.safetensors")
	require.NoError(t, Save(path, g, 7))
	u, err := OpenFile(path)
	require.NoError(t, err)
	x := tensor.RandU(rand.New(rand.NewPCG(2, 2)), 0, 1, 9, 9, 3)
	want, err := NewUpscaler(g).Tensor(context.Background(), x)
	require.NoError(t, err)
	got, err := u.Tensor(context.Background(), x)
	require.NoError(t, err)
	require.Equal(t, want.Data(), got.Data())

	require.NoError(t, SaveHalf(path, g, 7))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	u, err = Open(b)
	require.NoError(t, err)
	got, err = u.Tensor(context.Background(), x)
	require.NoError(t, err)
	require.InDeltaSlice(t, want.Data(), got.Data(), 0.01)

	_, err = Open(b[:len(b)/2])
	require.ErrorContains(t, err, "srgan: ")
	_, err = OpenFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		name, architecture string
		options            any
		want               string
	}{
		{"other kind", "unet", Options{}, `holds a network of the kind "unet", not "srresnet"`},
		{"unknown option", Architecture, map[string]int{"wings": 2}, "wings"},
		{"impossible scale", Architecture, Options{Scale: 3}, "srgan: scale 3 is not 2, 4 or 8"},
		{"huge network", Architecture, Options{Channels: 4096, Blocks: 4096}, "too few for 4096 blocks of 4096 channels"},
		{"other sizes", Architecture, Options{Channels: 4, Blocks: 2}, "the model wants"},
	} {
		path := filepath.Join(t.TempDir(), "net.safetensors")
		m := checkpoint.NewManifest(c.architecture, c.options)
		require.NoError(t, checkpoint.Save(path, small(Options{Channels: 8, Blocks: 2}, 14), m))
		_, err := OpenFile(path)
		require.ErrorContains(t, err, c.want, c.name)
		require.NotContains(t, err.Error(), "\n")
	}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	require.NoError(t, checkpoint.Save(path, nn.NewLinear(2, 2, nn.LinearOptions{}, rand.New(rand.NewPCG(1, 1))), checkpoint.Manifest{}))
	_, err := OpenFile(path)
	require.Error(t, err)
}

func TestOptionsAreStableInJSON(t *testing.T) {
	b, err := json.Marshal(Options{}.withDefaults())
	require.NoError(t, err)
	require.Equal(t, `{"scale":4,"channels":64,"blocks":16,"no_norm":false,"slope_per_channel":false}`, string(b))
}
