package coco

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gander-ml/gander/nn/data/caption"
)

// Options say what is read. The zero value finds what lies as it was published.
type Options struct {
	Year        string // of the files, such as "2014"; "" takes the year that all files have
	Annotations string // folder with captions_train2014.json and so on; "" is annotations in the folder
	PerPicture  int    // captions of a picture, the first in the file; 0 means all, about five. The GAN's authors took five

	Text     caption.TextOptions // what captions may be
	MaxBytes int64               // of a file; 0 means 1 GiB
	MaxEntry int                 // bytes of what is said about one picture or one caption; 0 means 1 MiB
}

func (o Options) withDefaults() Options {
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	if o.MaxEntry == 0 {
		o.MaxEntry = 1 << 20
	}
	return o
}

// Set is the pictures with their captions, not yet read, in the order of the files. The split of records is "train" or "val";
// they have no class.
type Set struct {
	*caption.Set
	Repaired int // captions in which there was something to repair
}

var names = regexp.MustCompile(`^captions_(train|val)([0-9]{4})\.json$`)

// Open reads all captions_train<year>.json and captions_val<year>.json of a folder's annotations. The pictures are in
// train<year> and val<year> of the folder, or of images in it. Pictures without captions, captions without pictures, and files
// of several years without Options.Year are errors, and so is a picture that is in both files.
func Open(dir string, o Options) (*Set, error) {
	s, err := open(dir, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("coco: %w", err)
	}
	return s, nil
}

func open(dir string, o Options) (*Set, error) {
	if o.Annotations == "" {
		o.Annotations = filepath.Join(dir, "annotations")
	}
	entries, err := os.ReadDir(o.Annotations)
	if err != nil {
		return nil, err
	}
	type part struct{ file, split, year string }
	var parts []part
	var years []string
	for _, e := range entries {
		m := names.FindStringSubmatch(e.Name())
		if m == nil || o.Year != "" && m[2] != o.Year {
			continue
		}
		parts = append(parts, part{filepath.Join(o.Annotations, e.Name()), m[1], m[2]})
		years = append(years, m[2])
	}
	slices.Sort(years)
	switch years = slices.Compact(years); {
	case len(parts) == 0:
		return nil, fmt.Errorf("%s holds no captions_train%s.json or captions_val%[2]s.json", o.Annotations, orYear(o.Year))
	case len(years) > 1:
		return nil, fmt.Errorf("%s holds captions of %s, which share their pictures: choose one by Options.Year", o.Annotations, strings.Join(years, " and "))
	}
	s := &Set{}
	var records []caption.Record
	from := map[string]string{} // the split by the picture's own name
	for _, p := range parts {
		folder, err := picturesIn(dir, p.split+p.year)
		if err != nil {
			return nil, err
		}
		got, repaired, err := openFile(p.file, o)
		if err != nil {
			return nil, err
		}
		s.Repaired += repaired
		for _, r := range got {
			// The name of a picture has its split in 2014, and is a number of its own in all years.
			number := strings.NewReplacer("train", "", "val", "").Replace(r.File)
			if other, ok := from[number]; ok && other != p.split {
				return nil, fmt.Errorf("%s: %s is in the split %q, too: it cannot be both learned from and held out", p.file, r.File, other)
			}
			from[number] = p.split
			r.File, r.Split = path.Join(folder, r.File), p.split
			records = append(records, r)
		}
	}
	s.Set, err = caption.NewSet(dir, records)
	return s, err
}

func orYear(year string) string {
	if year == "" {
		return "2014"
	}
	return year
}

// picturesIn finds the folder of pictures, and returns it as it is seen from dir.
func picturesIn(dir, name string) (string, error) {
	for _, folder := range []string{name, path.Join("images", name)} {
		if info, err := os.Stat(filepath.Join(dir, folder)); err == nil && info.IsDir() {
			return folder, nil
		}
	}
	return "", fmt.Errorf("there is no folder of pictures %s in %s, nor in images there: %w", name, dir, fs.ErrNotExist)
}

func openFile(file string, o Options) ([]caption.Record, int, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, 0, err
	case !info.Mode().IsRegular():
		return nil, 0, fmt.Errorf("%s is not a file", file)
	case info.Size() > o.MaxBytes:
		return nil, 0, fmt.Errorf("%s has %d bytes, the limit is %d (Options.MaxBytes)", file, info.Size(), o.MaxBytes)
	}
	records, repaired, err := Read(f, o)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	return records, repaired, nil
}
