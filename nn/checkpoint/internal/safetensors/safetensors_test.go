package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/gander-ml/gander/nn/checkpoint/internal/dtype"
)

func floats(name string, d dtype.DType, x []float32, shape ...int) Tensor {
	return Tensor{Name: name, DType: d, Shape: shape, Data: func() any { return x }}
}

func encode(t require.TestingT, tensors []Tensor, meta map[string]string) []byte {
	var b bytes.Buffer
	require.NoError(t, Write(&b, tensors, meta))
	return b.Bytes()
}

func open(b []byte) (*File, error) { return New(bytes.NewReader(b), int64(len(b))) }

// readAll returns the raw bytes of every tensor.
func readAll(b []byte) (*File, map[string][]byte, error) {
	f, err := open(b)
	if err != nil {
		return nil, nil, err
	}
	got := map[string][]byte{}
	err = f.Scan(func(i Info) func([]byte) error {
		got[i.Name] = []byte{}
		return func(b []byte) error {
			got[i.Name] = append(got[i.Name], b...)
			return nil
		}
	})
	return f, got, err
}

// raw builds a file from a header and data without any check.
func raw(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func small(t require.TestingT) []byte {
	return encode(t, []Tensor{
		floats("b.weight", dtype.F16, []float32{1, 2, 3}, 3, 1),
		floats("a.bias", dtype.F32, []float32{0.5}),
		{Name: "n", DType: dtype.I64, Shape: []int{1}, Data: func() any { return []int64{-7} }},
		floats("empty", dtype.F32, nil, 0, 4),
	}, map[string]string{"gander.kind": "test", "note": "a <b> & \"c\" é"})
}

func TestLayoutOfAFile(t *testing.T) {
	b := small(t)
	n := binary.LittleEndian.Uint64(b)
	require.Zero(t, (8+n)%8)
	header := strings.TrimRight(string(b[8:8+n]), " ")
	sum := header[strings.Index(header, `"gander.sha256":"`)+17:][:64]
	require.Equal(t, `{"__metadata__":{"gander.kind":"test","gander.sha256":"`+sum+`","note":"a <b> & \"c\" é"},`+
		`"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},`+
		`"a.bias":{"dtype":"F32","shape":[],"data_offsets":[8,12]},`+
		`"empty":{"dtype":"F32","shape":[0,4],"data_offsets":[12,12]},`+
		`"b.weight":{"dtype":"F16","shape":[3,1],"data_offsets":[12,18]}}`, header)
	require.Equal(t, "\xf9\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x3f\x00\x3c\x00\x40\x00\x42", string(b[8+n:]))
	require.Equal(t, b, small(t), "writing is deterministic")
}

func TestReadWhatWasWritten(t *testing.T) {
	f, err := open(small(t))
	require.NoError(t, err)
	require.True(t, f.HasChecksum())
	require.Equal(t, map[string]string{"gander.kind": "test", "note": "a <b> & \"c\" é"}, f.Metadata())
	got := map[string][]float32{"b.weight": make([]float32, 3), "a.bias": make([]float32, 1), "n": make([]float32, 1), "empty": {}}
	require.NoError(t, f.ReadInto(got))
	require.Equal(t, map[string][]float32{"b.weight": {1, 2, 3}, "a.bias": {0.5}, "n": {-7}, "empty": {}}, got)
	require.Panics(t, func() { _ = f.ReadInto(map[string][]float32{"b.weight": make([]float32, 4)}) })
	require.Panics(t, func() { _ = f.ReadInto(map[string][]float32{"c": nil}) })
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tensors []Tensor
		want := map[string][]byte{}
		names := rapid.SliceOfDistinct(rapid.StringMatching(`[a-zé"\\<\n.0-9]{0,8}`), rapid.ID[string]).Draw(t, "names")
		for _, name := range names {
			shape := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "shape")
			n, _ := dtype.Elements(shape)
			var data any
			var d dtype.DType
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				x := make([]float32, n)
				for i := range x {
					x[i] = math.Float32frombits(rapid.Uint32().Draw(t, "bits"))
				}
				d, data = dtype.F32, x
			case 1:
				x := make([]float64, n)
				for i := range x {
					x[i] = math.Float64frombits(rapid.Uint64().Draw(t, "bits"))
				}
				d, data = dtype.F64, x
			case 2:
				x := make([]int64, n)
				for i := range x {
					x[i] = rapid.Int64().Draw(t, "int")
				}
				d, data = dtype.I64, x
			case 3:
				d, data = dtype.U8, rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes")
			}
			var b bytes.Buffer
			require.NoError(t, d.Encode(&b, data))
			want[name] = append([]byte{}, b.Bytes()...)
			tensors = append(tensors, Tensor{Name: name, DType: d, Shape: shape, Data: func() any { return data }})
		}
		meta := rapid.MapOf(rapid.StringMatching(`[a-z.]{0,5}`), rapid.StringMatching(`[ -~]*`)).Draw(t, "meta")
		b := encode(t, tensors, meta)
		f, got, err := readAll(b)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, meta, f.Metadata())
	})
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	b := small(t)
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if _, _, err := readAll(b); err == nil {
				t.Fatalf("bit %d of byte %d, %q in %q", bit, i, b[i], b[max(0, i-10):min(len(b), i+10)])
			}
			b[i] ^= 1 << bit
		}
	}
}

func TestEveryTruncationIsFound(t *testing.T) {
	b := small(t)
	for i := range b {
		_, _, err := readAll(b[:i])
		require.Error(t, err, "%d bytes", i)
	}
	_, _, err := readAll(append(b, 0))
	require.ErrorContains(t, err, "1 bytes at the end of the file belong to no tensor")
}

func TestBadFiles(t *testing.T) {
	tensor := func(dt, shape, off string) string {
		return `{"dtype":` + dt + `,"shape":` + shape + `,"data_offsets":` + off + `}`
	}
	ok := tensor(`"F32"`, `[1]`, `[0,4]`)
	// huge is the error for a size of more than 32 bits: machines of 32 bits get no further than to read it.
	huge := func(want string) string {
		if math.MaxInt == math.MaxInt32 {
			return "is beyond this machine"
		}
		return want
	}
	for _, c := range []struct{ name, header, data, want string }{
		{"not json", `{"a"`, "", "header: not valid JSON"},
		{"no object", `["a"]`, "", "header: does not begin with {"},
		{"leading space", ` {}`, "", "header: does not begin with {"},
		{"utf-8", "{\"\xff\":" + ok + "}", "1234", "header: not valid UTF-8"},
		{"surrogate", `{"\ud800":` + ok + "}", "1234", "replacement character"},
		{"twice", `{"a":` + ok + `,"a":` + ok + `}`, "1234", `header: "a" occurs twice`},
		{"twice by escape", `{"a":` + ok + `,"\u0061":` + ok + `}`, "1234", `header: "a" occurs twice`},
		{"metadata twice", `{"__metadata__":{},"__metadata__":{}}`, "", `header: "__metadata__" occurs twice`},
		{"key twice", `{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234", `tensor "a": "dtype" occurs twice`},
		{"metadata of numbers", `{"__metadata__":{"a":1}}`, "", "want a string, got 1"},
		{"tensor is a list", `{"a":[]}`, "", `tensor "a": want an object, got [`},
		{"no dtype", `{"a":{"shape":[1],"data_offsets":[0,4]}}`, "1234", `tensor "a": has no dtype`},
		{"no shape", `{"a":{"dtype":"F32","data_offsets":[0,4]}}`, "1234", `tensor "a": has no shape`},
		{"no offsets", `{"a":{"dtype":"F32","shape":[1]}}`, "1234", `tensor "a": wants two data_offsets`},
		{"one offset", `{"a":` + tensor(`"F32"`, `[1]`, `[0]`) + `}`, "1234", `tensor "a": wants two data_offsets`},
		{"three offsets", `{"a":` + tensor(`"F32"`, `[1]`, `[0,4,8]`) + `}`, "1234", "more than 2 numbers"},
		{"other case", `{"a":{"Dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234", `unknown key "Dtype"`},
		{"dtype", `{"a":` + tensor(`"F8_E4M3"`, `[1]`, `[0,1]`) + `}`, "1", `tensor "a": unknown dtype "F8_E4M3"`},
		{"negative size", `{"a":` + tensor(`"F32"`, `[-1]`, `[0,4]`) + `}`, "1234", `tensor "a": want a size from 0 to 9223372036854775807, got -1`},
		{"fraction", `{"a":` + tensor(`"F32"`, `[1.0]`, `[0,4]`) + `}`, "1234", "got 1.0"},
		{"exponent", `{"a":` + tensor(`"F32"`, `[1e0]`, `[0,4]`) + `}`, "1234", "got 1e0"},
		{"string size", `{"a":` + tensor(`"F32"`, `["1"]`, `[0,4]`) + `}`, "1234", "want an integer, got 1"},
		{"size beyond 64 bits", `{"a":` + tensor(`"F32"`, `[18446744073709551617]`, `[0,4]`) + `}`, "1234", "got 18446744073709551617"},
		{"product overflows", `{"a":` + tensor(`"F32"`, `[4294967296,4294967296,4]`, `[0,0]`) + `}`, "", huge("impossible shape")},
		{"bytes overflow", `{"a":` + tensor(`"F64"`, `[4611686018427387904]`, `[0,0]`) + `}`, "", huge("impossible shape")},
		{"rank", `{"a":` + tensor(`"F32"`, `[`+strings.Repeat("1,", 64)+`1]`, `[0,4]`) + `}`, "1234", "more than 64 numbers"},
		{"offsets swapped", `{"a":` + tensor(`"F32"`, `[1]`, `[4,0]`) + `}`, "1234", "ends at 0, before it begins at 4"},
		{"wrong length", `{"a":` + tensor(`"F32"`, `[2]`, `[0,4]`) + `}`, "1234", `tensor "a": F32 of shape [2] takes 8 bytes, the header gives it 4`},
		{"overlap", `{"a":` + ok + `,"b":` + tensor(`"F32"`, `[1]`, `[2,6]`) + `}`, "123456", `tensor "b": its data overlaps`},
		{"same place", `{"a":` + ok + `,"b":` + ok + `}`, "1234", `its data overlaps`},
		{"hole", `{"a":` + ok + `,"b":` + tensor(`"F32"`, `[1]`, `[5,9]`) + `}`, "123456789", `tensor "b": 1 bytes before its data belong to no tensor`},
		{"hole at start", `{"a":` + tensor(`"F32"`, `[1]`, `[1,5]`) + `}`, "12345", "1 bytes before its data"},
		{"short", `{"a":` + ok + `}`, "123", "cut short: the header promises 4 bytes of data, the file has 3"},
		{"huge", `{"a":` + tensor(`"U8"`, `[9000000000000000]`, `[0,9000000000000000]`) + `}`, "123", huge("cut short")},
		{"long", `{"a":` + ok + `}`, "12345", "1 bytes at the end"},
		{"stray mark", `{"__metadata__":{"gander.manifest":"x"}}`, "", "damaged"},
		{"odd checksum", `{"__metadata__":{"gander.sha256":"x"}}`, "", "damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readAll(raw(c.header, c.data))
			require.ErrorContains(t, err, c.want)
		})
	}

	long := raw("{}", "")
	binary.LittleEndian.PutUint64(long, math.MaxUint64)
	_, err := open(long)
	require.ErrorContains(t, err, "cut short")
	// The header's limit is checked before memory is taken, so that a file's size is no licence.
	binary.LittleEndian.PutUint64(long, 1<<40)
	_, err = New(bytes.NewReader(long), 1<<41)
	require.ErrorContains(t, err, "the header has 1099511627776 bytes, more than the limit of 16777216")
	_, err = New(bytes.NewReader(long[:8]), 8)
	require.ErrorContains(t, err, "too few")
}

func TestFilesOfOtherPrograms(t *testing.T) {
	for _, header := range []string{
		`{}`,
		`{"__metadata__":{"format":"pt"}}   `,
	} {
		f, got, err := readAll(raw(header, ""))
		require.NoError(t, err)
		require.Empty(t, got)
		require.False(t, f.HasChecksum())
	}
	// Header order need not be data order.
	f, got, err := readAll(raw(`{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"shape":[1],"data_offsets":[0,1],"dtype":"U8"}}`, "xyz"))
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"a": []byte("x"), "b": []byte("yz")}, got)
	require.Equal(t, "a", f.Tensors()[0].Name)
}

func TestWriteRefuses(t *testing.T) {
	one := []float32{1}
	for _, c := range []struct {
		tensors []Tensor
		meta    map[string]string
		want    string
	}{
		{[]Tensor{floats("a", dtype.F32, one, 1), floats("a", dtype.F32, one, 1)}, nil, `two tensors are named "a"`},
		{[]Tensor{floats("\xff", dtype.F32, one, 1)}, nil, "not valid UTF-8"},
		{[]Tensor{floats("__metadata__", dtype.F32, one, 1)}, nil, "cannot be stored"},
		{nil, map[string]string{"\xff": ""}, "not valid UTF-8"},
		{nil, map[string]string{"": "\xff"}, "not valid UTF-8"},
		{nil, map[string]string{"": strings.Repeat("x", maxHeader)}, "more than the limit"},
		{[]Tensor{floats("a", dtype.F16, []float32{1e6}, 1)}, nil, `tensor "a" holds 1e+06, but 16-bit floats end at 65504`},
	} {
		var b bytes.Buffer
		require.ErrorContains(t, Write(&b, c.tensors, c.meta), c.want)
		require.Zero(t, b.Len(), "nothing is written")
	}
	require.Panics(t, func() { _ = Write(io.Discard, []Tensor{floats("a", dtype.F32, one, 2)}, nil) })
	require.Panics(t, func() { _ = Write(io.Discard, []Tensor{floats("a", dtype.F32, one, -1)}, nil) })
}

// The error of a full disk comes back wherever it strikes.
func TestWriterThatFails(t *testing.T) {
	full := errors.New("disk full")
	tensors := []Tensor{floats("a", dtype.F32, []float32{1, 2}, 2), floats("b", dtype.F32, []float32{3}, 1)}
	n := len(encode(t, tensors, nil))
	for i := range n {
		require.ErrorIs(t, Write(&limited{i, full}, tensors, nil), full, "%d bytes", i)
	}
	require.NoError(t, Write(&limited{n, full}, tensors, nil))
}

type limited struct {
	left int
	err  error
}

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.left {
		return l.left, l.err
	}
	l.left -= len(b)
	return len(b), nil
}

// Damage is reported as such, also when it makes a number that a sink refuses.
func TestDamageComesBeforeItsConsequences(t *testing.T) {
	b := encode(t, []Tensor{{Name: "a", DType: dtype.I64, Shape: []int{1}, Data: func() any { return []int64{1 << 24} }}}, nil)
	b[len(b)-8] ^= 1
	f, err := open(b)
	require.NoError(t, err)
	require.ErrorIs(t, f.ReadInto(map[string][]float32{"a": make([]float32, 1)}), ErrDamaged)
}

// A tensor longer than a piece arrives whole.
func TestLongTensors(t *testing.T) {
	x := make([]float32, piece/2+3)
	for i := range x {
		x[i] = float32(i % 2048)
	}
	f, err := open(encode(t, []Tensor{floats("h", dtype.F16, x, len(x)), floats("f", dtype.F32, x, 1, len(x))}, nil))
	require.NoError(t, err)
	got := map[string][]float32{"h": make([]float32, len(x)), "f": make([]float32, len(x))}
	require.NoError(t, f.ReadInto(got))
	require.Equal(t, x, got["h"])
	require.Equal(t, x, got["f"])
}

func FuzzRead(f *testing.F) {
	f.Add(small(f))
	f.Add(raw(`{}`, ""))
	f.Add(raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}  `, "1234"))
	f.Add(raw(`{"a":{"dtype":"BOOL","shape":[0,9],"data_offsets":[0,0]},"__metadata__":{"x":"y"}}`, ""))
	f.Add(raw(`{"a":{"dtype":"I64","shape":[4611686018427387904],"data_offsets":[0,0]}}`, ""))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, got, err := readAll(b)
		if err != nil {
			return
		}
		// What could be read can be written and reads the same.
		var again []Tensor
		floats := map[string][]float32{}
		for _, i := range file.Tensors() {
			require.Len(t, got[i.Name], i.Elements()*i.DType.Size())
			again = append(again, Tensor{Name: i.Name, DType: dtype.U8, Shape: []int{len(got[i.Name])}, Data: func() any { return got[i.Name] }})
			floats[i.Name] = make([]float32, i.Elements())
		}
		_ = file.ReadInto(floats) // integers may be inexact; only a panic would be wrong
		second, same, err := readAll(encode(t, again, file.Metadata()))
		require.NoError(t, err)
		require.Equal(t, got, same)
		require.Equal(t, file.Metadata(), second.Metadata())
	})
}
