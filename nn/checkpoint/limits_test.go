package checkpoint

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// A tensor beyond the limit is refused by name, with the limit and how to set it.
func TestElementsAreLimited(t *testing.T) {
	f, err := Open("testdata/net.safetensors")
	require.NoError(t, err)
	defer f.Close()
	x, err := f.Tensor("out.weight")
	require.NoError(t, err)
	f.MaxElements = x.Len()
	_, err = f.Tensor("out.weight")
	require.NoError(t, err)
	f.MaxElements--
	_, err = f.Tensor("out.weight")
	require.EqualError(t, err, `checkpoint: testdata/net.safetensors: tensor "out.weight" is 4×12, more than the limit of 47 elements (File.MaxElements)`)
	require.NoError(t, f.Load(newNet(1)), "shapes are compared instead")
}

// A few hundred bytes that describe a tensor of a thousand million million numbers take no memory for them.
func TestTensorBombs(t *testing.T) {
	for name, shape := range map[string]string{"many": "[1073741825]", "overflowing": "[4294967296,4294967296]", "negative": "[-1]"} {
		header := `{"x":{"dtype":"F32","shape":` + shape + `,"data_offsets":[0,4]}}`
		b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		b = append(append(b, header...), 0, 0, 0, 0)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := NewFile(bytes.NewReader(b), int64(len(b)), "bomb")
		runtime.ReadMemStats(&after)
		require.Error(t, err, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), name)
	}
}

// A .pth file may be bounded more tightly, and the error names the bound and where to set it.
func TestLimitsOfArchives(t *testing.T) {
	const path = "internal/pth/testdata/net.pth"
	_, err := Open(path, Limits{})
	require.NoError(t, err)
	for want, l := range map[string]Limits{
		"members, more than the limit of 1 (checkpoint.Limits.Members)":    {Members: 1},
		"bytes, more than the limit of 20 (checkpoint.Limits.Description)": {Description: 20},
		"more than the limit of 2 values (checkpoint.Limits.Values)":       {Values: 2},
	} {
		_, err := Open(path, l)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, Load(newNet(1), path, LoadOptions{Limits: l}), want)
	}
}

func TestManifestsOfBrokenText(t *testing.T) {
	for _, m := range []Manifest{{Architecture: "\xca"}, {Version: "\xca"}, {Facts: map[string]string{"\xca": ""}}, {Facts: map[string]string{"a": "\xca"}},
		{Options: json.RawMessage("\"\xca\"")}} {
		require.ErrorContains(t, Write(io.Discard, newNet(1), m), "checkpoint: manifest: the text ")
	}
}

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
