package srgan

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

func smallFile(t testing.TB, g Network, options any) []byte {
	architecture, own := g.describe()
	if options == nil {
		options = own
	}
	var b bytes.Buffer
	require.NoError(t, checkpoint.Write(&b, g, checkpoint.NewManifest(architecture, options)))
	return b.Bytes()
}

func smallNetwork() *SRResNet {
	return NewSRResNet(Options{Scale: 2, Channels: 4, Blocks: 1}, rand.New(rand.NewPCG(1, 1)))
}

// A file that says that it is of a much larger network is refused before that is built.
func TestLiesAboutNetworks(t *testing.T) {
	for _, o := range []Options{{Channels: 4096}, {Blocks: 4096, Channels: 4}, {Scale: 8, Channels: 128, Blocks: 1},
		{Scale: 8, Channels: 128, Blocks: 1, Upsampler: Deconv}, {Channels: math.MaxInt}, {Blocks: -1}} {
		_, err := Open(smallFile(t, smallNetwork(), o))
		require.Error(t, err, "%+v", o)
		require.Regexp(t, `^srgan: .*(too few|are not between)`, err.Error())
	}
	full := NewSRResNet(Options{}, rand.New(rand.NewPCG(1, 1)))
	require.LessOrEqual(t, full.Options.weights(), float64(nn.NumParams(full)))
	require.Greater(t, full.Options.weights(), 0.95*float64(nn.NumParams(full)))
}

func FuzzOpen(f *testing.F) {
	whole := smallFile(f, smallNetwork(), nil)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(smallFile(f, smallNetwork(), Options{Scale: 2, Channels: 4096}))
	f.Fuzz(opens)
}

// The same of whole files whose options are anything.
func FuzzOptions(f *testing.F) {
	for _, s := range []string{"{}", "null", `{"scale":2,"channels":4,"blocks":1}`, `{"scale":3}`, `{"channels":4611686018427387904}`,
		`{"scale":2,"channels":4,"blocks":1,"upsampler":"deconv"}`, `{"wings":2}`, `{"scale":2,"channels":4,"blocks":1,"reflect":true,"tanh":true}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, options []byte) {
		var b bytes.Buffer
		m := checkpoint.Manifest{Architecture: Architecture, Options: options}
		if !json.Valid(options) || checkpoint.Write(&b, smallNetwork(), m) != nil {
			return // cannot be in a file
		}
		opens(t, b.Bytes())
	})
}

func opens(t *testing.T, b []byte) {
	u, err := Open(b)
	if err != nil {
		return
	}
	y, err := u.Tensor(t.Context(), tensor.New(3, 5, 3))
	require.NoError(t, err)
	require.Equal(t, []int{3 * u.Scale(), 5 * u.Scale(), 3}, y.Shape())
}
