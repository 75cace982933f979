package charcnnrnn_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/gander-ml/gander/txt2img/charcnnrnn"
)

func encoderFile(t testing.TB, m checkpoint.Manifest) []byte {
	var b bytes.Buffer
	e := charcnnrnn.New(small(charcnnrnn.ICML), newRand(1))
	if m.Options == nil {
		m = checkpoint.NewManifest(m.Architecture, e.Options)
	}
	if checkpoint.Write(&b, e, m) != nil {
		return nil // cannot be in a file
	}
	return b.Bytes()
}

func opens(t *testing.T, b []byte) {
	if e, err := charcnnrnn.Open(b, "fuzz"); err == nil {
		require.NoError(t, e.Options.Check())
		require.Equal(t, []int{1, e.Width()}, e.Encode([]string{"a red heart"}).Shape())
	}
}

// Whatever a file holds, opening it neither panics nor takes memory that the file does not have.
func FuzzOpen(f *testing.F) {
	whole := encoderFile(f, checkpoint.Manifest{Architecture: charcnnrnn.Architecture})
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(encoderFile(f, checkpoint.Manifest{Architecture: charcnnrnn.PairArchitecture}))
	f.Fuzz(opens)
}

// The same of whole files that lie about their encoder.
func FuzzOptions(f *testing.F) {
	own, err := json.Marshal(small(charcnnrnn.ICML))
	require.NoError(f, err)
	for _, s := range []string{string(own), "{}", "null", `{"conv":[24,32,32],"rnn":32,"out":4611686018427387904}`, `{"conv":[-1,1,1]}`,
		`{"length":4611686018427387904,"conv":[24,32,32],"rnn":32,"out":32}`, `{"length":1}`, `{"dropout":2,"length":72,"conv":[24,32,32],"rnn":32,"out":32}`,
		`{"text":{},"image":{"size":16,"width":4611686018427387904}}`} {
		f.Add([]byte(s), charcnnrnn.Architecture)
		f.Add([]byte(s), charcnnrnn.PairArchitecture)
	}
	f.Fuzz(func(t *testing.T, options []byte, architecture string) {
		if json.Valid(options) {
			opens(t, encoderFile(t, checkpoint.Manifest{Architecture: architecture, Options: options}))
		}
	})
}
