package caption

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
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

// NewSet returns a set of records that come from elsewhere than JSON lines. It is an error if one names no picture within the
// folder, or one that another names, or has no caption, or an empty one.
func NewSet(dir string, records []Record) (*Set, error) {
	if len(records) == 0 {
		return nil, fmt.Errorf("caption: %s: no pictures with captions", dir)
	}
	first := make(map[string]bool, len(records))
	for _, r := range records {
		switch {
		case !filepath.IsLocal(filepath.FromSlash(r.File)):
			return nil, fmt.Errorf("caption: %s: %q is not a path within the folder", dir, r.File)
		case first[r.File]:
			return nil, fmt.Errorf("caption: %s: %q is there twice", dir, r.File)
		case len(r.Captions) == 0 || slices.Contains(r.Captions, ""):
			return nil, fmt.Errorf("caption: %s: %q has no caption, or an empty one", dir, r.File)
		}
		first[r.File] = true
	}
	return newSet(dir, records), nil
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
// it names the class, the splits and a picture of each. Records without a class are in no one's way.
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
			return fmt.Errorf("caption: class %q is in the split %q (%s) and in %q (%s); "+
				"a zero-shot test needs splits without a common class", r.Class, f.Split, f.where(), r.Split, r.where())
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
			bad.Errors = append(bad.Errors, r.locate(fmt.Errorf("%s %s", s.Path(i), why)))
		} else {
			bad.More++
		}
	}
	if len(bad.Errors) > 0 {
		return fmt.Errorf("caption: %w", &bad)
	}
	return nil
}

// CheckPictures reads all files of the pictures and returns an error if two of different splits have the same bytes, which
// would make a test one of memory, under whatever names and classes they are.
func (s *Set) CheckPictures() error {
	first := map[[sha256.Size]byte]Record{}
	for i, r := range s.Records {
		sum, err := sumOf(s.Path(i))
		if err != nil {
			return fmt.Errorf("caption: %w", err)
		}
		f, ok := first[sum]
		if !ok {
			first[sum] = r
		} else if f.Split != r.Split {
			return fmt.Errorf("caption: %s of the split %q and %s of %q are the same picture: take one of them out", f.File, f.Split, r.File, r.Split)
		}
	}
	return nil
}

func sumOf(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}

// where says where a record comes from.
func (r Record) where() string {
	if r.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("line %d", r.Line)
}

// locate puts the line before an error, if the record has one. The error names the file.
func (r Record) locate(err error) error {
	if r.Line == 0 {
		return err
	}
	return fmt.Errorf("line %d: %w", r.Line, err)
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
