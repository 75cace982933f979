package caption

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Set is pictures with captions, not yet read.
type Set struct {
	Dir     string // the folder that Record.File is in
	Records []Record
	Classes []string // all names of classes, sorted
}

func newSet(dir string, records []Record) *Set {
	s := &Set{Dir: dir, Records: records}
	for _, r := range records {
		s.Classes = append(s.Classes, r.Class)
	}
	slices.Sort(s.Classes)
	s.Classes = slices.Compact(s.Classes)
	return s
}

// Splits returns the names of the splits, sorted.
func (s *Set) Splits() []string {
	var names []string
	for _, r := range s.Records {
		names = append(names, r.Split)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Split returns the records of one split. Classes stay those of the whole set, so that numbers of classes mean the same in
// every split. It is an error if there are none.
func (s *Set) Split(name string) (*Set, error) {
	part := &Set{Dir: s.Dir, Classes: s.Classes}
	for _, r := range s.Records {
		if r.Split == name {
			part.Records = append(part.Records, r)
		}
	}
	if len(part.Records) == 0 {
		return nil, fmt.Errorf("caption: no picture is in the split %q; there are %s", name, quoted(s.Splits()))
	}
	return part, nil
}

// ClassOf returns the number of a record's class in Classes.
func (s *Set) ClassOf(i int) int {
	k, ok := slices.BinarySearch(s.Classes, s.Records[i].Class)
	if !ok {
		panic(fmt.Sprintf("caption.Set.ClassOf: %q is no class of the set", s.Records[i].Class))
	}
	return k
}

// CheckDisjoint returns an error if a class is in more than one split, which would make a zero-shot test a test of memory:
// it names the class, the splits and a line of each. Records without a class are in no one's way.
func (s *Set) CheckDisjoint() error {
	first := map[string]Record{}
	for _, r := range s.Records {
		f, ok := first[r.Class]
		if r.Class == "" {
			continue
		}
		if !ok {
			first[r.Class] = r
		} else if f.Split != r.Split {
			return fmt.Errorf("caption: class %q is in the split %q (line %d) and in %q (line %d); "+
				"a zero-shot test needs splits without a common class", r.Class, f.Split, f.Line, r.Split, r.Line)
		}
	}
	return nil
}

// CheckFiles returns an error that names the pictures that are not there.
func (s *Set) CheckFiles() error {
	var bad LinesError
	for i, r := range s.Records {
		info, err := os.Stat(s.Path(i))
		if err == nil && info.Mode().IsRegular() {
			continue
		}
		why := "is not a file"
		if errors.Is(err, fs.ErrNotExist) {
			why = "does not exist"
		} else if err != nil {
			why = err.Error()
		}
		if len(bad.Errors) < shownErrors {
			bad.Errors = append(bad.Errors, fmt.Errorf("line %d: %s %s", r.Line, s.Path(i), why))
		} else {
			bad.More++
		}
	}
	if len(bad.Errors) > 0 {
		return fmt.Errorf("caption: %w", &bad)
	}
	return nil
}

// Path returns where the picture of a record is.
func (s *Set) Path(i int) string { return filepath.Join(s.Dir, filepath.FromSlash(s.Records[i].File)) }

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(out, ", ")
}
