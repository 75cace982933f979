package charcnnrnn_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func TestSaveAndOpen(t *testing.T) {
	dir := t.TempDir()
	for _, v := range []charcnnrnn.Variant{charcnnrnn.ICML, charcnnrnn.CVPR} {
		o := small(v)
		o.Dropout = 0.25
		e := charcnnrnn.New(o, newRand(1))
		path := filepath.Join(dir, "encoder.safetensors")
		require.NoError(t, charcnnrnn.Save(path, e, 7, map[string]string{"data": "none"}))
		m, err := checkpoint.ReadManifest(path)
		require.NoError(t, err)
		require.Equal(t, 7, m.Step)
		require.Equal(t, "none", m.Facts["data"])

		back, err := charcnnrnn.OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, e.Options, back.Options)
		require.Equal(t, values(e), values(back))
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		back, err = charcnnrnn.Open(raw, "embedded")
		require.NoError(t, err)
		require.Equal(t, values(e), values(back))

		half := filepath.Join(dir, "half.safetensors")
		require.NoError(t, charcnnrnn.SaveHalf(half, e, 7, nil))
		back, err = charcnnrnn.OpenFile(half)
		require.NoError(t, err)
		near(t, e.Encode([]string{"a red heart"}), back.Encode([]string{"a red heart"}), 2e-3)
		info, err := os.Stat(half)
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(len(raw))*6/10)
	}
}

func TestSavePair(t *testing.T) {
	p := &charcnnrnn.Pair{
		Text:  charcnnrnn.New(small(charcnnrnn.ICML), newRand(1)),
		Image: charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: 16, Width: 4, Out: 32}, newRand(2)),
	}
	path := filepath.Join(t.TempDir(), "pair.safetensors")
	require.NoError(t, p.Save(path, 3, nil))
	back, err := charcnnrnn.OpenPairFile(path)
	require.NoError(t, err)
	require.Equal(t, values(p), values(back))
	require.Equal(t, p.Image.Options, back.Image.Options)
	x := tensor.RandU(newRand(3), -1, 1, 5, 16, 16, 3)
	require.Equal(t, p.Image.Encode(x).Data(), back.Image.Encode(x).Data())
	text, err := charcnnrnn.OpenFile(path)
	require.NoError(t, err)
	require.Equal(t, values(p.Text), values(text))
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	e := charcnnrnn.New(small(charcnnrnn.ICML), newRand(1))
	image := charcnnrnn.NewImage(charcnnrnn.ImageOptions{Size: 16, Width: 4, Out: 32}, newRand(2))
	type pair struct {
		Text  charcnnrnn.Options      `json:"text"`
		Image charcnnrnn.ImageOptions `json:"image"`
	}
	write := func(m any, architecture string, options any) string {
		path := filepath.Join(dir, "x.safetensors")
		require.NoError(t, checkpoint.Save(path, m, checkpoint.NewManifest(architecture, options)))
		return path
	}
	both := &charcnnrnn.Pair{Text: e, Image: image}
	for want, c := range map[string]struct {
		m            any
		architecture string
		options      any
	}{
		"holds a network of the kind \"srresnet\"": {e, "srresnet", nil},
		"no variant \"bert\"":                      {e, charcnnrnn.Architecture, charcnnrnn.Options{Variant: "bert"}},
		"too few for the network":                  {e, charcnnrnn.Architecture, charcnnrnn.Options{Out: 16_000, RNN: 16_000}},
		"colour":                                   {e, charcnnrnn.Architecture, map[string]int{"colour": 3}},
		"recurrent":                                {e, charcnnrnn.Architecture, small(charcnnrnn.CVPR)},
		"want a power of 2":                        {both, charcnnrnn.PairArchitecture, pair{e.Options, charcnnrnn.ImageOptions{Size: 17}}},
		"too few for":                              {both, charcnnrnn.PairArchitecture, pair{e.Options, charcnnrnn.ImageOptions{Size: 16, Width: 9999}}},
	} {
		path := write(c.m, c.architecture, c.options)
		_, err := charcnnrnn.OpenFile(path)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, path)
		_, err = charcnnrnn.OpenPairFile(path)
		require.Error(t, err)
	}
	_, err := charcnnrnn.OpenPairFile(write(e, charcnnrnn.Architecture, e.Options))
	require.ErrorContains(t, err, "not encoders of captions and pictures")
	_, err = charcnnrnn.Open([]byte("nonsense"), "embedded")
	require.ErrorContains(t, err, "embedded")
	_, err = charcnnrnn.OpenFile(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = charcnnrnn.OpenPairFile(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
