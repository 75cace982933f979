package cifar

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gander-ml/gander/nn/data/labelled"
)

// records returns n records; picture i is i in red, the row in green and the column in blue.
func records(n int) []byte {
	var b []byte
	for i := range n {
		b = append(b, byte(i%10))
		for c := range 3 {
			for y := range Side {
				for x := range Side {
					b = append(b, [3]byte{byte(i), byte(y), byte(x)}[c])
				}
			}
		}
	}
	return b
}

func folder(t *testing.T, files map[string][]byte) string {
	dir := filepath.Join(t.TempDir(), "cifar [10]") // a name that is a pattern
	require.NoError(t, os.Mkdir(dir, 0o700))
	for name, b := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

func TestOpen(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"data_batch_1.bin": records(12), "data_batch_2.bin": records(3), "test_batch.bin": records(2),
		"batches.meta.txt": []byte("zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n\n"),
	})
	train, test, err := Open(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, train.Check())
	require.Equal(t, 15, train.Len())
	require.Equal(t, 2, test.Len())
	require.Equal(t, "nine", train.Classes[9])
	require.Equal(t, []int{0, 1, 2}, train.Labels[12:])
	e, err := train.At(11)
	require.NoError(t, err)
	require.Equal(t, 1, e.Class)
	require.Equal(t, [3]float32{11. / 255, 5. / 255, 30. / 255}, [3]float32{e.Image.At(5, 30, 0), e.Image.At(5, 30, 1), e.Image.At(5, 30, 2)})
}

func TestOpenRefuses(t *testing.T) {
	bad := records(3)
	bad[2*record] = 10
	for want, files := range map[string]map[string][]byte{
		"has no data_batch_1.bin":                {"test_batch.bin": records(1)},
		"test_batch.bin: no such file":           {"data_batch_1.bin": records(1)},
		"data_batch_1.bin: record 2 has label 1": {"data_batch_1.bin": bad, "test_batch.bin": records(1)},
		"has 3072 bytes, not a multiple":         {"data_batch_1.bin": records(1)[1:], "test_batch.bin": records(1)},
		"has 0 bytes":                            {"data_batch_1.bin": nil, "test_batch.bin": records(1)},
		"has 2 names of classes, want 10":        {"data_batch_1.bin": records(1), "batches.meta.txt": []byte("a\nb\n")},
		`two classes are called "a"`:             {"data_batch_1.bin": records(1), "batches.meta.txt": []byte("a\nb\n\na\n")},
		"more than 65536 bytes":                  {"data_batch_1.bin": records(1), "batches.meta.txt": make([]byte, 70000)},
	} {
		_, _, err := Open(folder(t, files), Options{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "cifar: ")
	}
	_, _, err := Open(folder(t, map[string][]byte{"data_batch_1.bin": records(2)}), Options{MaxBytes: record})
	require.ErrorContains(t, err, "the files have 6146 bytes, the limit is 3073 (Options.MaxBytes)")
}

func TestRealCIFAR(t *testing.T) {
	root := os.Getenv("GANDER_DATA")
	if root == "" {
		t.Skip("GANDER_DATA is not set")
	}
	train, test, err := Open(filepath.Join(root, "cifar10"), Options{})
	require.NoError(t, err)
	require.Equal(t, 20000, train.Len())
	require.Equal(t, 5000, test.Len())
	require.Equal(t, "airplane", train.Classes[0])
	for class := range Classes {
		require.Len(t, test.OfClass(class), 500)
	}
}

// FuzzRead reads files of any size made of a short piece again and again, which can be shrunk quickly.
func FuzzRead(f *testing.F) {
	f.Add([]byte{1, 2, 3}, record)
	f.Add([]byte{7}, 2*record)
	f.Add([]byte{7, 11}, 9*record)
	f.Fuzz(func(t *testing.T, piece []byte, size int) {
		if size < 0 || len(piece) == 0 {
			return
		}
		real := min(size, 5*record) // a file may be shorter than it was when its size was asked for
		b := bytes.Repeat(piece, real/len(piece)+1)[:real]
		m := &labelled.Images{Height: Side, Width: Side, Channels: channels, Classes: make([]string, Classes)}
		err := Read(m, bytes.NewReader(b), int64(size))
		require.NoError(t, m.Check())
		if err == nil {
			require.Equal(t, size/record, m.Len())
		}
	})
}

func FuzzReadNames(f *testing.F) {
	f.Add([]byte("a\nb\n\nc\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		names, err := ReadNames(bytes.NewReader(b))
		if err == nil {
			require.Len(t, names, Classes)
		}
	})
}
