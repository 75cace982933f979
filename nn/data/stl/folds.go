package stl

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// Folds reads fold_indices.txt: for each of the ten folds of the protocol of STL-10, the indices of its 1,000 pictures for
// training, for labelled.Images.Subset.
func Folds(dir string) ([][]int, error) {
	path := filepath.Join(dir, "fold_indices.txt")
	f, _, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	folds, err := ReadFolds(f)
	if err != nil {
		return nil, fmt.Errorf("stl: %s: %w", path, err)
	}
	return folds, nil
}

const (
	folds    = 10
	foldSize = 1000
	trainAll = 5000
)

// ReadFolds reads ten lines of 1,000 indices each, counted from 0. Anything else is an error.
func ReadFolds(r io.Reader) ([][]int, error) {
	const longest = foldSize * 16
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, longest), longest)
	var out [][]int
	for line := 1; in.Scan(); line++ {
		var fold []int
		for word := range strings.FieldsSeq(in.Text()) {
			v, err := strconv.Atoi(word)
			if err != nil || v < 0 || v >= trainAll {
				return nil, fmt.Errorf("line %d: %q is no index from 0 to %d", line, word, trainAll-1)
			}
			fold = append(fold, v)
		}
		if len(fold) == 0 {
			continue
		}
		if len(fold) != foldSize {
			return nil, fmt.Errorf("line %d has %d indices, want %d", line, len(fold), foldSize)
		}
		if out = append(out, fold); len(out) > folds {
			return nil, fmt.Errorf("line %d: more than %d folds", line, folds)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", len(out)+1, err)
	}
	if len(out) != folds {
		return nil, fmt.Errorf("has %d folds, want %d", len(out), folds)
	}
	return out, nil
}
