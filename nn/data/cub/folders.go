package cub

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/tensor/imaging"
)

// folders lists images/<class>/<picture>, sorted.
func folders(dir string, o Options) ([]bird, error) {
	classes, err := os.ReadDir(filepath.Join(dir, "images"))
	if err != nil {
		return nil, err
	}
	var birds []bird
	for _, c := range classes {
		if !c.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, "images", c.Name()))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if !f.IsDir() && imaging.CanRead(f.Name()) {
				birds = append(birds, bird{file: path.Join(c.Name(), f.Name()), class: c.Name()})
			}
		}
	}
	if len(birds) == 0 {
		return nil, fmt.Errorf("%s holds no pictures in folders of classes", filepath.Join(dir, "images"))
	}
	lines := filepath.Join(dir, "captions.jsonl")
	if !exists(lines) {
		return birds, nil
	}
	place := make(map[string]*bird, len(birds))
	for i := range birds {
		place[path.Join("images", birds[i].file)] = &birds[i]
	}
	return birds, readTable(lines, o.MaxBytes, func(r io.Reader) error { return readLineBoxes(r, place) })
}

// readLineBoxes reads the boxes of JSON lines with "file" and "bbox". Lines without a box or about other files are passed over.
func readLineBoxes(r io.Reader, place map[string]*bird) error {
	in := json.NewDecoder(r)
	for number := 1; ; number++ {
		var line struct {
			File string    `json:"file"`
			Box  []float64 `json:"bbox"`
		}
		if err := in.Decode(&line); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("object %d: %s", number, strings.TrimPrefix(err.Error(), "json: "))
		}
		b, ok := place[line.File]
		if !ok || line.Box == nil {
			continue
		}
		if len(line.Box) != 4 {
			return fmt.Errorf(`object %d: a "bbox" of %d numbers, want x, y, width and height`, number, len(line.Box))
		}
		for _, v := range line.Box {
			if !(math.Abs(v) <= 1e6) {
				return fmt.Errorf(`object %d: "bbox" %v is not in pixels`, number, line.Box)
			}
		}
		var err error
		if b.Box, err = newBox(line.Box); err != nil {
			return fmt.Errorf("object %d: %w", number, err)
		}
	}
}
