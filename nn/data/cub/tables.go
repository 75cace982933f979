package cub

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gander-ml/gander/nn/data/caption"
)

// bird is a picture while it is put together.
type bird struct {
	Bird
	file, class, split string // file is within images
}

// tables reads the text files of the published set. Names of parts are nil if there are none.
func tables(dir string, o Options) (birds []bird, partNames []string, err error) {
	var ids []int
	var files, classes map[int]string
	var labels map[int]int
	for _, t := range []struct {
		name     string
		optional bool
		read     func(io.Reader) error
	}{
		{"images.txt", false, func(r io.Reader) (err error) { ids, files, err = readNames(r); return err }},
		{"classes.txt", false, func(r io.Reader) (err error) { _, classes, err = readNames(r); return err }},
		{"image_class_labels.txt", false, func(r io.Reader) (err error) { labels, err = readNumbers(r); return err }},
	} {
		if err := readTable(filepath.Join(dir, t.name), o.MaxBytes, t.read); err != nil {
			return nil, nil, err
		}
	}
	birds = make([]bird, len(ids))
	place := make(map[int]*bird, len(ids))
	for i, id := range ids {
		class, ok := classes[labels[id]]
		if !ok {
			return nil, nil, fmt.Errorf("%s: picture %d has the class %d in image_class_labels.txt, which classes.txt does not name", dir, id, labels[id])
		}
		birds[i] = bird{Bird: Bird{ID: id}, file: files[id], class: class}
		place[id] = &birds[i]
	}
	known := func(id int) (*bird, error) {
		b, ok := place[id]
		if !ok {
			return nil, fmt.Errorf("picture %d is not in images.txt", id)
		}
		return b, nil
	}
	optional := func(read func(io.Reader) error, name ...string) error {
		err := readTable(filepath.Join(append([]string{dir}, name...)...), o.MaxBytes, read)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := optional(func(r io.Reader) error { return readBoxes(r, known) }, "bounding_boxes.txt"); err != nil {
		return nil, nil, err
	}
	if err := optional(func(r io.Reader) error { return readSplit(r, known) }, "train_test_split.txt"); err != nil {
		return nil, nil, err
	}
	if o.Published {
		for _, b := range birds {
			if b.split == "" {
				return nil, nil, fmt.Errorf("%s: train_test_split.txt says nothing of picture %d, or is missing; Options.Published wants it", dir, b.ID)
			}
		}
	}
	var parts []int
	var names map[int]string
	if err := optional(func(r io.Reader) (err error) { parts, names, err = readNames(r); return err }, "parts", "parts.txt"); err != nil {
		return nil, nil, err
	}
	if len(parts) == 0 {
		return birds, nil, nil
	}
	order := map[int]int{}
	for i, id := range parts {
		order[id] = i
		partNames = append(partNames, names[id])
	}
	err = optional(func(r io.Reader) error { return readParts(r, order, known) }, "parts", "part_locs.txt")
	return birds, partNames, err
}

func readTable(path string, limit int64, read func(io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", path)
	case info.Size() > limit:
		return fmt.Errorf("%s has %d bytes, the limit is %d (Options.MaxBytes)", path, info.Size(), limit)
	}
	if err := read(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// maxLine is more than any line of these files has.
const maxLine = 1 << 14

// eachLine calls f with the first number of every line, and the rest of it.
func eachLine(r io.Reader, f func(id int, rest string) error) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	number := 0
	for in.Scan() {
		number++
		line := strings.TrimSpace(in.Text())
		if line == "" {
			continue
		}
		if !utf8.ValidString(line) {
			return fmt.Errorf("line %d is not UTF-8: save the file as UTF-8", number)
		}
		first, rest, _ := strings.Cut(line, " ")
		id, err := strconv.ParseInt(first, 10, 32)
		if err != nil || id < 1 {
			return fmt.Errorf("line %d: %.40q is not a number from 1", number, first)
		}
		if err := f(int(id), strings.TrimSpace(rest)); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if errors.Is(in.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("line %d: more than %d bytes", number+1, maxLine)
	}
	return in.Err()
}

// readNames reads lines of a number and a name, as images.txt, classes.txt and parts.txt have them.
func readNames(r io.Reader) (ids []int, names map[int]string, err error) {
	names = map[int]string{}
	err = eachLine(r, func(id int, name string) error {
		switch _, twice := names[id]; {
		case name == "":
			return fmt.Errorf("number %d has no name", id)
		case twice:
			return fmt.Errorf("number %d is there twice", id)
		}
		ids, names[id] = append(ids, id), name
		return nil
	})
	if err == nil && len(ids) == 0 {
		err = errors.New("holds no lines")
	}
	return ids, names, err
}

// readNumbers reads lines of two numbers.
func readNumbers(r io.Reader) (map[int]int, error) {
	numbers := map[int]int{}
	return numbers, eachLine(r, func(id int, rest string) error {
		n, err := strconv.ParseInt(rest, 10, 32)
		if err != nil {
			return fmt.Errorf("%.40q is not a whole number", rest)
		}
		if _, twice := numbers[id]; twice {
			return fmt.Errorf("number %d is there twice", id)
		}
		numbers[id] = int(n)
		return nil
	})
}

// readBoxes reads lines of a picture's number, x, y, width and height.
func readBoxes(r io.Reader, known func(id int) (*bird, error)) error {
	return eachLine(r, func(id int, rest string) error {
		b, err := known(id)
		if err != nil {
			return err
		}
		v, err := floats(rest, 4)
		if err != nil {
			return err
		}
		b.Box, err = newBox(v)
		return err
	})
}

func newBox(v []float64) (Box, error) {
	if !(v[2] > 0 && v[3] > 0) {
		return Box{}, fmt.Errorf("a box %v wide and %v high", v[2], v[3])
	}
	return Box{X: v[0], Y: v[1], Width: v[2], Height: v[3]}, nil
}

// readSplit reads lines of a picture's number and 1, if it is to learn from, or 0.
func readSplit(r io.Reader, known func(id int) (*bird, error)) error {
	return eachLine(r, func(id int, rest string) error {
		b, err := known(id)
		if err != nil {
			return err
		}
		switch rest {
		case "0":
			b.split = caption.Test
		case "1":
			b.split = caption.Train
		default:
			return fmt.Errorf("%.40q, want 0 (held out) or 1 (to learn from)", rest)
		}
		return nil
	})
}

// readParts reads lines of a picture's number, a part's number, x, y and 1, if it is visible, or 0.
func readParts(r io.Reader, order map[int]int, known func(id int) (*bird, error)) error {
	return eachLine(r, func(id int, rest string) error {
		b, err := known(id)
		if err != nil {
			return err
		}
		v, err := floats(rest, 4)
		if err != nil {
			return err
		}
		i, ok := order[int(v[0])]
		switch {
		case !ok || v[0] != math.Trunc(v[0]):
			return fmt.Errorf("part %v is not in parts.txt", v[0])
		case v[3] != 0 && v[3] != 1:
			return fmt.Errorf("visible is %v, want 0 or 1", v[3])
		}
		if b.Parts == nil {
			b.Parts = make([]Part, len(order))
		}
		b.Parts[i] = Part{X: v[1], Y: v[2], Visible: v[3] == 1}
		return nil
	})
}

// floats reads n numbers that are finite and not beyond any picture.
func floats(text string, n int) ([]float64, error) {
	fields := strings.Fields(text)
	if len(fields) != n {
		return nil, fmt.Errorf("%d numbers after the first, want %d", len(fields), n)
	}
	out := make([]float64, n)
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || !(math.Abs(v) <= 1e6) {
			return nil, fmt.Errorf("%.40q is not a number of pixels", f)
		}
		out[i] = v
	}
	return out, nil
}
