package pictures

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
}

// Data sets are told apart by their files.
func TestSetsAreToldApart(t *testing.T) {
	const records = 3
	cifar := t.TempDir()
	write(t, cifar, "data_batch_1.bin", make([]byte, records*3073))
	write(t, cifar, "test_batch.bin", make([]byte, 2*3073))
	stl := t.TempDir()
	write(t, stl, "train_X.bin", make([]byte, records*3*96*96))
	write(t, stl, "train_y.bin", []byte{1, 2, 3})
	write(t, stl, "test_X.bin", make([]byte, 2*3*96*96))
	write(t, stl, "test_y.bin", []byte{1, 10})
	folder := t.TempDir()
	for _, class := range []string{"cat", "dog"} {
		require.NoError(t, os.Mkdir(filepath.Join(folder, class), 0o755))
		for i := range 10 {
			f, err := os.Create(filepath.Join(folder, class, strconv.Itoa(i)+".png"))
			require.NoError(t, err)
			require.NoError(t, png.Encode(f, image.NewRGBA(image.Rect(0, 0, 30, 20))))
			require.NoError(t, f.Close())
		}
	}
	write(t, filepath.Join(folder, "cat"), "broken.png", []byte("no picture"))
	for dir, want := range map[string]struct {
		name                            string
		learn, held, side, classes, bad int
	}{
		cifar: {"CIFAR-10", records, 2, 32, 10, 0}, stl: {"STL-10", records, 2, 96, 10, 0},
		folder: {filepath.Base(folder), 18, 2, 16, 2, 1}, "": {"drawn shapes", 27, 3, 16, 10, 0},
	} {
		set, err := Load(dir, 16, 30)
		require.NoError(t, err, want.name)
		require.Equal(t, want.name, set.Name)
		require.Equal(t, []int{want.learn, want.held, want.side, want.classes, want.bad},
			[]int{set.Learn.Len(), set.Held.Len(), set.Learn.Width, len(set.Held.Classes), len(set.Bad)}, want.name)
	}
	_, err := Load(t.TempDir(), 16, 30)
	require.Error(t, err)
}
