package pixelrnn

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/stretchr/testify/require"
)

func TestModelsAreSaved(t *testing.T) {
	forEach(t, func(t *testing.T, m *Model, rng *rand.Rand) {
		require.LessOrEqual(t, m.Options.LeastWeights(), float64(nn.NumParams(m)))
		path := filepath.Join(t.TempDir(), "model.safetensors")
		require.NoError(t, Save(path, m, 3, map[string]string{"data": "noise"}))
		got, facts, err := OpenFile(path)
		require.NoError(t, err)
		require.Equal(t, "noise", facts["data"])
		require.Equal(t, m.Options, got.Options)
		x, given := values(m, 2, rng), conditionFor(m, 2, rng)
		require.Equal(t, m.LogProb(x, given), got.LogProb(x, given))
	})
}

// What a file says it is of is compared with what it holds before memory is taken.
func TestLiesAboutModels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.safetensors")
	m := New(Options{Height: 4, Width: 4, Hidden: 4, Layers: 1}, newRand(1))
	for _, o := range []any{
		Options{Height: 4, Width: 4, Hidden: 4096, Layers: 1}, Options{Height: 4, Width: 4, Hidden: 4, Layers: 1024},
		Options{Height: 4, Width: 4, Hidden: 4, Layers: 1, Head: 1 << 14}, Options{Height: 4, Width: 4, Hidden: 4, Layers: 1, Values: 1 << 16},
		Options{Height: 4, Width: 4, Hidden: 4, Layers: 1, Classes: 1 << 16}, Options{Height: -1, Width: 4}, map[string]int{"depth": 3}, "model", nil,
	} {
		require.NoError(t, checkpoint.Save(path, m, checkpoint.NewManifest(Architecture, o)))
		_, _, err := OpenFile(path)
		require.ErrorContains(t, err, "pixelrnn: ", "%+v", o)
	}
	require.NoError(t, checkpoint.Save(path, m, checkpoint.NewManifest("srresnet", m.Options)))
	_, _, err := OpenFile(path)
	require.ErrorContains(t, err, "srresnet")
}
