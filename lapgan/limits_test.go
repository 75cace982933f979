package lapgan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint"
	"github.com/stretchr/testify/require"
)

// lies are descriptions of networks that are far larger than a file of some thousand numbers.
func lies() []string {
	var out []string
	add := func(kind string, side int, net any) {
		out = append(out, string(described(kind, side, net)))
	}
	for _, n := range []int{1 << 14, 1 << 20, math.MaxInt32, math.MaxInt} {
		add("dense", 4, DenseOptions{Side: 4, Hidden: n})
		add("dense", 4, DenseOptions{Side: 4, Hidden: 4, Classes: n})
		add("dense", n, DenseOptions{Side: n, Hidden: 4})
		add("conv", 8, ConvOptions{Side: 8, Width: n})
		add("conv", 8, ConvOptions{Side: 8, Width: 8, Channels: n})
		add("conv", n, ConvOptions{Side: n, Width: 1, Channels: 1, Classes: 2})
		add("deep", 8, DeepOptions{Side: 8, Width: n})
		add("deep", 8, DeepOptions{Side: 8, Width: 1, Latent: n})
		add("deep", 8, DeepOptions{Side: 8, Width: 1, Classes: n})
		add("deep", n, DeepOptions{Side: n, Width: 1, Latent: 1, Base: true})
		add("lsun", 8, LSUNOptions{Side: 8, Channels: n})
		add("quantised", 4, quantisedOptions{Model: pixelrnn.Options{Height: 4, Width: 4, Hidden: n}})
		add("quantised", 4, quantisedOptions{Model: pixelrnn.Options{Height: 4, Width: 4, Values: n, Hidden: 3, Layers: 1}})
		add("quantised", n, quantisedOptions{Model: pixelrnn.Options{Height: n, Width: n, Hidden: 3, Layers: 1}})
	}
	return append(out, `{"kind":"conv","net":{"side":8},"sizes":[8],"norm":[1152921504606846976,4,4]}`,
		`{"kind":"conv","net":{"side":8},"sizes":[8],"norm":[0,4,4]}`,
		`{"kind":"conv","net":{"side":-8,"width":-1},"sizes":[8]}`, `{"kind":"wings"}`, `{"kind":"dense","net":[],"sizes":[0]}`)
}

func described(kind string, side int, net any) []byte {
	raw, err := json.Marshal(net)
	if err != nil {
		panic(err)
	}
	b, err := json.Marshal(header{Kind: kind, Net: raw, Sizes: []int{side}})
	if err != nil {
		panic(err)
	}
	return b
}

// builds makes the network that a text describes, for a file of some numbers, and checks that it is not much larger than that.
func builds(t *testing.T, text string) error {
	t.Helper()
	var h header
	if err := (checkpoint.Manifest{Options: json.RawMessage(text)}).Decode(&h); err != nil {
		return err
	}
	const stored = 20_000
	level, err := h.build(stored, nil)
	if err == nil {
		n := nn.NumParams(level.Level)
		if h.Kind != "lsun" { // which has a million numbers at least
			require.Less(t, n, 10*stored, text)
		}
	}
	return err
}

// What a file says it is of is compared with what it holds before memory is taken.
func TestLiesAboutLevels(t *testing.T) {
	for _, text := range lies() {
		require.Error(t, builds(t, text), text)
	}
	require.NoError(t, builds(t, string(described("dense", 4, DenseOptions{Side: 4, Hidden: 8, Latent: 5}))))
	require.NoError(t, builds(t, string(described("conv", 8, ConvOptions{Side: 8, Width: 4}))))
	require.NoError(t, builds(t, string(described("quantised", 4, quantisedOptions{Model: pixelrnn.Options{Height: 4, Width: 4, Values: 4, Hidden: 4, Layers: 1}}))))
}

func FuzzDescription(f *testing.F) {
	for _, text := range lies() {
		f.Add(text)
	}
	f.Add(string(described("dense", 4, DenseOptions{Side: 4, Hidden: 8, Latent: 5})))
	f.Add(string(described("quantised", 4, quantisedOptions{Model: pixelrnn.Options{Kind: pixelrnn.RowLSTM, Height: 4, Width: 4, Values: 4, Hidden: 4, Layers: 1, Low: 3}})))
	f.Fuzz(func(t *testing.T, text string) { _ = builds(t, text) })
}

func FuzzOpen(f *testing.F) {
	for i, l := range trained() {
		path := filepath.Join(f.TempDir(), fmt.Sprint(i))
		require.NoError(f, Save(path, l, 1, nil))
		b, err := os.ReadFile(path)
		require.NoError(f, err)
		if len(b) < 1<<20 {
			f.Add(b)
			f.Add(b[:len(b)/2])
			f.Add(bytes.Replace(b, []byte(`\"sizes\":[4,8]`), []byte(`\"sizes\":[4,9]`), 1))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := Open(b, "fuzz"); err == nil {
			require.NotNil(t, l.Level)
			require.Less(t, l.Index, len(l.Sizes))
		}
	})
}

func FuzzParseOperator(f *testing.F) {
	for _, s := range []string{"", "bilinear", "box", "burt", "burt:0.375", "burt:NaN", "burt:1e999", "burt:-1", "burt:0x1p-2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		op, err := ParseOperator(name)
		if err != nil {
			require.False(t, strings.Contains(err.Error(), "\n") && !strings.Contains(name, "\n"))
			return
		}
		again, err := ParseOperator(op.String())
		require.NoError(t, err)
		require.Equal(t, op, again)
		if b, ok := op.(Burt); ok {
			require.True(t, b.a() >= 0.25 && b.a() <= 0.75)
		}
	})
}
