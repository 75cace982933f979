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

// Pictures that are held out are not among those to learn from.
func TestHoldOut(t *testing.T) {
	records := func(first, n int) []byte {
		b := make([]byte, n*3073)
		for i := range n {
			b[i*3073+1] = byte(first + i)
		}
		return b
	}
	dir := t.TempDir()
	write(t, dir, "data_batch_1.bin", records(0, 5))
	write(t, dir, "exact.bin", records(5, 3))
	write(t, dir, "test_batch.bin", records(8, 2))
	open := func() Set {
		set, err := Load(dir, 8, 0)
		require.NoError(t, err)
		require.Equal(t, 8, set.Learn.Len())
		return set
	}
	set := open()
	require.NoError(t, set.HoldOut(filepath.Join(dir, "exact.bin"), 8))
	require.Equal(t, []int{5, 3, 2}, []int{set.Learn.Len(), set.Apart.Len(), set.Held.Len()})
	for i := range 5 {
		require.Equal(t, byte(i), set.Learn.Pixels[i*3072])
	}
	require.Equal(t, byte(5), set.Apart.Pixels[0])

	other := t.TempDir()
	write(t, other, "short.bin", make([]byte, 3072))
	write(t, other, "all.bin", records(0, 8))
	for path, want := range map[string]string{
		filepath.Join(other, "none.bin"): "none.bin: no such file", filepath.Join(other, "short.bin"): "short.bin: has 3072 bytes",
		filepath.Join(other, "all.bin"): "none are left", t.TempDir(): "no pictures",
	} {
		set := open()
		require.ErrorContains(t, set.HoldOut(path, 8), want)
	}
	set, err := Load("", 8, 20)
	require.NoError(t, err)
	require.ErrorContains(t, set.HoldOut(filepath.Join(other, "all.bin"), 8), "pictures of 32×32 pixels")
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
