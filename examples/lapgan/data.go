package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/cifar"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/stl"
	"github.com/gander-ml/gander/nn/data/synthetic"
)

// images are pictures to learn from and pictures held out for evaluation.
type images struct{ train, held *labelled.Images }

// load reads the pictures in a folder, told apart by the files that are there; "" draws shapes. Sets without a part for tests
// are cut: the last tenth is held out. side is what pictures of a folder are cropped and resized to.
func load(dir string, side int) (m images, err error) {
	switch {
	case dir == "":
		all := synthetic.Shapes(5000, 1, synthetic.ShapeOptions{Side: max(side, 8)})
		return cut(all), nil
	case exists(dir, "test_batch.bin"):
		m.train, m.held, err = cifar.Open(dir, cifar.Options{})
		return m, err
	case exists(dir, "train_X.bin"):
		if m.train, err = stl.Train(dir, stl.Options{}); err == nil {
			m.held, err = stl.Test(dir, stl.Options{MaxImages: 1000})
		}
		return m, err
	}
	folder, err := data.ImageFolder(dir, data.FolderOptions{Size: side})
	if err != nil {
		return m, err
	}
	for _, bad := range folder.Bad {
		fmt.Fprintln(os.Stderr, "lapgan: left out:", bad)
	}
	all, err := labelled.Collect(folder, folder.Classes)
	if err != nil {
		return m, err
	}
	if all.Len() < 10 {
		return m, fmt.Errorf("%s holds %d pictures; at least 10 are needed", dir, all.Len())
	}
	// Pictures come class by class: shuffle before the last are held out.
	return cut(all.Subset(data.Stream(1).Perm(all.Len()))), nil
}

func cut(all *labelled.Images) images {
	n := all.Len() - all.Len()/10
	return images{all.Slice(0, n), all.Slice(n, all.Len())}
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return !errors.Is(err, os.ErrNotExist)
}
