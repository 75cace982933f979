// Package pictures reads the sets of small pictures that example programs learn from.
package pictures

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/cifar"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/stl"
	"github.com/gander-ml/gander/nn/data/synthetic"
)

// Set is pictures to learn from and pictures held out for evaluation.
type Set struct {
	Learn, Held *labelled.Images
	Apart       *labelled.Images // what HoldOut read, nil without it
	Name        string           // what they are
	Bad         []error          // files that were left out
}

// Load reads the pictures in a folder, told apart by the files that are there: the binaries of CIFAR-10 or STL-10, or
// pictures, with classes if they lie in sub-folders. "" draws so many shapes. Sets without a part for tests are cut: the last
// tenth is held out. side is what pictures of a folder are cropped and resized to, and the size of shapes.
func Load(dir string, side, drawn int) (s Set, err error) {
	switch {
	case dir == "":
		s.Name = "drawn shapes"
		s.cut(synthetic.Shapes(drawn, 1, synthetic.ShapeOptions{Side: max(side, 8)}))
		return s, nil
	case exists(dir, "test_batch.bin"):
		s.Name = "CIFAR-10"
		s.Learn, s.Held, err = cifar.Open(dir, cifar.Options{})
		return s, err
	case exists(dir, "train_X.bin"):
		s.Name = "STL-10"
		if s.Learn, err = stl.Train(dir, stl.Options{}); err == nil {
			s.Held, err = stl.Test(dir, stl.Options{MaxImages: 1000})
		}
		return s, err
	}
	s.Name = filepath.Base(filepath.Clean(dir))
	folder, err := data.ImageFolder(dir, data.FolderOptions{Size: side})
	if err != nil {
		return s, err
	}
	s.Bad = folder.Bad
	all, err := labelled.Collect(folder, folder.Classes)
	if err != nil {
		return s, err
	}
	if all.Len() < 10 {
		return s, fmt.Errorf("%s holds %d pictures; at least 10 are needed", dir, all.Len())
	}
	// Pictures come class by class: shuffle before the last are held out.
	s.cut(all.Subset(data.Stream(1).Perm(all.Len())))
	return s, nil
}

func (s *Set) cut(all *labelled.Images) {
	n := all.Len() - all.Len()/10
	s.Learn, s.Held = all.Slice(0, n), all.Slice(n, all.Len())
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return !errors.Is(err, fs.ErrNotExist)
}
