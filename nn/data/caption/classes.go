package caption

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"
)

// Names of splits that [ClassSplit] gives.
const (
	Train = "train"
	Test  = "test"
)

// ClassSplit says which classes are to learn from, and which are held out for zero-shot tests.
type ClassSplit struct{ Train, Test []string }

const (
	maxListBytes = 16 << 20
	maxListLine  = 1 << 12
)

// ReadNames reads a list of classes or files, one a line. Blank lines are passed over; a name that is there twice is an error.
func ReadNames(r io.Reader) ([]string, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxListBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > maxListBytes:
		return nil, fmt.Errorf("more than %d bytes, too many for a list of names", maxListBytes)
	}
	var names []string
	first := map[string]int{}
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(b, []byte("\ufeff"))) {
		number++
		name := string(bytes.TrimSpace(line))
		switch {
		case name == "":
			continue
		case len(name) > maxListLine:
			return nil, fmt.Errorf("line %d: %d bytes, want a name of %d at most", number, len(name), maxListLine)
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("line %d: byte %d is not UTF-8 (0x%02x): save the file as UTF-8", number, invalidAt(line)+1, line[invalidAt(line)])
		case first[name] > 0:
			return nil, fmt.Errorf("line %d: %q is on line %d already", number, name, first[name])
		}
		first[name] = number
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, errors.New("holds no names")
	}
	return names, nil
}

// OpenClassSplit reads two lists of classes, such as trainvalclasses.txt and testclasses.txt of Reed et al., and checks that
// they have no class in common.
func OpenClassSplit(train, test string) (s ClassSplit, err error) {
	for _, l := range []struct {
		path string
		into *[]string
	}{{train, &s.Train}, {test, &s.Test}} {
		f, err := os.Open(l.path)
		if err != nil {
			return s, fmt.Errorf("caption: list of classes: %w", err)
		}
		*l.into, err = ReadNames(f)
		f.Close()
		if err != nil {
			return s, fmt.Errorf("caption: list of classes %s: %w", l.path, err)
		}
	}
	if err := s.Check(); err != nil {
		return s, fmt.Errorf("caption: %s and %s: %w", train, test, err)
	}
	return s, nil
}

// FindClassSplit looks for lists of classes in folders, under the names that Reed et al. gave them: testclasses.txt, and
// trainvalclasses.txt or, without it, trainclasses.txt and, where it is, valclasses.txt. The first folder that has
// testclasses.txt counts; ok is false if none has.
func FindClassSplit(folders ...string) (s ClassSplit, ok bool, err error) {
	for _, dir := range folders {
		test := filepath.Join(dir, "testclasses.txt")
		if _, err := os.Stat(test); err != nil {
			continue
		}
		train := filepath.Join(dir, "trainvalclasses.txt")
		if _, err := os.Stat(train); err == nil {
			s, err = OpenClassSplit(train, test)
			return s, true, err
		}
		if s, err = OpenClassSplit(filepath.Join(dir, "trainclasses.txt"), test); err != nil {
			return s, true, err
		}
		val := filepath.Join(dir, "valclasses.txt")
		if _, err := os.Stat(val); err == nil {
			more, err := OpenClassSplit(val, test)
			if err != nil {
				return s, true, err
			}
			for _, c := range more.Train {
				if !slices.Contains(s.Train, c) {
					s.Train = append(s.Train, c)
				}
			}
		}
		return s, true, nil
	}
	return s, false, nil
}

// RandomClassSplit holds out test of some classes, drawn by a seed from their sorted names: for data sets that come without
// lists. It panics unless there is a class on both sides, and a class is there twice.
func RandomClassSplit(classes []string, test int, seed uint64) ClassSplit {
	if test < 1 || test >= len(classes) {
		panic(fmt.Sprintf("caption.RandomClassSplit: %d of %d classes held out", test, len(classes)))
	}
	order := slices.Sorted(slices.Values(classes))
	if len(slices.Compact(slices.Clone(order))) != len(order) {
		panic("caption.RandomClassSplit: a class is there twice")
	}
	rng := rand.New(rand.NewPCG(seed, 0x636c617373)) // a stream of its own, so that the same seed elsewhere is another one
	rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	s := ClassSplit{Train: order[test:], Test: order[:test]}
	slices.Sort(s.Train)
	slices.Sort(s.Test)
	return s
}

// Check returns an error that names a class that is on both sides.
func (s ClassSplit) Check() error {
	for _, c := range s.Train {
		if slices.Contains(s.Test, c) {
			return fmt.Errorf("class %q is both to learn from and held out; a zero-shot test needs lists without a common class", c)
		}
	}
	return nil
}

// Apply sets the split of records by their class, [Train] or [Test]. It is an error if a class is on both sides or on neither.
func (s ClassSplit) Apply(records []Record) error {
	if err := s.Check(); err != nil {
		return err
	}
	of := map[string]string{}
	for _, c := range s.Train {
		of[c] = Train
	}
	for _, c := range s.Test {
		of[c] = Test
	}
	for i := range records {
		split, ok := of[records[i].Class]
		if !ok {
			return fmt.Errorf("class %q of %s is in neither list of classes: add it to one, or leave its pictures out",
				records[i].Class, records[i].File)
		}
		records[i].Split = split
	}
	return nil
}
