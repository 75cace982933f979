package checkpoint

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/internal/atomicfile"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
)

func tensorRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func TestSavedFilesHoldPyTorchsArrays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.safetensors")
	n := newNet(1)
	require.NoError(t, Load(n, pthDir+"net.pth"))
	require.NoError(t, Save(path, n, Manifest{Architecture: "net"}))
	f, err := Open(path)
	require.NoError(t, err)
	defer f.Close()
	for name, want := range map[string][]float32{
		"conv.weight": ramp(0, 12), "conv.bias": ramp(100, 3), "out.weight": ramp(600, 48), "norm.running_var": ramp(500, 3),
	} {
		x, err := f.Tensor(name)
		require.NoError(t, err)
		require.Equal(t, want, x.Data(), name)
	}
	var shapes [][]int
	for _, i := range f.Tensors() {
		require.Equal(t, "F32", i.Format)
		shapes = append(shapes, i.Shape)
	}
	require.Equal(t, [][]int{{3, 2, 2, 1}, {3}, {3}, {3}, {3}, {3}, {4, 12}, {4}}, shapes)
	require.Equal(t, "pt", f.Metadata()["format"])
}

func TestHalfKeepsVectorsExact(t *testing.T) {
	dir := t.TempDir()
	path, full := filepath.Join(dir, "half.safetensors"), filepath.Join(dir, "full.safetensors")
	n := newNet(1)
	want := values(n)
	require.NoError(t, SaveHalf(path, n, Manifest{}))
	got := newNet(2)
	require.NoError(t, Load(got, path))
	for name, x := range values(got) {
		for i, v := range x {
			exact := want[name][i]
			if name == "conv.weight" || name == "out.weight" {
				exact = dtype.HalfTo(dtype.HalfFrom(exact))
			}
			require.Equal(t, exact, v, name)
		}
	}
	// A weight that half cannot hold is an error, and the old file stays.
	n.Conv.Weight.Value().Data()[0] = 70000
	require.NoError(t, Save(full, n, Manifest{}))
	require.EqualError(t, SaveHalf(path, n, Manifest{}), "checkpoint: "+path+`: tensor "conv.weight" holds 70000, but 16-bit floats end at 65504`)
	again := newNet(3)
	require.NoError(t, Load(again, path))
	require.Equal(t, values(got), values(again))
	require.NoError(t, Load(again, full))
	require.Equal(t, float32(70000), again.Conv.Weight.Value().Data()[0])
	requireFiles(t, dir, "full.safetensors", "half.safetensors")
}

func requireFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	require.Equal(t, want, got)
}

var errFull = errors.New("no space left on device")

// limited is a disk with so many bytes left.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.left {
		n, _ := l.w.Write(b[:l.left])
		l.left = 0
		return n, errFull
	}
	l.left -= len(b)
	return l.w.Write(b)
}

// Wherever a disk runs full, the old file stays and nothing is left beside it.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "net.safetensors")
	old := newNet(1)
	require.NoError(t, Save(path, old, Manifest{}))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	for left := 0; left < len(before); left += 61 {
		err := atomicfile.Write(path, func(w io.Writer) error {
			return write(&limited{w, left}, newNet(2), Manifest{}, dtype.F32)
		})
		require.ErrorIs(t, err, errFull)
	}
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	requireFiles(t, dir, "net.safetensors")
	require.ErrorContains(t, Save(filepath.Join(dir, "none", "x"), old, Manifest{}), "checkpoint: "+filepath.Join(dir, "none", "x")+": ")
	require.ErrorIs(t, Write(&limited{io.Discard, 9}, old, Manifest{}), errFull)
}

func TestSavingIsDeterministic(t *testing.T) {
	var a, b bytes.Buffer
	m := Manifest{Architecture: "net", Facts: map[string]string{"x": "1", "y": "2", "z": "3"}}
	require.NoError(t, Write(&a, newNet(1), m))
	require.NoError(t, Write(&b, newNet(1), m))
	require.Equal(t, a.Bytes(), b.Bytes())
}

func TestTiedWeightsAreStoredOnce(t *testing.T) {
	type tied struct {
		A *nn.Linear `nn:"a"`
		B *nn.Linear `nn:"b"`
	}
	l := nn.NewLinear(2, 3, nn.LinearOptions{}, tensorRand())
	var b bytes.Buffer
	require.NoError(t, Write(&b, &tied{l, l}, Manifest{}))
	other := nn.NewLinear(2, 3, nn.LinearOptions{}, tensorRand())
	other.Weight.Value().Fill(0)
	m := &tied{other, other}
	require.NoError(t, LoadBytes(m, b.Bytes()))
	require.Equal(t, l.Weight.Value().Data(), m.B.Weight.Value().Data())
}

func TestManifest(t *testing.T) {
	type options struct {
		Blocks, Width int
		Act           string `json:",omitempty"`
	}
	path := filepath.Join(t.TempDir(), "net.safetensors")
	m := NewManifest("srresnet", options{Blocks: 16, Width: 64})
	m.Seed, m.Step = math.MaxUint64, 1800
	m.Facts = map[string]string{"data": `photos, "all" of <them>`, "psnr": "28.4"}
	require.NoError(t, Save(path, newNet(1), m))
	got, err := ReadManifest(path)
	require.NoError(t, err)
	require.Equal(t, libraryVersion(), got.Version)
	got.Version = ""
	require.JSONEq(t, string(m.Options), string(got.Options))
	got.Options = m.Options
	require.Equal(t, m, got)
	opts := options{Act: "prelu"}
	require.NoError(t, got.Decode(&opts))
	require.Equal(t, options{16, 64, "prelu"}, opts)

	// What the manifest says is under the checksum, too.
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	at := bytes.Index(b, []byte("1800"))
	b[at] = '7'
	f, err := NewFile(bytes.NewReader(b), int64(len(b)), "copy")
	require.NoError(t, err)
	_, err = f.Manifest()
	require.EqualError(t, err, "checkpoint: copy: the file is damaged: its checksum does not hold")

	var fewer struct{ Blocks int }
	require.EqualError(t, got.Decode(&fewer), `checkpoint: options of "srresnet": json: unknown field "Width"`)
	require.NoError(t, Manifest{}.Decode(&fewer))
	require.Panics(t, func() { NewManifest("x", make(chan int)) })

	_, err = ReadManifest("testdata/net.safetensors")
	require.EqualError(t, err, "checkpoint: testdata/net.safetensors: has no manifest: it does not say what network it is for")
	_, err = ReadManifest(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Error(t, Save(path, newNet(1), Manifest{Options: []byte("{")}))
}
