package pictures

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/cifar"
	"github.com/gander-ml/gander/nn/data/labelled"
)

// HoldOut reads pictures that must not be learnt from into Apart, a file of CIFAR-10 records or a folder of pictures, and
// takes those that are the same to the last bit out of Learn. side is as for [Load].
func (s *Set) HoldOut(path string, side int) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	var apart *labelled.Images
	if info.IsDir() {
		apart, err = s.folder(path, side)
	} else {
		apart, err = cifar.Files(cifarNames(s.Learn.Classes), cifar.Options{}, path)
	}
	if err != nil {
		return err
	}
	if m := s.Learn; apart.Height != m.Height || apart.Width != m.Width || apart.Channels != m.Channels {
		return fmt.Errorf("%s has pictures of %d×%d pixels in %d channels, and %s of %d×%d in %d", path, apart.Width, apart.Height,
			apart.Channels, s.Name, m.Width, m.Height, m.Channels)
	}
	if !slices.Equal(apart.Classes, s.Learn.Classes) {
		return fmt.Errorf("%s has the classes %q, and %s %q", path, apart.Classes, s.Name, s.Learn.Classes)
	}
	same := map[string]bool{}
	for i := range apart.Len() {
		same[picture(apart, i)] = true
	}
	var left []int
	for i := range s.Learn.Len() {
		if !same[picture(s.Learn, i)] {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		return fmt.Errorf("%s holds all pictures of %s: none are left to learn from", path, s.Name)
	}
	s.Learn, s.Apart = s.Learn.Subset(left), apart
	return nil
}

// folder reads a folder of pictures, in a random order: they come class by class.
func (s *Set) folder(path string, side int) (*labelled.Images, error) {
	folder, err := data.ImageFolder(path, data.FolderOptions{Size: side})
	if err != nil {
		return nil, err
	}
	s.Bad = append(s.Bad, folder.Bad...)
	all, err := labelled.Collect(folder, folder.Classes)
	if err != nil {
		return nil, err
	}
	if all.Len() < 2 {
		return nil, fmt.Errorf("%s holds %d pictures; at least 2 are needed", filepath.Clean(path), all.Len())
	}
	return all.Subset(data.Stream(1).Perm(all.Len())), nil
}

// cifarNames returns the names of classes of records: those of the set if it can be CIFAR-10.
func cifarNames(names []string) []string {
	if len(names) == cifar.Classes {
		return names
	}
	return make([]string, cifar.Classes)
}

// picture returns the bytes of one picture.
func picture(m *labelled.Images, i int) string {
	n := m.Height * m.Width * m.Channels
	return string(m.Pixels[i*n : (i+1)*n])
}
