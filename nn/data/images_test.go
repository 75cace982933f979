package data_test

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// write makes a PNG whose pixel in column x has red 10·x.
func write(t *testing.T, path string, w, h int) {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(10 * x), 0, 255, 255})
		}
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, png.Encode(f, m))
	require.NoError(t, f.Close())
}

func TestImageFolderWithClasses(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dogs", "b.png"), 4, 2)
	write(t, filepath.Join(dir, "cats", "deep", "a.PNG"), 2, 6)
	write(t, filepath.Join(dir, ".cache", "no.png"), 1, 1)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dogs", "a.jpg"), []byte("not a picture"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dogs", "notes.txt"), nil, 0o666))

	f, err := data.ImageFolder(dir, data.FolderOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"cats", "dogs"}, f.Classes)
	require.Equal(t, 2, f.Len())
	require.Len(t, f.Bad, 1)
	require.ErrorContains(t, f.Bad[0], filepath.Join(dir, "dogs", "a.jpg")+": ")
	e, err := f.At(1)
	require.NoError(t, err)
	require.Equal(t, 1, e.Class)
	require.Equal(t, filepath.Join(dir, "dogs", "b.png"), e.Path)
	require.Equal(t, []int{2, 4, 3}, e.Image.Shape())
	require.InDelta(t, 30.0/255, e.Image.At(1, 3, 0), 1e-6)
	require.EqualValues(t, 1, e.Image.At(1, 3, 2))

	f, err = data.ImageFolder(dir, data.FolderOptions{Size: 2, Grey: true})
	require.NoError(t, err)
	e, err = f.At(1) // the middle 2×2 of columns 1 and 2
	require.NoError(t, err)
	require.Equal(t, []int{2, 2, 1}, e.Image.Shape())
	require.InDelta(t, (65.481*10/255+24.966)/219, e.Image.At(0, 0, 0), 0.5/255+1e-6)

	write(t, filepath.Join(dir, "top.png"), 1, 1)
	f, err = data.ImageFolder(dir, data.FolderOptions{})
	require.NoError(t, err)
	require.Empty(t, f.Classes)
	var bytes int64
	for i := range f.Len() {
		e, err := f.At(i)
		require.NoError(t, err)
		bytes += int64(e.Image.Len())
	}
	_, err = data.ImageFolder(dir, data.FolderOptions{MaxBytes: bytes})
	require.NoError(t, err)
	_, err = data.ImageFolder(dir, data.FolderOptions{MaxBytes: bytes - 1})
	require.ErrorContains(t, err, fmt.Sprintf("more than the limit of %d bytes (FolderOptions.MaxBytes)", bytes-1))
	e, err = f.At(0)
	require.NoError(t, err)
	require.Equal(t, -1, e.Class)
}

func TestImageFoldersThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	_, err := data.ImageFolder(filepath.Join(dir, "none"), data.FolderOptions{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = data.ImageFiles(dir)
	require.EqualError(t, err, "data: "+dir+" holds no pictures (PNG, JPEG, GIF, WebP, BMP or TIFF)")
	file := filepath.Join(dir, "a.png")
	require.NoError(t, os.WriteFile(file, []byte("no"), 0o666))
	_, err = data.ImageFiles(file)
	require.EqualError(t, err, "data: "+file+" is a file; want a folder of pictures")
	_, err = data.ImageFolder(dir, data.FolderOptions{})
	require.ErrorContains(t, err, "data: "+dir+": none of 1 pictures can be read: "+file+": ")
	_, err = data.LoadImage(file)
	require.ErrorContains(t, err, file)
}

func TestPatches(t *testing.T) {
	x, small := tensor.New(5, 7, 1), tensor.New(3, 9, 1)
	for i := range x.Data() {
		x.Data()[i] = float32(i)
	}
	p, err := data.NewPatches([]*tensor.Tensor{small, x}, data.PatchOptions{Side: 4, Batch: 3, Plain: true})
	require.NoError(t, err)
	a, err := p.Batch(0, data.Stream(1))
	require.NoError(t, err)
	require.Equal(t, []int{3, 4, 4, 1}, a.Shape())
	for i := range 3 { // rows of a patch are 7 apart, columns 1
		for y := range 4 {
			for c := range 4 {
				require.Equal(t, a.At(i, 0, 0, 0)+float32(7*y+c), a.At(i, y, c, 0))
			}
		}
	}
	want := a.Clone()
	p.Recycle(a)
	a.Fill(-1)
	b, err := p.Batch(9, data.Stream(1))
	require.NoError(t, err)
	require.Same(t, a, b, "recycled memory is used again")
	require.Equal(t, want.Data(), b.Data())

	_, err = data.NewPatches([]*tensor.Tensor{small}, data.PatchOptions{})
	require.EqualError(t, err, "data: none of 1 pictures has the 96×96 pixels of a patch")
	_, err = data.NewPatches([]*tensor.Tensor{x, tensor.New(5, 5, 3)}, data.PatchOptions{Side: 2})
	require.Error(t, err)
}
