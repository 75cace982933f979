package stl

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pictures returns n pictures as they lie in a file; red is the row, green the column, blue the number.
func pictures(n int) []byte {
	var b []byte
	for i := range n {
		for c := range 3 {
			for x := range Side { // column by column
				for y := range Side {
					b = append(b, [3]byte{byte(y), byte(x), byte(i)}[c])
				}
			}
		}
	}
	return b
}

func folder(t *testing.T, files map[string][]byte) string {
	dir := t.TempDir()
	for name, b := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

func TestPicturesAreUpright(t *testing.T) {
	dir := folder(t, map[string][]byte{"train_X.bin": pictures(3), "train_y.bin": {1, 10, 2}, "unlabeled_X.bin": pictures(4)})
	m, err := Train(dir, Options{})
	require.NoError(t, err)
	require.NoError(t, m.Check())
	require.Equal(t, []int{0, 9, 1}, m.Labels)
	require.Equal(t, "truck", m.Classes[9])
	e, err := m.At(2)
	require.NoError(t, err)
	require.Equal(t, []float32{7. / 255, 80. / 255, 2. / 255}, []float32{e.Image.At(7, 80, 0), e.Image.At(7, 80, 1), e.Image.At(7, 80, 2)})

	first, err := Train(dir, Options{MaxImages: 2})
	require.NoError(t, err)
	require.Equal(t, []int{0, 9}, first.Labels)
	all, err := Unlabelled(dir, Options{})
	require.NoError(t, err)
	require.Equal(t, 4, all.Len())
	require.Nil(t, all.Labels)
	_, err = Unlabelled(dir, Options{MaxBytes: 3 * picture})
	require.ErrorContains(t, err, "4 pictures take 110592 bytes, the limit is 82944 (Options.MaxBytes, or read fewer")
}

func TestRefusals(t *testing.T) {
	for want, files := range map[string]map[string][]byte{
		"train_X.bin: no such file":               {},
		"train_X.bin: has 27647 bytes":            {"train_X.bin": pictures(1)[1:]},
		"train_X.bin: has 0 bytes":                {"train_X.bin": nil},
		"train_y.bin has 1 labels for 2 pictures": {"train_X.bin": pictures(2), "train_y.bin": {1}},
		"train_y.bin has 3 labels for 2 pictures": {"train_X.bin": pictures(2), "train_y.bin": {1, 2, 3}},
		"label 0 of picture 1, want 1 to 10":      {"train_X.bin": pictures(2), "train_y.bin": {1, 0}},
		"label 11 of picture 0, want 1 to 10":     {"train_X.bin": pictures(1), "train_y.bin": {11}},
		"has 3 names of classes, want 10":         {"train_X.bin": pictures(1), "train_y.bin": {1}, "class_names.txt": []byte("a b\nc")},
		"too many for 10 names":                   {"train_X.bin": pictures(1), "train_y.bin": {1}, "class_names.txt": make([]byte, 1<<17)},
	} {
		_, err := Train(folder(t, files), Options{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "stl: ")
	}
}

func foldText(lines, each int) string {
	var b strings.Builder
	for l := range lines {
		for i := range each {
			fmt.Fprint(&b, (l*500+i)%trainAll, " ")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestFolds(t *testing.T) {
	got, err := Folds(folder(t, map[string][]byte{"fold_indices.txt": []byte(foldText(10, 1000))}))
	require.NoError(t, err)
	require.Len(t, got, 10)
	require.Equal(t, 4501, got[9][1])
	for want, text := range map[string]string{
		"has 9 folds, want 10":            foldText(9, 1000),
		"line 11: more than 10 folds":     foldText(11, 1000),
		"line 1 has 999 indices":          foldText(10, 999),
		`line 1: "5000" is no index`:      "5000 " + foldText(10, 1000),
		`line 1: "x" is no index`:         "x",
		"line 1: bufio.Scanner: token to": strings.Repeat("1", 20000),
	} {
		_, err := ReadFolds(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

// FuzzRead reads files of any size made of a short piece again and again, which can be shrunk quickly.
func FuzzRead(f *testing.F) {
	f.Add([]byte{1, 2, 3}, picture, 0)
	f.Add([]byte{7}, 2*picture, 1)
	f.Add([]byte{7}, 5*picture, 0)
	f.Fuzz(func(t *testing.T, piece []byte, size, most int) {
		if size < 0 || len(piece) == 0 {
			return
		}
		real := min(size, 3*picture) // a file may be shorter than it was when its size was asked for
		b := bytes.Repeat(piece, real/len(piece)+1)[:real]
		m, err := Read(bytes.NewReader(b), int64(size), Options{MaxImages: most, MaxBytes: 4 * picture})
		if err == nil {
			require.NoError(t, m.Check())
			require.LessOrEqual(t, m.Len()*picture, real)
		}
	})
}

func FuzzReadFolds(f *testing.F) {
	f.Add([]byte("4999 "), 1000, []byte("\n"), 10)
	f.Add([]byte("1\t"), 999, []byte("\r\n"), 11)
	f.Add([]byte("-1 "), 3, []byte("\n\n"), 2)
	f.Fuzz(func(t *testing.T, word []byte, words int, end []byte, lines int) {
		if words < 0 || lines < 0 || words > 2000 || lines > 20 || len(word) > 20 {
			return
		}
		got, err := ReadFolds(bytes.NewReader(bytes.Repeat(append(bytes.Repeat(word, words), end...), lines)))
		if err != nil {
			return
		}
		require.Len(t, got, folds)
		for _, fold := range got {
			require.Len(t, fold, foldSize)
		}
	})
}
