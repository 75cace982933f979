package flowers

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/torch7"
)

// reader reads captions by their classes and the names of their pictures.
type reader struct {
	dir   string
	text  caption.TextOptions
	torch torch7.Options
}

// read fills in the captions of all records, and returns how many were repaired.
func (r reader) read(records []caption.Record) (repaired int, err error) {
	classes := map[string][]int{} // the records of each class, in their order
	for i, rec := range records {
		classes[rec.Class] = append(classes[rec.Class], i)
	}
	done := map[string]bool{}
	for i := range records {
		rec := &records[i]
		if done[rec.Class] {
			continue
		}
		stem := strings.TrimSuffix(path.Base(rec.File), path.Ext(rec.File))
		text, entry := filepath.Join(r.dir, rec.Class, stem+".txt"), filepath.Join(r.dir, rec.Class, stem+".t7")
		var n int
		switch whole := filepath.Join(r.dir, rec.Class+".t7"); {
		case exists(text):
			rec.Captions, n, err = caption.OpenText(text, r.text)
		case exists(entry):
			rec.Captions, err = r.entry(entry)
		case exists(whole):
			done[rec.Class] = true
			n, err = r.class(whole, records, classes[rec.Class])
		default:
			err = fmt.Errorf("%s has no captions: there is neither %s, nor %s.t7, nor %s", rec.File, text, stem, whole)
		}
		if err != nil {
			return 0, err
		}
		repaired += n
	}
	return repaired, nil
}

// entry reads the captions of one picture from a table.
func (r reader) entry(file string) ([]string, error) {
	v, err := torch7.Open(file, r.torch)
	if err != nil {
		return nil, err
	}
	e, err := torch7.EntryOf(v)
	if err == nil && len(e.Captions) == 0 {
		err = errors.New(`there is no "char", or all its captions are empty`)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return e.Captions, nil
}

// class reads the captions of all pictures of a class, which are records at some places.
func (r reader) class(file string, records []caption.Record, at []int) (repaired int, err error) {
	v, err := torch7.Open(file, r.torch)
	if err != nil {
		return 0, err
	}
	x, ok := v.(*torch7.Tensor)
	if !ok || len(x.Shape) != 3 {
		return 0, fmt.Errorf("%s holds no tensor (pictures, letters, captions)", file)
	}
	if x.Shape[0] != len(at) {
		return 0, fmt.Errorf("%s has captions of %d pictures; the class has %d", file, x.Shape[0], len(at))
	}
	all, err := torch7.Sentences(x)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", file, err)
	}
	for i, sentences := range all {
		rec := &records[at[i]]
		for j, s := range sentences {
			c, mended, err := r.text.Caption([]byte(s))
			if err != nil {
				return 0, fmt.Errorf("%s: caption %d of picture %d (%s) %w", file, j+1, i+1, rec.File, err)
			}
			if mended {
				repaired++
			}
			if c != "" {
				rec.Captions = append(rec.Captions, c)
			}
		}
		if len(rec.Captions) == 0 {
			return 0, fmt.Errorf("%s: picture %d (%s) has no captions", file, i+1, rec.File)
		}
	}
	return repaired, nil
}
