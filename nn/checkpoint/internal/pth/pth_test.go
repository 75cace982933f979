package pth

import (
	"archive/zip"
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
	"github.com/gander-ml/gander/nn/checkpoint/internal/pickle"
)

func file(t testing.TB, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

func open(b []byte) (*File, error) { return Open(bytes.NewReader(b), int64(len(b)), Limits{}) }

// readAll returns the shapes and the numbers of all tensors that are not unreasonably larger than the file.
func readAll(b []byte) (map[string][]int, map[string][]float32, error) {
	f, err := open(b)
	if err != nil {
		return nil, nil, err
	}
	shapes, data := map[string][]int{}, map[string][]float32{}
	for _, t := range f.Tensors() {
		shapes[t.Name] = t.Shape
		if n, _ := dtype.Elements(t.Shape); n <= 1<<16 {
			data[t.Name] = make([]float32, n)
		}
	}
	return shapes, data, f.ReadInto(data)
}

// ramp counts up from start in steps of 1/8, as make.py does.
func ramp(start, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(start+i) / 8
	}
	return out
}

var netShapes = map[string][]int{
	"conv.weight": {3, 2, 2, 1}, "conv.bias": {3},
	"norm.weight": {3}, "norm.bias": {3}, "norm.running_mean": {3}, "norm.running_var": {3}, "norm.num_batches_tracked": {},
	"out.weight": {4, 12}, "out.bias": {4},
}

var netData = map[string][]float32{
	"conv.weight": ramp(0, 12), "conv.bias": ramp(100, 3),
	"norm.weight": ramp(200, 3), "norm.bias": ramp(300, 3), "norm.running_mean": ramp(400, 3), "norm.running_var": ramp(500, 3),
	"norm.num_batches_tracked": {0}, "out.weight": ramp(600, 48), "out.bias": ramp(700, 4),
}

func TestStateDict(t *testing.T) {
	for _, name := range []string{"net.pth", "net_legacy.pth", "net_old.pth"} {
		shapes, data, err := readAll(file(t, name))
		require.NoError(t, err)
		require.Equal(t, netShapes, shapes)
		require.Equal(t, netData, data)
		f, err := open(file(t, name))
		require.NoError(t, err)
		require.Equal(t, "", f.Root())
		require.Equal(t, "conv.weight", f.Tensors()[0].Name)
		require.Panics(t, func() { _ = f.ReadInto(map[string][]float32{"conv.weight": make([]float32, 3)}) })
		require.Panics(t, func() { _ = f.ReadInto(map[string][]float32{"none": nil}) })
	}
}

func TestViewsAndFormats(t *testing.T) {
	base := ramp(0, 24)
	var transposed, window, other, half []float32
	for c := range 6 {
		for r := range 4 {
			transposed = append(transposed, base[r*6+c])
		}
	}
	for r := 1; r < 3; r++ {
		window = append(window, base[r*6+2:r*6+5]...)
	}
	for i := 0; i < 24; i += 2 {
		other = append(other, base[i])
	}
	var permuted []float32 // axes (4, 2, 3) of an array of (2, 3, 4)
	for k := range 4 {
		for i := range 2 {
			for j := range 3 {
				permuted = append(permuted, base[i*12+j*4+k])
			}
		}
	}
	half = ramp(0, 5)
	integers := []float32{-2, -1, 0, 1, 2}
	third := ramp(0, 3)
	want := map[string][]float32{
		"base": base, "tied": base, "transposed": transposed, "window": window, "reversed_axes": permuted, "every_other": other,
		"expanded": {third[0], third[0], third[0], third[0], third[1], third[1], third[1], third[1], third[2], third[2], third[2], third[2]},
		"scalar":   {2.5}, "empty": {}, "half": half, "bfloat": half, "double": half,
		"long": integers, "int": integers, "short": integers, "char": integers, "byte": {0, 1, 2, 3, 4}, "bool": {1, 0, 1},
		"parameter": ramp(0, 4),
	}
	for _, name := range []string{"odd.pth", "odd_legacy.pth"} {
		shapes, data, err := readAll(file(t, name))
		require.NoError(t, err)
		require.Equal(t, want, data)
		require.Equal(t, []int{6, 4}, shapes["transposed"])
		require.Equal(t, []int{4, 2, 3}, shapes["reversed_axes"])
		require.Equal(t, []int{0, 3}, shapes["empty"])
		require.Empty(t, shapes["scalar"])
	}
}

func TestNestedDictionaries(t *testing.T) {
	f, err := open(file(t, "wrapped.pth"))
	require.NoError(t, err)
	require.Equal(t, "state_dict", f.Root())
	require.Equal(t, "state_dict.conv.weight", f.Tensors()[0].Name)

	f, err = open(file(t, "run.pth"))
	require.NoError(t, err)
	require.Equal(t, "", f.Root())
	_, data, err := readAll(file(t, "run.pth"))
	require.NoError(t, err)
	for name, want := range netData {
		require.Equal(t, want, data["params."+name])
		require.Equal(t, want, data["params_ema."+name])
	}
	require.Len(t, data["optimizer.state.0.exp_avg"], 12)
	require.InDelta(t, 0.1, data["optimizer.state.0.exp_avg"][0], 1e-6)
}

func TestNothingIsExecuted(t *testing.T) {
	for _, name := range []string{"evil.pth", "evil_legacy.pth"} {
		_, err := open(file(t, name))
		require.ErrorContains(t, err, `names "posix.system"`)
	}
	require.NoFileExists(t, "executed")
	_, err := open(file(t, "module.pth"))
	require.ErrorContains(t, err, `save the state_dict alone`)
}

func TestEveryTruncationIsFound(t *testing.T) {
	for _, name := range []string{"net.pth", "net_legacy.pth"} {
		b := file(t, name)
		for i := range b {
			if _, _, err := readAll(b[:i]); err == nil {
				t.Fatalf("%s: nothing is wrong with the first %d bytes", name, i)
			}
		}
	}
	_, err := open(append(file(t, "net_legacy.pth"), 0))
	require.ErrorContains(t, err, "1 bytes at the end")
}

// No flipped bit makes the reader panic, and in the zip format none changes a number.
func TestFlippedBits(t *testing.T) {
	for _, name := range []string{"net.pth", "odd_legacy.pth"} {
		b := file(t, name)
		for i := range b {
			b[i] ^= 1 << (i % 8)
			shapes, data, err := readAll(b)
			if err == nil && name == "net.pth" {
				require.Equal(t, netShapes, shapes, "byte %d", i)
				require.Equal(t, netData, data, "byte %d", i)
			}
			b[i] ^= 1 << (i % 8)
		}
	}
}

// rezip copies an archive, with its members changed.
func rezip(t testing.TB, b []byte, change func(h *zip.FileHeader, data []byte) []byte) []byte {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		h := &zip.FileHeader{Name: f.Name, Method: zip.Store}
		if data = change(h, data); data == nil {
			continue
		}
		m, err := w.CreateHeader(h)
		require.NoError(t, err)
		_, err = m.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

func TestBadArchives(t *testing.T) {
	net := file(t, "net.pth")
	same := rezip(t, net, func(_ *zip.FileHeader, d []byte) []byte { return d })
	_, data, err := readAll(same)
	require.NoError(t, err)
	require.Equal(t, netData, data)
	for _, c := range []struct {
		name, want string
		change     func(h *zip.FileHeader, d []byte) []byte
	}{
		{"missing storage", `tensor "conv.weight": the archive has no member "net/data/0"`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data/0" {
				return nil
			}
			return d
		}},
		{"missing pickle", "without data.pkl", func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data.pkl" {
				return nil
			}
			return d
		}},
		{"short storage", `archive member "net/data/0" has 47 bytes, not 48`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data/0" {
				return d[:47]
			}
			return d
		}},
		{"compressed", `archive member "net/data/0" is compressed`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data/0" {
				h.Method = zip.Deflate
			}
			return d
		}},
		{"big-endian", `in "big" byte order`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/version" {
				h.Name, d = "net/byteorder", []byte("big")
			}
			return d
		}},
		{"twice", `two archive members are named "net/data/0"`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data/1" {
				h.Name = "net/data/0"
			}
			return d
		}},
		// A path that leads out of the archive is a name like any other, and no storage has it.
		{"escape", `no member "net/data/0"`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data/0" {
				h.Name = "../net/data/0"
			}
			return d
		}},
		{"swapped letters", `has no member "net/data/\n"`, func(h *zip.FileHeader, d []byte) []byte {
			if h.Name == "net/data.pkl" {
				return bytes.Replace(d, []byte("X\x01\x00\x00\x000"), []byte("X\x01\x00\x00\x00\n"), 1)
			}
			return d
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := open(rezip(t, net, c.change))
			require.ErrorContains(t, err, c.want)
		})
	}
	broken := slices.Clone(net)
	at := bytes.Index(broken, []byte{0, 0, 0, 0x3e}) // 1/8, the second number of conv.weight
	broken[at+3] ^= 0x80
	_, _, err = readAll(broken)
	require.ErrorContains(t, err, "is damaged: its checksum does not hold")

	for _, b := range []string{"", "PK", "PK\x03\x04", "hello, world, this is text", legacyMagic, legacyMagic + "\x80\x02K\x01."} {
		_, err := open([]byte(b))
		require.Error(t, err)
	}
	require.False(t, Sniff([]byte("{")))
	require.True(t, Sniff(net))
	require.True(t, Sniff(file(t, "net_legacy.pth")))
}

func TestViewsStayInTheirStorage(t *testing.T) {
	for _, c := range []struct {
		offset        int
		shape, stride []int
		n             int
		ok            bool
	}{
		{0, []int{2, 3}, []int{3, 1}, 6, true},
		{1, []int{2, 3}, []int{3, 1}, 6, false},
		{0, []int{2, 3}, []int{4, 1}, 6, false},
		{0, []int{2, 3}, []int{4, 1}, 7, true},
		{0, []int{}, []int{}, 1, true},
		{0, []int{}, []int{}, 0, false},
		{9, []int{0, 5}, []int{5, 1}, 0, true},
		{0, []int{math.MaxInt / 8}, []int{0}, 1, true},
		{0, []int{1 << 30, 1 << 30, 1 << 30}, []int{0, 0, 0}, 1, false},
		{0, []int{2, 2}, []int{math.MaxInt / 8, math.MaxInt / 8}, 100, false},
		{math.MaxInt / 8, []int{1}, []int{1}, 100, false},
		{0, []int{2}, []int{1, 1}, 100, false},
		{5, []int{1, 1}, []int{math.MaxInt / 8, math.MaxInt / 8}, 6, true},
	} {
		v := Tensor{Shape: c.shape, stride: c.stride, offset: c.offset}
		require.Equal(t, c.ok, v.checkView(c.n) == nil, "%+v", c)
	}
}

func TestMalformedTensors(t *testing.T) {
	float := pickle.Name{Module: "torch", Attr: "FloatStorage"}
	id := func(items ...any) pickle.Ref { return pickle.Ref{ID: pickle.Tuple(items)} }
	good := id("storage", float, "0", "cpu", int64(4))
	shape, stride := pickle.Tuple{int64(2), int64(2)}, pickle.Tuple{int64(2), int64(1)}
	find := func(storageID) (*storage, error) { return &storage{}, nil }
	_, err := newTensor(pickle.Tuple{good, int64(0), shape, stride}, find)
	require.NoError(t, err)
	asSize := &pickle.Call{Func: pickle.Name{Module: "torch", Attr: "Size"}, Args: pickle.Tuple{shape}}
	_, err = newTensor(pickle.Tuple{good, int64(0), asSize, stride, false, nil}, find)
	require.NoError(t, err)
	for _, args := range []pickle.Tuple{
		{},
		{good, int64(0), shape},
		{"0", int64(0), shape, stride},
		{good, int64(-1), shape, stride},
		{good, 0.5, shape, stride},
		{good, int64(0), pickle.Tuple{int64(-2), int64(-2)}, stride},
		{good, int64(0), "22", stride},
		{good, int64(0), shape, pickle.Tuple{int64(-2), int64(1)}},
		{good, int64(0), pickle.Tuple{int64(1 << 62), int64(1 << 62)}, stride},
		{pickle.Ref{ID: "0"}, int64(0), shape, stride},
		{id("storage", float, "0", "cpu"), int64(0), shape, stride},
		{id("module", float, "0", "cpu", int64(4)), int64(0), shape, stride},
		{id("storage", pickle.Name{Module: "torch", Attr: "Size"}, "0", "cpu", int64(4)), int64(0), shape, stride},
		{id("storage", float, int64(0), "cpu", int64(4)), int64(0), shape, stride},
		{id("storage", float, "0", "cpu", int64(-4)), int64(0), shape, stride},
		{id("storage", float, "0", "cpu", int64(3)), int64(0), shape, stride},
		{id("storage", float, "0", "cpu", int64(4), pickle.Tuple{}), int64(0), shape, stride},
	} {
		_, err := newTensor(args, find)
		require.Error(t, err, "%v", args)
	}
}

// Dictionaries that contain each other cost no more than the limits allow.
func TestCyclesAndBombs(t *testing.T) {
	collect := func(v any) error {
		c := &collector{limit: Limits{}.withDefaults().Values, names: map[string]bool{}}
		return c.collect("", v, 0)
	}
	cycle := &pickle.Dict{Keys: []any{"a"}}
	cycle.Values = []any{cycle}
	require.ErrorContains(t, collect(cycle), "deep in each other")
	require.Equal(t, "", root(cycle))
	bomb := &pickle.Dict{}
	for range 12 {
		next := &pickle.Dict{}
		for range 20 {
			next.Keys = append(next.Keys, strings.Repeat("k", 100))
			next.Values = append(next.Values, bomb)
		}
		bomb = next
	}
	require.ErrorContains(t, collect(bomb), "more than the limit")
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"net.pth", "net_legacy.pth", "odd.pth", "odd_legacy.pth", "wrapped.pth", "evil.pth"} {
		f.Add(file(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		shapes, data, err := readAll(b)
		if err != nil {
			return
		}
		for name, d := range data {
			n, ok := dtype.Elements(shapes[name])
			require.True(t, ok)
			require.Len(t, d, n)
		}
	})
}
