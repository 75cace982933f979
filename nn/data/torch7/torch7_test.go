package torch7

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadsWhatTheFormatSays compares with the values of testdata/make.py, which writes by the description of the format.
func TestReadsWhatTheFormatSays(t *testing.T) {
	for name, o := range map[string]Options{"binary.t7": {}, "text.t7": {}, "long4.t7": {LongBytes: 4}} {
		v, err := Open(filepath.Join("testdata", name), o)
		require.NoError(t, err, name)
		m := v.(*Table)
		for key, want := range map[any]any{
			"number": -2.5, "text": "héllo\n", "empty": "", "yes": true, "no": false, "gone": nil, 7.: "seven", true: "true",
		} {
			got, ok := m.Get(key)
			require.True(t, ok, key)
			require.Equal(t, want, got, key)
		}
		self, _ := m.Get("self")
		require.True(t, self == any(m))

		v, _ = m.Get("list")
		list, err := v.(*Table).List()
		require.NoError(t, err)
		require.Equal(t, []any{"one", 2.}, list[:2])
		deep, _ := list[2].(*Table).Get("deep")
		require.Equal(t, true, deep)

		for name, want := range map[string]struct {
			kind   string
			shape  []int
			floats []float64
		}{
			"view":  {"double", []int{2, 3}, []float64{.5, 1.5, 2.5, 3.5, 4.5, 5.5}},
			"again": {"double", []int{2, 3}, []float64{.5, 1.5, 2.5, 3.5, 4.5, 5.5}},
			"whole": {"double", []int{12}, []float64{0, .5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5}},
			"byte":  {"byte", []int{2, 2}, []float64{0, 127, 10, 255}},
			"char":  {"char", []int{3}, []float64{-128, 10, 127}},
			"short": {"short", []int{2}, []float64{-300, 300}},
			"int":   {"int", []int{2}, []float64{-70000, 70000}},
			"long":  {"long", []int{2}, []float64{-7, 2e9}},
			"float": {"float", []int{1, 2}, []float64{-1.5, 2.25}},
			"cuda":  {"float", []int{1}, []float64{.125}},
			"none":  {"float", nil, []float64{}},
		} {
			x, err := m.Tensor(name)
			require.NoError(t, err)
			require.Equal(t, want.kind, x.Kind(), name)
			require.Equal(t, want.shape, x.Shape, name)
			require.Equal(t, want.floats, x.Floats(), name)
			require.Equal(t, len(want.floats), x.Len(), name)
		}
		view, _ := m.Tensor("view")
		again, _ := m.Tensor("again")
		whole, _ := m.Tensor("whole")
		require.True(t, view == again)
		require.True(t, view.storage == whole.storage)
		require.Equal(t, 4.5, view.At(1, 1))
		require.Equal(t, []int{2, 3}, view.Tensor().Shape())
		require.Equal(t, float32(4.5), view.Tensor().At(1, 1))
		raw, _ := m.Get("raw")
		require.Equal(t, 2, raw.(*Storage).Len())
		require.Equal(t, math.Inf(1), raw.(*Storage).At(1))
		require.Equal(t, "float", raw.(*Storage).Kind())

		require.PanicsWithValue(t, "torch7.Tensor.At: index [2 0] of a tensor [2 3]", func() { view.At(2, 0) })
		require.PanicsWithValue(t, "torch7.Tensor.At: 1 indices for a tensor [2 3]", func() { view.At(0) })
		_, err = m.Tensor("text")
		require.EqualError(t, err, `"text" is a string, want a tensor`)
		_, err = m.Text("view")
		require.EqualError(t, err, `"view" is a tensor, want a string`)
		_, err = m.Tensor("vew")
		require.ErrorContains(t, err, `no "vew" in a table with "number", "text", "empty",`)
		_, err = m.List()
		require.ErrorContains(t, err, "has none that is 1")
	}
}

func TestSentences(t *testing.T) {
	v, err := Open("testdata/captions.t7", Options{})
	require.NoError(t, err)
	x := v.(*Tensor)
	require.Equal(t, []int{3, 201, 2}, x.Shape)
	got, err := Sentences(x)
	require.NoError(t, err)
	// é is no letter of the alphabet, and so the end.
	require.Equal(t, [][]string{{"a small bird.", "it has a red-brown head"}, {"caf", "gull (white) & grey"}, {strings.Repeat("x", 201), ""}}, got)

	one := func(shape []int, values ...float64) *Tensor {
		x := &Tensor{storage: &Storage{kind: elements["Double"]}}
		for _, v := range values {
			x.storage.raw = little.AppendUint64(x.storage.raw, math.Float64bits(v))
		}
		strides := make([]int64, len(shape))
		sizes := make([]int64, len(shape))
		step := 1
		for i := len(shape) - 1; i >= 0; i-- {
			strides[i], sizes[i] = int64(step), int64(shape[i])
			step *= shape[i]
		}
		require.NoError(t, x.place(sizes, strides, 0))
		return x
	}
	for want, x := range map[string]*Tensor{
		"abc":    one([]int{3}, 1, 2, 3),
		"ac|bd":  one([]int{2, 2}, 1, 2, 3, 4),
		"abc|d":  one([]int{3, 2}, 1, 4, 2, 0, 3, 1),
		"ab|a d": one([]int{2, Letters}, append(append([]float64{1, 2}, make([]float64, 199)...), append([]float64{1, 70, 4}, make([]float64, 198)...)...)...),
	} {
		got, err := Sentences(x)
		require.NoError(t, err)
		require.Equal(t, want, strings.Join(got[0], "|"))
	}
	for want, x := range map[string]*Tensor{
		"letter 2 of caption 1 of picture 1 is 71, want 0 to 70":  one([]int{2}, 1, 71),
		"letter 1 of caption 1 of picture 1 is -1, want 0 to 70":  one([]int{2}, -1, 1),
		"letter 1 of caption 1 of picture 1 is 0.5, want 0 to 70": one([]int{2}, .5, 1),
		"letter 1 of caption 1 of picture 1 is NaN, want 0 to 70": one([]int{1}, math.NaN()),
		"a tensor without numbers holds no captions":              one([]int{0, 3}),
		"a tensor [1 1 1 1] holds no captions":                    one([]int{1, 1, 1, 1}, 1),
	} {
		_, err := Sentences(x)
		require.ErrorContains(t, err, want)
	}
}

func TestEntry(t *testing.T) {
	v, err := Open("testdata/entry.t7", Options{})
	require.NoError(t, err)
	e, err := EntryOf(v)
	require.NoError(t, err)
	require.Equal(t, "003.Gull/Gull_1.jpg", e.Picture)
	require.Equal(t, []string{"a small bird.", "it has a red-brown head"}, e.Captions)
	require.Equal(t, []int{2, 4}, e.Vectors.Shape())
	require.Equal(t, []float32{0, .25, .5, .75, 1, 1.25, 1.5, 1.75}, e.Vectors.Data())

	_, err = EntryOf("x")
	require.ErrorContains(t, err, "is a string, want a table")
	v, err = Open("testdata/binary.t7", Options{})
	require.NoError(t, err)
	_, err = EntryOf(v) // its char is three letters, of which two are none
	require.ErrorContains(t, err, `"char": letter 1 of caption 1 of picture 1 is -128`)
}

// file writes a binary file of int32 (int), int64, float64 and characters.
func file(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = binary.LittleEndian.AppendUint32(b, uint32(p))
		case int64:
			b = binary.LittleEndian.AppendUint64(b, uint64(p))
		case float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p))
		case string:
			b = append(binary.LittleEndian.AppendUint32(b, uint32(len(p))), p...)
		case []any:
			b = append(b, file(p...)...)
		}
	}
	return b
}

func TestRefuses(t *testing.T) {
	storage := []any{typeTorch, 2, "V 1", "torch.DoubleStorage", int64(2), 1., 2.}
	tensor := func(parts ...any) []byte {
		return file(append([]any{typeTorch, 1, "V 1", "torch.DoubleTensor"}, parts...)...)
	}
	deep := []any{}
	for i := range 100 {
		deep = append(deep, typeTable, i+1, 1, typeNumber, 1.)
	}
	for want, b := range map[string][]byte{
		"is empty":                               nil,
		"begins with the byte 0x80: no .t7 file": {0x80, 2},
		"byte 0: 4 bytes where 3 are left: the file was cut off":                      {1, 0, 0}, // no number was read
		"byte 4: a value of the unknown type 257":                                     file(257),
		"a string of the length 100 where 2 bytes are left":                           append(file(typeString, 100), "ab"...),
		"a string of the length -1":                                                   file(typeString, -1),
		"a table of the length 1000000 where 12 bytes are left":                       file(typeTable, 1, 1000000, 0, 0, 0),
		"a table with the key <nil>":                                                  file(typeTable, 1, 1, typeNil, typeNumber, 1.),
		"a table with the key NaN":                                                    file(typeTable, 1, 1, typeNumber, math.NaN(), typeNil),
		"a table with the key k twice":                                                file(typeTable, 1, 2, typeString, "k", typeNumber, 1., typeString, "k", typeNumber, 1.),
		"a Lua function: it is a program, which is not read":                          file(typeRecursiveFunction, 1, "x"),
		`in "f": a Lua function`:                                                      file(typeTable, 1, 1, typeString, "f", typeFunction, 1, "x"),
		`an object of the class "os.execute"`:                                         file(typeTorch, 1, "V 1", "os.execute", typeNil),
		`an object of the class "torch.NoTensor"`:                                     file(typeTorch, 1, "torch.NoTensor", typeNil),
		"tables 65 deep, the limit is 64 (Options.MaxDepth)":                          file(deep...),
		"object 1 is a table and a Torch object":                                      file(typeTable, 1, 1, typeNumber, 1., typeTorch, 1),
		"8 bytes after its value: the file is damaged, or written with Options.LongB": file(typeNil, 0, 0),
		"torch.DoubleTensor: 33 axes, want 0 to 32":                                   tensor(33),
		"sizes [-1] with strides [1]: the file is damaged":                            tensor(1, int64(-1), int64(1), int64(1), storage),
		"sizes [2] with strides [-1]: the file is damaged":                            tensor(1, int64(2), int64(-1), int64(2), storage),
		"sizes [3] with strides [1] in a storage of 2 numbers":                        tensor(1, int64(3), int64(1), int64(1), storage),
		"sizes [4611686018427387904 4611686018427387904] with strides [0 0]":          tensor(2, int64(1<<62), int64(1<<62), int64(0), int64(0), int64(1), storage),
		"sizes [2] with strides [9223372036854775807]":                                tensor(1, int64(2), int64(math.MaxInt64), int64(1), storage),
		"begins at number 3 of a storage of 2":                                        tensor(1, int64(1), int64(1), int64(3), storage),
		"begins at number 0 of a storage of 2":                                        tensor(1, int64(1), int64(1), int64(0), storage),
		"begins at number -9223372036854775808 of a storage of 2":                     tensor(1, int64(1), int64(1), int64(math.MinInt64), storage),
		"sizes [2] with strides [1] from number 2 go beyond a storage of 2 numbers":   tensor(1, int64(2), int64(1), int64(2), storage),
		"sizes [1099511627776 0], want 31 bits at most":                               tensor(2, int64(1<<40), int64(0), int64(0), int64(0), int64(1), storage),
		"has a string for a storage":                                                  tensor(1, int64(2), int64(1), int64(1), typeString, "x"),
		"has a storage of float numbers":                                              tensor(1, int64(2), int64(1), int64(1), typeTorch, 2, "V 1", "torch.FloatStorage", int64(0)),
		"torch.DoubleStorage: numbers of the length 1152921504606846976 where 16":     tensor(1, int64(2), int64(1), int64(1), typeTorch, 2, "V 1", "torch.DoubleStorage", int64(1<<60), 1., 2.),
		"more than the limit of 5 values (Options.MaxObjects)":                        file(typeTable, 1, 3, typeNumber, 1., typeNil, typeNumber, 2., typeNil, typeNumber, 3., typeNil),
		"a second object 1":                                                           file(typeTorch, 1, "V 1", "torch.DoubleTensor", 0, int64(1), typeTorch, 1, "V 1", "torch.DoubleStorage", int64(0)),

		"byte 2: the file ends where a number is expected":    []byte("1\n"),
		`"1e5x" is not a number`:                              []byte("1\n1e5x\n"),
		`"x" is not a whole number of 32 bits`:                []byte("3\nx"),
		"… is no number":                                      []byte("1\n" + strings.Repeat("1", 100)),
		`"300000" is not a number of the type short`:          []byte("4\n1\n3\nV 1\n18\ntorch.ShortStorage\n1\n300000\n"),
		"numbers of the length 10 where 4 bytes are left":     []byte("4\n1\n3\nV 1\n18\ntorch.FloatStorage\n10\n1 2\n"),
		"16 numbers of 8 bytes, the limit is 100 bytes (Opti": []byte("4\n1\n3\nV 1\n19\ntorch.DoubleStorage\n16\n" + strings.Repeat("1 ", 16)),
	} {
		o := Options{}
		switch {
		case strings.Contains(want, "of 5 values"):
			o.MaxObjects = 5
		case strings.Contains(want, "100 bytes (Opti"):
			o.MaxBytes = 100
		}
		_, err := Read(bytes.NewReader(b), int64(len(b)), o)
		require.ErrorContains(t, err, want, want)
	}
	_, err := Open("testdata/class.t7", Options{})
	require.ErrorContains(t, err, `torch7: testdata/class.t7: byte 53: in "model": an object of the class "nn.Linear": only tables, strings, numbers, and tensors`)
	_, err = Open("testdata/long4.t7", Options{})
	require.Error(t, err)
	_, err = Open("testdata/binary.t7", Options{LongBytes: 4})
	require.Error(t, err)
	_, err = Open("testdata/binary.t7", Options{MaxBytes: 1000})
	require.ErrorContains(t, err, "has 1704 bytes, the limit is 1000 (Options.MaxBytes)")
	_, err = Open("testdata", Options{})
	require.ErrorContains(t, err, "testdata is not a file")
	require.Panics(t, func() { Open("testdata/binary.t7", Options{LongBytes: 3}) })
}

func TestTextOfOddNumbers(t *testing.T) {
	text := "4\n1\n3\nV 1\n18\ntorch.FloatStorage\n4\n-nan inf -inf 1e999"
	v, err := Read(strings.NewReader(text), int64(len(text)), Options{})
	require.NoError(t, err)
	s := v.(*Storage)
	require.True(t, math.IsNaN(s.At(0)))
	require.Equal(t, []float64{math.Inf(1), math.Inf(-1), math.Inf(1)}, []float64{s.At(1), s.At(2), s.At(3)})
}

// TestEveryCutIsAnError cuts files at every byte.
func TestEveryCutIsAnError(t *testing.T) {
	for _, name := range []string{"binary.t7", "entry.t7"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		for n := range b {
			_, err := Read(bytes.NewReader(b[:n]), int64(n), Options{})
			require.Error(t, err, "%s cut to %d bytes", name, n)
			_, err = Read(bytes.NewReader(b[:n]), int64(len(b)), Options{})
			require.Error(t, err, "%s cut to %d bytes", name, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"binary.t7", "text.t7", "long4.t7", "class.t7", "entry.t7"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(b, name == "long4.t7")
	}
	storage := []any{typeTorch, 2, "V 1", "torch.ByteStorage", int64(4), 0x00020103}
	f.Add(file(typeTable, 1, 1, typeString, "char", typeTorch, 3, "V 1", "torch.ByteTensor", 2, int64(2), int64(2), int64(2), int64(1), int64(1), storage), false)
	f.Add(file(typeTable, 1, 2, typeNumber, 1., typeTable, 1, typeBoolean, 1, typeNil), false)
	f.Add(file(typeTorch, 1, "torch.LongStorage", 1, 7), true)
	f.Add([]byte("4\n1\n3\nV 1\n17\ntorch.FloatTensor\n1\n2\n1\n1\n4\n2\n3\nV 1\n18\ntorch.FloatStorage\n2\n1.5 nan\n"), false)
	f.Fuzz(func(t *testing.T, b []byte, short bool) {
		o := Options{MaxObjects: 1 << 12}
		if short {
			o.LongBytes = 4
		}
		v, err := Read(bytes.NewReader(b), int64(len(b)), o)
		if err != nil {
			return
		}
		EntryOf(v)
		look(t, v, int64(8*len(b)), map[any]bool{})
	})
}

// look goes through all that was read.
func look(t *testing.T, v any, most int64, seen map[any]bool) {
	switch v := v.(type) {
	case *Table:
		if seen[v] {
			return
		}
		seen[v] = true
		v.List()
		for i, k := range v.Keys {
			got, ok := v.Get(k)
			require.True(t, ok)
			require.True(t, got == v.Values[i] || got != got)
			look(t, k, most, seen)
			look(t, v.Values[i], most, seen)
		}
	case *Tensor:
		x := v.Floats()
		require.Len(t, x, v.Len())
		require.LessOrEqual(t, int64(len(x)), most)
		Sentences(v)
		if v.Len() > 0 {
			require.Equal(t, v.Shape, v.Tensor().Shape())
		}
	case *Storage:
		for i := range v.Len() {
			v.At(i)
		}
	}
}
