package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// ImageFiles returns the paths of all pictures in a folder and the folders in it, in the order of their names. What is a
// picture is told by its extension; files and folders whose names begin with a dot are passed over. A folder without any
// is an error.
func ImageFiles(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("data: %s is a file; want a folder of pictures", dir)
	}
	var files []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != dir && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case !d.IsDir():
			if imaging.CanRead(path) {
				files = append(files, path)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("data: %s holds no pictures (PNG, JPEG, GIF, WebP, BMP or TIFF)", dir)
	}
	slices.Sort(files)
	return files, nil
}

// LoadImage decodes the picture in a file. The error begins with the path.
func LoadImage(path string) (*imaging.Image, error) {
	return imaging.Open(path, imaging.DecodeOptions{})
}

// Folder is a data set of the pictures in a folder, in memory at 8 bits a channel.
type Folder struct {
	Classes []string // names of the sub-folders, sorted; empty if the pictures lie in the folder itself
	Bad     []error  // pictures that could not be read; each names its file
	items   []picture
}

// FolderOptions say how the pictures of a folder are prepared. The zero value keeps their sizes, in colour.
type FolderOptions struct {
	Size    int  // cut the middle square out and make it Size×Size; 0 keeps each picture as it is
	Grey    bool // one channel, the luma of BT.601, instead of three
	Workers int  // pictures decoded at once; 0 means one for each processor
	// MaxBytes bounds the memory of all pictures together, with a byte for each number; 0 means 8 GiB.
	MaxBytes int64
	Decode   imaging.DecodeOptions
}

// Example is a picture with what is known about it.
type Example struct {
	Image *tensor.Tensor // (H, W, C) in [0, 1]
	Class int            // index into Classes; -1 if there are none
	Path  string
}

type picture struct {
	pixels  []uint8
	h, w, c int
	class   int
	path    string
}

// ImageFolder reads all pictures of a folder. If all of them lie in sub-folders, the first folder on the way to a
// picture is its class. Pictures that cannot be read are listed in Bad; it is an error if none can, or if all together are
// larger than MaxBytes.
func ImageFolder(dir string, o FolderOptions) (*Folder, error) {
	files, err := ImageFiles(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{}
	classOf := f.findClasses(dir, files)
	items := make([]picture, len(files))
	errs := make([]error, len(files))
	workers := o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	limit := o.MaxBytes
	if limit == 0 {
		limit = 8 << 30
	}
	var held atomic.Int64
	next := make(chan int)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := range next {
				if held.Load() > limit {
					continue
				}
				items[i], errs[i] = o.load(files[i])
				held.Add(int64(len(items[i].pixels)))
				items[i].class = classOf[i]
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	wait.Wait()
	if held.Load() > limit {
		return nil, fmt.Errorf("data: %s: the %d pictures take more than the limit of %d bytes (FolderOptions.MaxBytes): make them smaller "+
			"(FolderOptions.Size), or take fewer", dir, len(files), limit)
	}
	for i, err := range errs {
		if err != nil {
			f.Bad = append(f.Bad, err)
		} else {
			f.items = append(f.items, items[i])
		}
	}
	if len(f.items) == 0 {
		return nil, fmt.Errorf("data: %s: none of %d pictures can be read: %w", dir, len(files), f.Bad[0])
	}
	return f, nil
}

// findClasses returns the class of each file and sets Classes.
func (f *Folder) findClasses(dir string, files []string) []int {
	names := make([]string, len(files))
	for i, file := range files {
		rel, err := filepath.Rel(dir, file)
		first, _, below := strings.Cut(filepath.ToSlash(rel), "/")
		if err != nil || !below {
			return slices.Repeat([]int{-1}, len(files)) // a picture in the folder itself: there are no classes
		}
		names[i] = first
	}
	f.Classes = slices.Compact(slices.Sorted(slices.Values(names)))
	out := make([]int, len(files))
	for i, name := range names {
		out[i], _ = slices.BinarySearch(f.Classes, name)
	}
	return out
}

// load decodes and prepares one picture.
func (o FolderOptions) load(path string) (picture, error) {
	m, err := imaging.Open(path, o.Decode)
	if err != nil {
		return picture{}, err
	}
	x := m.RGB()
	if o.Grey && m.Channels() == 1 {
		x = m.Pixels
	} else if o.Grey {
		x = tensor.Affine(imaging.Y(x), 1.0/219, -16.0/219) // black and white are 16 and 235 in Y
	}
	if x.Len() == 0 {
		return picture{}, errors.New(path + ": the picture has no pixels")
	}
	if o.Size > 0 {
		x = ResizeTo(o.Size, o.Size, tensor.Bicubic)(CentreSquare(x, nil), nil)
	}
	p := picture{pixels: make([]uint8, x.Len()), h: x.Dim(0), w: x.Dim(1), c: x.Dim(2), path: path}
	for i, v := range x.Data() {
		p.pixels[i] = uint8(min(max(v, 0), 1)*255 + 0.5)
	}
	return p, nil
}

// Len implements [Dataset].
func (f *Folder) Len() int { return len(f.items) }

// At implements [Dataset].
func (f *Folder) At(i int) (Example, error) {
	p := f.items[i]
	x := tensor.New(p.h, p.w, p.c)
	for k, v := range p.pixels {
		x.Data()[k] = float32(v) / 255
	}
	return Example{x, p.class, p.path}, nil
}
