package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func bytesOf(t require.TestingT, a Array) []byte {
	var b bytes.Buffer
	require.NoError(t, Write(&b, a))
	return b.Bytes()
}

func zipped(t require.TestingT, b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return out.Bytes()
}

func readBytes(b []byte, o Options) (Array, error) { return Read(bytes.NewReader(b), int64(len(b)), o) }

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Array{Shape: rapid.SliceOfN(rapid.IntRange(0, 5), 1, 4).Draw(t, "shape")}
		n := 1
		for _, d := range a.Shape {
			n *= d
		}
		a.Data = rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data")
		raw := bytesOf(t, a)
		for _, b := range [][]byte{raw, zipped(t, raw)} {
			got, err := readBytes(b, Options{})
			require.NoError(t, err)
			require.Equal(t, a.Shape, got.Shape)
			require.True(t, bytes.Equal(a.Data, got.Data))
		}
	})
}

func TestReadRefuses(t *testing.T) {
	good := bytesOf(t, Array{[]int{2, 3}, []byte("abcdef")})
	with := func(at int, v ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], v)
		return b
	}
	z := zipped(t, good)
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":            {nil, "too few for a header"},
		"header cut":       {good[:7], "ends in the header"},
		"data cut":         {good[:len(good)-1], "but the file has 17"},
		"data added":       {append(bytes.Clone(good), 0), "but the file has 19"},
		"no idx":           {with(0, 'P', 'K'), "begins with 50 4b"},
		"floats":           {with(2, 0x0d), "type 0x0d"},
		"no axes":          {with(3, 0), "has 0 axes"},
		"huge":             {with(4, 0xff, 0xff, 0xff, 0xff), "limit is 1073741824 (Options.MaxBytes)"},
		"impossible":       {append([]byte{0, 0, 8, 8}, bytes.Repeat([]byte{0xff}, 32)...), "impossible size"},
		"zipped cut":       {z[:len(z)-9], "cut off"},
		"zipped checksum":  {append(bytes.Clone(z[:len(z)-8]), 0, 0, 0, 0, 18, 0, 0, 0), "checksum"},
		"zipped too short": {zipped(t, good[:len(good)-2]), "ends after 4 of 6 bytes"},
		"zipped too long":  {zipped(t, append(bytes.Clone(good), 0)), "more data than its shape [2 3]"},
		"zipped bomb":      {zipped(t, with(4, 0, 0xff, 0xff, 0xff)), "more than a file of this size can hold"},
	} {
		_, err := readBytes(c.b, Options{})
		require.ErrorContains(t, err, c.want, name)
	}
	_, err := readBytes(good, Options{MaxBytes: 5})
	require.EqualError(t, err, "claims 6 bytes of data, the limit is 5 (Options.MaxBytes)")
}

func TestAClaimTakesNoMemory(t *testing.T) {
	// 900 MB claimed by a compressed file of 1 MB that holds nothing of the kind.
	head := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, 900<<20)
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.NoCompression)
	require.NoError(t, err)
	_, err = z.Write(append(head, make([]byte, 1<<20)...))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = readBytes(out.Bytes(), Options{})
	runtime.ReadMemStats(&after)
	require.ErrorContains(t, err, "ends after 1048576 of 943718400 bytes")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
}

func writeMNIST(t *testing.T, dir string, change func(name string, a *Array) string) {
	for name, a := range map[string]Array{
		"train-images-idx3-ubyte": {[]int{4, 2, 3}, bytes.Repeat([]byte{1, 2, 3}, 8)},
		"train-labels-idx1-ubyte": {[]int{4}, []byte{0, 2, 1, 2}},
		"t10k-images.idx3-ubyte":  {[]int{1, 2, 3}, []byte("abcdef")},
		"t10k-labels-idx1-ubyte":  {[]int{1}, []byte{3}},
	} {
		if change != nil {
			name = change(name, &a)
		}
		b := bytesOf(t, a)
		if filepath.Ext(name) == ".gz" {
			b = zipped(t, b)
		}
		if name != "" {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
		}
	}
}

func TestMNIST(t *testing.T) {
	dir := t.TempDir()
	writeMNIST(t, dir, func(name string, _ *Array) string {
		if name == "train-images-idx3-ubyte" {
			return name + ".gz"
		}
		return name
	})
	train, test, err := MNIST(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, []int{0, 2, 1, 2}, train.Labels)
	require.Equal(t, []int{3}, test.Labels)
	require.Equal(t, []string{"0", "1", "2", "3"}, train.Classes, "the names of both parts")
	require.Equal(t, train.Classes, test.Classes)
	require.NoError(t, train.Check())
	x, err := test.At(0)
	require.NoError(t, err)
	require.Equal(t, float32('e')/255, x.Image.At(1, 1, 0))
}

func TestMNISTRefuses(t *testing.T) {
	for want, change := range map[string]func(name string, a *Array) string{
		"has no t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz": func(name string, _ *Array) string {
			if name == "t10k-labels-idx1-ubyte" {
				return ""
			}
			return name
		},
		"has 3 labels for the 4 pictures": func(name string, a *Array) string {
			if name == "train-labels-idx1-ubyte" {
				*a = Array{[]int{3}, a.Data[:3]}
			}
			return name
		},
		"want labels, (N)": func(name string, a *Array) string {
			if name == "train-labels-idx1-ubyte" {
				a.Shape = []int{2, 2}
			}
			return name
		},
		"want pictures, (N, H, W)": func(name string, a *Array) string {
			if name == "train-images-idx3-ubyte" {
				a.Shape = []int{24}
			}
			return name
		},
		"those for testing 2×3": func(name string, a *Array) string {
			if name == "t10k-images.idx3-ubyte" {
				a.Shape = []int{1, 3, 2}
			}
			return name
		},
	} {
		dir := t.TempDir()
		writeMNIST(t, dir, change)
		_, _, err := MNIST(dir, Options{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "idx: "+dir)
	}
}

func TestRealMNIST(t *testing.T) {
	root := os.Getenv("GANDER_DATA")
	if root == "" {
		t.Skip("GANDER_DATA is not set")
	}
	train, test, err := MNIST(filepath.Join(root, "mnist"), Options{})
	require.NoError(t, err)
	require.Equal(t, 60000, train.Len())
	require.Equal(t, 10000, test.Len())
	require.Equal(t, []int{5, 0, 4, 1, 9}, train.Labels[:5])
	require.Len(t, train.Classes, 10)
	// The mean pixel of the training set is 0.1307 of white.
	sum := 0
	for _, v := range train.Pixels {
		sum += int(v)
	}
	require.InDelta(t, 0.1307, float64(sum)/255/float64(len(train.Pixels)), 5e-5)
}

func FuzzRead(f *testing.F) {
	good := bytesOf(f, Array{[]int{2, 3}, []byte("abcdef")})
	f.Add(good)
	f.Add(zipped(f, good))
	f.Add(append([]byte{0, 0, 8, 8}, bytes.Repeat([]byte{0xff}, 32)...))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := readBytes(b, Options{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		again, err := readBytes(bytesOf(t, a), Options{})
		require.NoError(t, err)
		require.Equal(t, a.Shape, again.Shape)
		require.True(t, bytes.Equal(a.Data, again.Data))
	})
}
