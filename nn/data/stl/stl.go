package stl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/nn/data/labelled"
)

// Side of the pictures, in pixels, and the number of their classes.
const (
	Side    = 96
	Classes = 10
)

const (
	channels = 3
	plane    = Side * Side
	picture  = channels * plane
)

// Options are limits on what is read. The zero value is the usual choice.
type Options struct {
	MaxImages int   // only the first so many pictures are read; 0 means all
	MaxBytes  int64 // of pixels that are read; 0 means 1 GiB, which the 100,000 without labels exceed
}

func (o Options) maxBytes() int64 {
	if o.MaxBytes == 0 {
		return 1 << 30
	}
	return o.MaxBytes
}

// Train reads the 5,000 labelled pictures for training: train_X.bin and train_y.bin of a folder. Names of classes are from
// class_names.txt; without that file they are those of STL-10.
func Train(dir string, o Options) (*labelled.Images, error) { return part(dir, "train", o) }

// Test reads the 8,000 labelled pictures for testing: test_X.bin and test_y.bin.
func Test(dir string, o Options) (*labelled.Images, error) { return part(dir, "test", o) }

// Unlabelled reads the 100,000 pictures without labels, unlabeled_X.bin. All of them take 2.6 GiB: set a limit.
func Unlabelled(dir string, o Options) (*labelled.Images, error) {
	return Pictures(filepath.Join(dir, "unlabeled_X.bin"), o)
}

func part(dir, name string, o Options) (*labelled.Images, error) {
	m, err := Pictures(filepath.Join(dir, name+"_X.bin"), o)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+"_y.bin")
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	most := int64(m.Len())
	if (o.MaxImages == 0 || m.Len() < o.MaxImages) && size != most || size < most {
		return nil, fmt.Errorf("stl: %s has %d labels for %d pictures", path, size, most)
	}
	if m.Labels, err = ReadLabels(f, m.Len()); err != nil {
		return nil, fmt.Errorf("stl: %s: %w", path, err)
	}
	if m.Classes, err = classNames(filepath.Join(dir, "class_names.txt")); err != nil {
		return nil, err
	}
	return m, nil
}

// Pictures reads a file of pictures without labels.
func Pictures(path string, o Options) (*labelled.Images, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, err := Read(bufio.NewReaderSize(f, 1<<16), size, o)
	if err != nil {
		return nil, fmt.Errorf("stl: %s: %w", path, err)
	}
	return m, nil
}

// Read reads pictures from size bytes of r and turns them the right way up: in the file each plane is column by column.
func Read(r io.Reader, size int64, o Options) (*labelled.Images, error) {
	if size == 0 || size%picture != 0 {
		return nil, fmt.Errorf("has %d bytes, not a multiple of the %d of a picture: "+
			"it was cut off or is not the binary version of STL-10", size, picture)
	}
	n := size / picture
	if o.MaxImages > 0 {
		n = min(n, int64(o.MaxImages))
	}
	if limit := o.maxBytes(); n*picture > limit {
		return nil, fmt.Errorf("%d pictures take %d bytes, the limit is %d (Options.MaxBytes, or read fewer with Options.MaxImages)",
			n, n*picture, limit)
	}
	m := &labelled.Images{Height: Side, Width: Side, Channels: channels, Pixels: make([]uint8, n*picture)}
	raw := make([]byte, picture)
	for i := range n {
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, fmt.Errorf("picture %d: %w", i, err)
		}
		upright(m.Pixels[i*picture:(i+1)*picture], raw)
	}
	return m, nil
}

// upright makes rows of pixels from planes of columns.
func upright(dst []uint8, raw []byte) {
	for y := range Side {
		for x := range Side {
			for c := range channels {
				dst[(y*Side+x)*channels+c] = raw[c*plane+x*Side+y]
			}
		}
	}
}

// ReadLabels reads n labels, which are 1 to 10 in the file and 0 to 9 in the result.
func ReadLabels(r io.Reader, n int) ([]int, error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(n)))
	if err != nil {
		return nil, err
	}
	if len(raw) != n {
		return nil, fmt.Errorf("ends after %d of %d labels", len(raw), n)
	}
	labels := make([]int, n)
	for i, l := range raw {
		if l < 1 || l > Classes {
			return nil, fmt.Errorf("label %d of picture %d, want 1 to %d", l, i, Classes)
		}
		labels[i] = int(l) - 1
	}
	return labels, nil
}

func classNames(path string) ([]string, error) {
	f, size, err := open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{"airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 16
	if size > most {
		return nil, fmt.Errorf("stl: %s has %d bytes, too many for %d names", path, size, Classes)
	}
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, fmt.Errorf("stl: %w", err)
	}
	names := strings.Fields(string(text))
	if len(names) != Classes {
		return nil, fmt.Errorf("stl: %s has %d names of classes, want %d", path, len(names), Classes)
	}
	return names, nil
}

func open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("stl: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", path)
	}
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("stl: %w", err)
	}
	return f, info.Size(), nil
}
