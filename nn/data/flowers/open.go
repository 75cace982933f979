package flowers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/matfile"
	"github.com/gander-ml/gander/nn/data/torch7"
)

// Options say where what belongs to the pictures is, and which are held out. The zero value finds what lies as it was published.
type Options struct {
	Captions string // folder with class_00001 and so on; "" looks for text_c10 in the folder, beside it, and in cvpr2016_flowers there

	// TrainClasses and TestClasses are lists of classes, one a line. "" looks for those of Reed et al. (see
	// caption.FindClassSplit) in the folder, beside it, and beside the captions. Without any, HeldOut classes that are drawn by
	// Seed are held out.
	TrainClasses, TestClasses string
	HeldOut                   int    // classes; 0 means a fifth, 20 of 102
	Seed                      uint64 // of the classes that are held out

	// Published takes the split by pictures of setid.mat instead, "train", "val" and "test". It has every class in each: no
	// zero-shot test.
	Published bool

	Text  caption.TextOptions // what captions may be
	Mat   matfile.Options     // limits of imagelabels.mat and setid.mat
	Torch torch7.Options      // limits of captions in .t7 files
	Lines caption.Options     // limits of a captions.jsonl
}

// Set is the pictures with their captions, not yet read, in the order of their numbers.
type Set struct {
	*caption.Set
	Repaired int // captions in which there was something to repair
}

// Open reads what there is about the pictures of a folder, jpg/image_00001.jpg and so on, and their captions. Those of picture
// 1 of class 77 are one a line in class_00077/image_00001.txt; or they are letters in class_00077/image_00001.t7 or, with those
// of all pictures of the class, in class_00077.t7 (see torch7.EntryOf and torch7.Sentences). Classes are named as these folders.
//
// A folder without imagelabels.mat may hold a captions.jsonl, as other sets of flowers do. Its splits count if there are no
// lists of classes.
//
// A picture without captions is an error, and so is a class that is both to learn from and held out.
func Open(dir string, o Options) (*Set, error) {
	if o.HeldOut < 0 {
		panic(fmt.Sprintf("flowers.Open: %d classes held out", o.HeldOut))
	}
	s, err := open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("flowers: %w", err)
	}
	return s, nil
}

func open(dir string, o Options) (*Set, error) {
	switch {
	case exists(dir, "imagelabels.mat"):
		return oxford(dir, o)
	case exists(dir, "captions.jsonl"):
		return lines(dir, o)
	case !exists(dir):
		return nil, fmt.Errorf("%s: %w", dir, fs.ErrNotExist)
	}
	return nil, fmt.Errorf("%s has neither imagelabels.mat nor captions.jsonl: it is no set of flowers", dir)
}

// oxford reads the set as it was published.
func oxford(dir string, o Options) (*Set, error) {
	labels, err := openLabels(filepath.Join(dir, "imagelabels.mat"), o.Mat)
	if err != nil {
		return nil, err
	}
	text, err := o.captions(dir)
	if err != nil {
		return nil, err
	}
	s := &Set{}
	records := make([]caption.Record, len(labels))
	for i, k := range labels {
		records[i] = caption.Record{File: fmt.Sprintf("jpg/image_%05d.jpg", i+1), Class: fmt.Sprintf("class_%05d", k)}
	}
	if s.Repaired, err = (reader{dir: text, text: o.Text, torch: o.Torch}).read(records); err != nil {
		return nil, err
	}
	if s.Set, err = caption.NewSet(dir, records); err != nil {
		return nil, err
	}
	if o.Published {
		return s, openSplit(filepath.Join(dir, "setid.mat"), o.Mat, s.Records)
	}
	split, ok, err := o.lists(dir, filepath.Dir(filepath.Clean(dir)), filepath.Dir(filepath.Clean(text)))
	if err != nil {
		return nil, err
	}
	if !ok {
		if split, err = o.draw(s.Classes); err != nil {
			return nil, err
		}
	}
	if err := split.Apply(s.Records); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return s, nil
}

// lines reads a set with a captions.jsonl.
func lines(dir string, o Options) (*Set, error) {
	if o.Published {
		return nil, fmt.Errorf("%s has no setid.mat, which Options.Published wants", dir)
	}
	set, err := caption.Open(dir, o.Lines)
	if err != nil {
		return nil, err
	}
	s := &Set{Set: set}
	split, ok, err := o.lists(dir)
	if err != nil {
		return nil, err
	}
	if !ok {
		if splits := s.Splits(); len(splits) > 1 || splits[0] != "" {
			return s, s.CheckDisjoint()
		}
		if split, err = o.draw(s.Classes); err != nil {
			return nil, err
		}
	}
	if err := split.Apply(s.Records); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return s, nil
}

// captions finds the folder of the captions.
func (o Options) captions(dir string) (string, error) {
	if o.Captions != "" {
		if !exists(o.Captions) {
			return "", fmt.Errorf("captions: %s: %w", o.Captions, fs.ErrNotExist)
		}
		return o.Captions, nil
	}
	for _, base := range []string{dir, filepath.Dir(filepath.Clean(dir))} {
		for _, name := range []string{"text_c10", filepath.Join("cvpr2016_flowers", "text_c10")} {
			if exists(base, name) {
				return filepath.Join(base, name), nil
			}
		}
	}
	return "", fmt.Errorf("no captions: there is no folder text_c10 in %s or beside it; name it in Options.Captions", dir)
}

// lists reads which classes are held out; ok is false if nothing says so.
func (o Options) lists(folders ...string) (s caption.ClassSplit, ok bool, err error) {
	switch {
	case o.TrainClasses != "" && o.TestClasses != "":
		s, err = caption.OpenClassSplit(o.TrainClasses, o.TestClasses)
		return s, true, err
	case o.TrainClasses != "" || o.TestClasses != "":
		return s, false, errors.New("one list of classes alone: set both Options.TrainClasses and Options.TestClasses")
	}
	return caption.FindClassSplit(folders...)
}

func (o Options) draw(classes []string) (caption.ClassSplit, error) {
	held := o.HeldOut
	if held == 0 {
		held = max(1, len(classes)/5)
	}
	if held >= len(classes) {
		return caption.ClassSplit{}, fmt.Errorf("%d classes held out of %d: want some on both sides (Options.HeldOut)", held, len(classes))
	}
	return caption.RandomClassSplit(classes, held, o.Seed), nil
}

func exists(parts ...string) bool {
	_, err := os.Stat(filepath.Join(parts...))
	return err == nil
}
