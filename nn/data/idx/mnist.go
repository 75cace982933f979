package idx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gander-ml/gander/nn/data/labelled"
)

// MNIST reads the four files of MNIST, or of a set with files of the same names, from a folder: train-images-idx3-ubyte,
// train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each also with .gz or with a dot before
// "idx". Pictures are grey, white on black. The classes are called by their numbers.
func MNIST(dir string, o Options) (train, test *labelled.Images, err error) {
	for _, part := range []struct {
		name string
		into **labelled.Images
	}{{"train", &train}, {"t10k", &test}} {
		images, err := find(dir, part.name+"-images", "idx3-ubyte")
		if err != nil {
			return nil, nil, err
		}
		labels, err := find(dir, part.name+"-labels", "idx1-ubyte")
		if err != nil {
			return nil, nil, err
		}
		if *part.into, err = Images(images, labels, o); err != nil {
			return nil, nil, err
		}
	}
	// The parts share their names even if one of them lacks the last class.
	if len(train.Classes) < len(test.Classes) {
		train.Classes = test.Classes
	}
	test.Classes = train.Classes
	if train.Height != test.Height || train.Width != test.Width {
		return nil, nil, fmt.Errorf("idx: %s: pictures for training have %d×%d pixels, those for testing %d×%d",
			dir, train.Width, train.Height, test.Width, test.Height)
	}
	return train, test, nil
}

// find returns the path of a file in one of the ways its name is written.
func find(dir, stem, kind string) (string, error) {
	for _, name := range []string{stem + "-" + kind, stem + "." + kind} {
		for _, ext := range []string{"", ".gz"} {
			path := filepath.Join(dir, name+ext)
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() {
				return path, nil
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", fmt.Errorf("idx: %w", err)
			}
		}
	}
	return "", fmt.Errorf("idx: %s has no %s-%s or %s-%s.gz; the folder must hold the four files of MNIST",
		dir, stem, kind, stem, kind)
}

// Images reads a file of pictures, (N, H, W), and one of labels, (N), which may be "" for pictures without labels. The
// classes are 0 to the highest label, called by their numbers.
func Images(images, labels string, o Options) (*labelled.Images, error) {
	x, err := Open(images, o)
	if err != nil {
		return nil, err
	}
	if len(x.Shape) != 3 || x.Shape[1] < 1 || x.Shape[2] < 1 {
		return nil, fmt.Errorf("idx: %s has the shape %v; want pictures, (N, H, W)", images, x.Shape)
	}
	m := &labelled.Images{Height: x.Shape[1], Width: x.Shape[2], Channels: 1, Pixels: x.Data}
	if labels != "" {
		y, err := Open(labels, o)
		if err != nil {
			return nil, err
		}
		if len(y.Shape) != 1 {
			return nil, fmt.Errorf("idx: %s has the shape %v; want labels, (N)", labels, y.Shape)
		}
		if y.Shape[0] != x.Shape[0] {
			return nil, fmt.Errorf("idx: %s has %d labels for the %d pictures of %s", labels, y.Shape[0], x.Shape[0], images)
		}
		m.Labels = make([]int, len(y.Data))
		for i, l := range y.Data {
			m.Labels[i] = int(l)
			for len(m.Classes) <= int(l) {
				m.Classes = append(m.Classes, strconv.Itoa(len(m.Classes)))
			}
		}
	}
	if err := m.Check(); err != nil {
		return nil, fmt.Errorf("idx: %s: %w", images, err)
	}
	return m, nil
}
