package matfile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadsWhatScipyWrites compares with the arrays of testdata/make.py, plain and packed.
func TestReadsWhatScipyWrites(t *testing.T) {
	for _, name := range []string{"plain.mat", "packed.mat"} {
		f, err := Open(filepath.Join("testdata", name), Options{})
		require.NoError(t, err)
		require.Empty(t, f.Skipped)
		cube := make([]float64, 24) // (2,3,4) counted row by row, stored column by column
		for i := range cube {
			a, b, c := i/12, i/4%3, i%4
			cube[a+2*b+6*c] = float64(i)
		}
		for _, want := range []Array{
			{"labels", "uint8", []int{1, 5}, []float64{77, 77, 1, 102, 3}},
			{"grid", "double", []int{2, 3}, []float64{0, .75, .25, 1, .5, 1.25}},
			{"single", "single", []int{2, 1}, []float64{-1.5, 2.25}},
			{"i16", "int16", []int{1, 2}, []float64{-300, 300}},
			{"i32", "int32", []int{1, 1}, []float64{-70000}},
			{"u32", "uint32", []int{1, 1}, []float64{4e9}},
			{"i64", "int64", []int{1, 2}, []float64{-5e9, 7}},
			{"u64", "uint64", []int{1, 1}, []float64{1 << 53}},
			{"i8", "int8", []int{1, 1}, []float64{-7}},
			{"u16", "uint16", []int{1, 1}, []float64{65535}},
			{"yes", "logical", []int{1, 2}, []float64{1, 0}},
			{"cube", "int16", []int{2, 3, 4}, cube},
			{"none", "double", []int{0, 3}, []float64{}},
			{"word", "char", []int{1, 5}, []float64{'h', 'é', 'l', 'l', 'o'}},
		} {
			got, err := f.Array(want.Name)
			require.NoError(t, err)
			require.Equal(t, &want, got)
		}
		labels, err := f.Arrays[0].Ints()
		require.NoError(t, err)
		require.Equal(t, []int{77, 77, 1, 102, 3}, labels)
		word, err := f.Arrays[len(f.Arrays)-1].Text()
		require.NoError(t, err)
		require.Equal(t, "héllo", word)
		_, err = f.Arrays[1].Ints()
		require.EqualError(t, err, `number 2 of "grid" is 0.75, want a whole number of at most 31 bits`)
		_, err = f.Arrays[0].Text()
		require.ErrorContains(t, err, `"labels" is an array of uint8, want characters`)
		_, err = f.Array("label")
		require.ErrorContains(t, err, `no array "label"; there are "labels", "grid", `)
	}
}

func TestOtherKindsArePassedOver(t *testing.T) {
	f, err := Open("testdata/other.mat", Options{})
	require.NoError(t, err)
	require.Equal(t, []Skipped{{"c", "complex double"}, {"s", "struct"}, {"cell", "cell"}}, f.Skipped)
	after, err := f.Array("after")
	require.NoError(t, err)
	require.Equal(t, []float64{5}, after.Data)
	_, err = f.Array("s")
	require.ErrorContains(t, err, `"s" is a struct array; only dense arrays of real numbers or characters are read`)
}

// header is that of a file in an order of bytes.
func header(order binary.ByteOrder, version uint16) []byte {
	b := make([]byte, headerBytes)
	copy(b, "MATLAB 5.0 MAT-file")
	order.PutUint16(b[124:], version)
	order.PutUint16(b[126:], 'M'<<8|'I')
	return b
}

type element struct {
	kind uint32
	data []byte
}

// encode writes elements one after the other, as the format says.
func encode(order binary.ByteOrder, elements ...element) []byte {
	var b []byte
	for _, e := range elements {
		n := make([]byte, 8)
		order.PutUint32(n, e.kind)
		order.PutUint32(n[4:], uint32(len(e.data)))
		b = append(append(b, n...), e.data...)
		for e.kind != miCompressed && len(b)%8 != 0 {
			b = append(b, 0)
		}
	}
	return b
}

func uint32s(order binary.ByteOrder, v ...uint32) []byte {
	b := make([]byte, 4*len(v))
	for i, v := range v {
		order.PutUint32(b[4*i:], v)
	}
	return b
}

// array is an array of bytes of the class uint8.
func array(order binary.ByteOrder, name string, data element, shape ...uint32) element {
	return element{miMatrix, encode(order, element{miUint32, uint32s(order, 9, 0)}, element{miInt32, uint32s(order, shape...)},
		element{miInt8, []byte(name)}, data)}
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func TestBigEndian(t *testing.T) {
	o := binary.BigEndian
	b := append(header(o, 0x0100), encode(o, element{miUint16, []byte{1, 2, 3}}, array(o, "a long name", element{miUint16, []byte{1, 0, 0, 2}}, 1, 2))...)
	f, err := Read(bytes.NewReader(b), int64(len(b)), Options{})
	require.NoError(t, err)
	require.Equal(t, []*Array{{Name: "a long name", Kind: "uint8", Shape: []int{1, 2}, Data: []float64{256, 2}}}, f.Arrays)
}

func TestTextInUTF16(t *testing.T) {
	o := binary.LittleEndian
	char := element{miMatrix, encode(o, element{miUint32, uint32s(o, classChar, 0)}, element{miInt32, uint32s(o, 1, 3)},
		element{miInt8, []byte("t")}, element{miUTF16, []byte{'a', 0, 0x3d, 0xd8, 0x00, 0xde}})}
	b := append(header(o, 0x0100), encode(o, char)...)
	f, err := Read(bytes.NewReader(b), int64(len(b)), Options{})
	require.NoError(t, err)
	text, err := f.Arrays[0].Text()
	require.NoError(t, err)
	require.Equal(t, "a😀", text)
	b[len(b)-4] = 'x' // the second half of the pair
	b[len(b)-3] = 0
	_, err = Read(bytes.NewReader(b), int64(len(b)), Options{})
	require.ErrorContains(t, err, "character 2 is half of one")
}

func TestRefuses(t *testing.T) {
	o := binary.LittleEndian
	file := func(elements ...element) []byte { return append(header(o, 0x0100), encode(o, elements...)...) }
	good := array(o, "a", element{miUint8, []byte{1, 2, 3}}, 1, 3)
	packed := deflate(encode(o, good))
	broken := bytes.Clone(packed)
	broken[len(broken)-1] ^= 1
	for want, b := range map[string][]byte{
		"has 5 bytes, too few for the header":                         []byte("12345"),
		`no "MI" or "IM" at the end of its header; save it with -v7`:  make([]byte, 200),
		"a MAT-file of version 7.3 (HDF5)":                            header(o, 0x0200),
		"unknown version 0x0300":                                      header(o, 0x0300),
		"element at byte 128: a tag takes 8 bytes where 3 are left":   append(header(o, 0x0100), 1, 2, 3),
		"an element of 1000 bytes where 0 are left":                   append(header(o, 0x0100), uint32s(o, miMatrix, 1000)...),
		"a short element of 9 bytes":                                  append(header(o, 0x0100), uint32s(o, 9<<16|miInt8, 0)...),
		"array \"a\": 3 bytes for 4 numbers of 1 bytes (sizes [2 2])": file(array(o, "a", element{miUint8, []byte{1, 2, 3}}, 2, 2)),
		"array \"a\": 3 bytes for 1 numbers of 2 bytes":               file(array(o, "a", element{miInt16, []byte{1, 2, 3}}, 1, 1)),
		"array \"a\": numbers of the unknown type 8":                  file(array(o, "a", element{8, []byte{1}}, 1, 1)),
		"an array with a size of -1":                                  file(array(o, "a", element{miUint8, nil}, 1, math.MaxUint32)),
		"an array of sizes [2147483647 2147483647 2147483647]":        file(array(o, "a", element{miUint8, nil}, math.MaxInt32, math.MaxInt32, math.MaxInt32)),
		"4611686014132420609 numbers, the limit is 1000":              file(array(o, "a", element{miUint8, nil}, math.MaxInt32, math.MaxInt32)),
		"1001 numbers, the limit is 1000 in all arrays together":      file(array(o, "a", element{miUint8, make([]byte, 1001)}, 1, 1001)),
		"998 numbers, the limit is 1000 in all arrays together":       file(good, array(o, "b", element{miUint8, make([]byte, 998)}, 998, 1)),
		`element at byte 200: a second array "a"`:                     file(good, good),
		"is not the name of an array":                                 file(array(o, "\xff", element{miUint8, nil}, 0, 0)),
		"an array of the unknown class 40":                            file(element{miMatrix, encode(o, element{miUint32, uint32s(o, 40, 0)})}),
		"an array begins with 4 bytes of type 5, want 8 bytes":        file(element{miMatrix, encode(o, element{miInt32, uint32s(o, 4)})}),
		"broken in the header of packed data":                         file(element{miCompressed, []byte("no zlib at all")}),
		"zlib: invalid checksum":                                      file(element{miCompressed, broken}),
		"ends at the end of packed data: the file was cut off":        file(element{miCompressed, packed[:len(packed)-2]}),
		"packed data go on after their array":                         file(element{miCompressed, deflate(encode(o, good, good))}),
		"2 bytes after the end of packed data":                        file(element{miCompressed, append(bytes.Clone(packed), 1, 2)}),
		"packed data hold an element of type 2, want an array":        file(element{miCompressed, deflate(encode(o, element{miUint8, []byte{1}}))}),
		"more than can come out of what is packed":                    file(element{miCompressed, deflate(uint32s(o, miMatrix, 1<<30))}),
	} {
		_, err := Read(bytes.NewReader(b), int64(len(b)), Options{MaxNumbers: 1000})
		require.ErrorContains(t, err, want, want)
	}
	_, err := Open("testdata/huge.mat", Options{})
	require.ErrorContains(t, err, `array "n": a whole number of 64 bits (0x8000000000000000) is beyond 2⁵³`)
	_, err = Open("testdata/zeros.mat", Options{MaxBytes: 100_000})
	require.ErrorContains(t, err, "Options.MaxBytes")
	_, err = Open("testdata/zeros.mat", Options{MaxBytes: 1000})
	require.ErrorContains(t, err, "has 1749 bytes, the limit is 1000 (Options.MaxBytes)")
	_, err = Open("testdata", Options{})
	require.ErrorContains(t, err, "matfile: testdata is not a file")
}

// TestEveryCutIsAnError cuts a file at every byte.
func TestEveryCutIsAnError(t *testing.T) {
	for _, name := range []string{"plain.mat", "packed.mat"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		whole, err := Read(bytes.NewReader(b), int64(len(b)), Options{})
		require.NoError(t, err)
		for n := range b {
			// With the true size, a cut between two arrays is the end of a smaller file.
			f, err := Read(bytes.NewReader(b[:n]), int64(n), Options{})
			require.True(t, err != nil || len(f.Arrays) < len(whole.Arrays), "%s cut to %d bytes", name, n)
			_, err = Read(bytes.NewReader(b[:n]), int64(len(b)), Options{})
			require.Error(t, err, "%s cut to %d bytes", name, n)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"plain.mat", "packed.mat", "other.mat", "huge.mat"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Read(bytes.NewReader(b), int64(len(b)), Options{MaxBytes: 1 << 20, MaxNumbers: 1 << 16})
		if err != nil {
			return
		}
		total := 0
		for _, a := range m.Arrays {
			n := 1
			for _, s := range a.Shape {
				n *= s
			}
			require.Len(t, a.Data, n, a.Name)
			total += n
			a.Ints()
			a.Text()
		}
		require.LessOrEqual(t, total, 1<<16)
	})
}
