package draw

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
)

func TestWhatIsSavedIsOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	for _, kind := range kinds {
		rng := newRand()
		m := New(small(kind), rng)
		stir(m, rng)
		if kind.reads() {
			m.Vocabulary = Vocabulary{"", "a", "b", "c", "d", "e"}
		}
		require.NoError(t, m.Save(path, 7, map[string]string{"data": "none"}))
		back, about, err := OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, m.Options, back.Options)
		require.Equal(t, m.Vocabulary, back.Vocabulary)
		require.Equal(t, 7, about.Step)
		require.Equal(t, "none", about.Facts["data"])
		text := someText(m.Options, 2, rng)
		require.Equal(t, m.Sample(2, text, newRand()).Last(), back.Sample(2, text, newRand()).Last())
		require.NoError(t, m.SaveHalf(path, 7, nil))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		_, _, err = Open(b, "half")
		require.NoError(t, err)
	}
}

func TestSaveRefusesAnotherVocabulary(t *testing.T) {
	m := New(small(Aligned), newRand())
	m.Vocabulary = Vocabulary{"", "a"}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	require.EqualError(t, m.Save(path, 0, nil), "draw: 2 words for a model that reads 6")
	require.NoFileExists(t, path)
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	layer := nn.NewLinear(2, 2, nn.LinearOptions{}, newRand())
	huge := COCO
	for want, c := range map[string]struct {
		architecture string
		options      any
	}{
		`holds a network of the kind "other", not "draw"`: {"other", nil},
		"want 1 to 512 (in ":                              {Architecture, header{}},
		"wings":                                           {Architecture, map[string]int{"wings": 2}},
		"holds 6 numbers, too few for the model":          {Architecture, header{Options: huge}},
		"2 words for a model that reads 25323":            {Architecture, header{Options: huge, Vocabulary: Vocabulary{"", "a"}}},
	} {
		require.NoError(t, checkpoint.Save(path, layer, checkpoint.NewManifest(c.architecture, c.options)))
		_, _, err := OpenFile(path)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "\n")
	}
	_, _, err := OpenFile(path + ".no")
	require.ErrorContains(t, err, "model.safetensors.no")
	_, _, err = Open([]byte("no file"), "bytes")
	require.Error(t, err)
}

// least never says more than what a model holds, or good files would be refused.
func TestLeast(t *testing.T) {
	for _, kind := range kinds {
		for _, attention := range []bool{true, false} {
			o := small(kind)
			if !attention {
				o.Read, o.Write = 0, 0
			}
			n := float64(nn.NumParams(New(o, newRand())))
			require.LessOrEqual(t, o.least(), n)
			require.Greater(t, o.least(), 0.7*n)
		}
	}
}

func FuzzOpen(f *testing.F) {
	path := filepath.Join(f.TempDir(), "model.safetensors")
	for _, kind := range []Conditioning{Free, Aligned} {
		o := small(kind)
		o.Height, o.Width, o.Hidden = 2, 2, 1
		m := New(o, newRand())
		if kind.reads() {
			m.Vocabulary = Vocabulary{"", "a", "b", "c", "d", "e"}
		}
		require.NoError(f, m.Save(path, 0, nil))
		b, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(b)
		f.Add(b[:len(b)-1])
		f.Add([]byte(strings.Replace(string(b), `"steps":3`, `"steps":9`, 1)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, _, err := Open(b, "fuzzed"); err == nil && m.Options.Steps < 10 {
			m.Sample(1, someText(m.Options, 1, newRand()), newRand())
		}
	})
}

// No description makes a model that is much larger than the file it is in.
func FuzzOptions(f *testing.F) {
	for _, o := range []Options{MNIST, CaptionedMNIST, small(Averaged), small(Sentence)} {
		b, err := json.Marshal(header{Options: o})
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var h header
		if json.Unmarshal(b, &h) != nil || h.Options.Check() != nil || h.Options.least() > 1e5 {
			return
		}
		require.Less(t, float64(nn.NumParams(New(h.Options, newRand()))), 2*h.Options.least()+1e6)
	})
}
