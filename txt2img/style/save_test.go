package style_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/txt2img/style"
	"github.com/stretchr/testify/require"
)

func TestSaved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "style.safetensors")
	x := tensor.RandU(newRand(1), -1, 1, 3, side, side, 3)
	for _, o := range []style.Options{{Size: side, Latent: latent, Width: 8}, {Size: 32, Width: 2, ConvBias: true}} {
		want := style.New(o, newRand(4))
		require.NoError(t, style.Save(path, want, 12, map[string]string{"generator": "birds"}))
		got, err := style.OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, want.Options, got.Options)
		require.Equal(t, values(want), values(got))
		m, err := checkpoint.ReadManifest(path)
		require.NoError(t, err)
		require.Equal(t, 12, m.Step)
		require.Equal(t, "birds", m.Facts["generator"])
	}

	want := newEncoder(4)
	require.NoError(t, style.SaveHalf(path, want, 1, nil))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	got, err := style.Open(b, "embedded")
	require.NoError(t, err)
	for i, v := range style.Of(want, x).Data() {
		require.InDelta(t, v, style.Of(got, x).Data()[i], 1e-3)
	}
	_, err = style.Open(b[:len(b)/2], "half")
	require.ErrorContains(t, err, "half")
}

func TestForeignFiles(t *testing.T) {
	_, err := style.OpenFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorContains(t, err, "none")
	for want, m := range map[string]checkpoint.Manifest{
		`kind "srresnet"`: checkpoint.NewManifest("srresnet", nil),
		"power of 2":      checkpoint.NewManifest(style.Architecture, style.Options{Size: 20}),
		"too few":         checkpoint.NewManifest(style.Architecture, style.Options{Size: 1 << 14, Width: 1 << 14}),
		"depth":           checkpoint.NewManifest(style.Architecture, map[string]int{"depth": 3}),
		"16×":             checkpoint.NewManifest(style.Architecture, style.Options{Size: side, Latent: latent, Width: 2}),
	} {
		var b bytes.Buffer
		require.NoError(t, checkpoint.Write(&b, newEncoder(1), m))
		_, err := style.Open(b.Bytes(), "foreign")
		if want == "16×" {
			require.ErrorContains(t, err, "downs.0.weight")
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

// Whatever a file holds, opening it neither panics nor takes memory that the file does not have.
func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	require.NoError(f, checkpoint.Write(&b, newEncoder(1), checkpoint.NewManifest(style.Architecture, newEncoder(1).Options)))
	f.Add(b.Bytes())
	f.Add(b.Bytes()[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) { opens(t, b) })
}

// The same of a whole file that lies about its encoder.
func FuzzOptions(f *testing.F) {
	for _, s := range []string{"{}", `{"size":16,"latent":4,"width":8}`, `{"size":16384,"width":16384}`, `{"size":-1}`, `{"width":1e9}`,
		`{"depth":1}`, "[]", "null", `{"size":16,"latent":4,"width":8,"conv_bias":true}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, options []byte) {
		var b bytes.Buffer
		m := checkpoint.Manifest{Architecture: style.Architecture, Options: options}
		if !json.Valid(options) || checkpoint.Write(&b, newEncoder(1), m) != nil {
			return // cannot be in a file
		}
		opens(t, b.Bytes())
	})
}

func opens(t *testing.T, b []byte) {
	if e, err := style.Open(b, "fuzz"); err == nil {
		require.NoError(t, e.Options.Check())
		require.Equal(t, []int{1, e.Options.Latent}, style.Of(e, tensor.New(1, e.Options.Size, e.Options.Size, 3)).Shape())
	}
}
