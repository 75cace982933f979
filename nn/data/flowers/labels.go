package flowers

import (
	"fmt"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/matfile"
)

// maxClass is what class_00001 has digits for.
const maxClass = 99999

// openLabels reads the class of each picture, from 1.
func openLabels(path string, o matfile.Options) ([]int, error) {
	f, err := matfile.Open(path, o)
	if err != nil {
		return nil, err
	}
	labels, err := labelsOf(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return labels, nil
}

func labelsOf(f *matfile.File) ([]int, error) {
	labels, err := arrayInts(f, "labels")
	if err != nil {
		return nil, err
	}
	for i, k := range labels {
		if k < 1 || k > maxClass {
			return nil, fmt.Errorf("picture %d has the class %d, want 1 to %d", i+1, k, maxClass)
		}
	}
	return labels, nil
}

// openSplit sets the splits that setid.mat gives.
func openSplit(path string, o matfile.Options, records []caption.Record) error {
	f, err := matfile.Open(path, o)
	if err != nil {
		return err
	}
	if err := setSplit(f, records); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// setSplit sets the splits of records by lists of their numbers, each of which must be in one list.
func setSplit(f *matfile.File, records []caption.Record) error {
	for _, l := range []struct{ array, split string }{{"trnid", caption.Train}, {"valid", "val"}, {"tstid", caption.Test}} {
		ids, err := arrayInts(f, l.array)
		if err != nil {
			return err
		}
		for _, id := range ids {
			switch {
			case id < 1 || id > len(records):
				return fmt.Errorf("%q names picture %d of %d", l.array, id, len(records))
			case records[id-1].Split != "":
				return fmt.Errorf("picture %d is in the split %q and in %q", id, records[id-1].Split, l.split)
			}
			records[id-1].Split = l.split
		}
	}
	for i, r := range records {
		if r.Split == "" {
			return fmt.Errorf("picture %d is in none of trnid, valid and tstid", i+1)
		}
	}
	return nil
}

func arrayInts(f *matfile.File, name string) ([]int, error) {
	a, err := f.Array(name)
	if err != nil {
		return nil, err
	}
	if len(a.Data) == 0 {
		return nil, fmt.Errorf("%q holds no numbers", name)
	}
	return a.Ints()
}
