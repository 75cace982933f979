package checkpoint

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// A manifest that a file holds is read as it was written, and none makes reading panic.
func FuzzManifest(f *testing.F) {
	f.Add("net", []byte(`{"width":3}`), 7, "data", "shapes")
	f.Add("", []byte(nil), -1, "", "")
	f.Add("a\x00b", []byte(`[null,{"a":1e999}]`), 1, "<&>", "\u2028")
	f.Fuzz(func(t *testing.T, architecture string, options []byte, step int, key, value string) {
		m := Manifest{Architecture: architecture, Step: step, Facts: map[string]string{key: value}}
		if len(options) > 0 {
			if !json.Valid(options) {
				return
			}
			m.Options = options
		}
		var b bytes.Buffer
		if Write(&b, newNet(2), m) != nil {
			return // text that is not UTF-8
		}
		file, err := NewFile(bytes.NewReader(b.Bytes()), int64(b.Len()), "fuzz")
		require.NoError(t, err)
		got, err := file.Manifest()
		require.NoError(t, err)
		require.Equal(t, architecture, got.Architecture)
		require.Equal(t, step, got.Step)
		require.Equal(t, m.Facts, got.Facts)
		var o struct {
			Width int `json:"width"`
		}
		if err := got.Decode(&o); err != nil {
			require.ErrorContains(t, err, "checkpoint: options of ")
		}
	})
}
