package cub

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/nn/data/caption"
)

// Options say where what belongs to the pictures is, and which are held out. The zero value finds what lies as it was published.
type Options struct {
	Captions string // folder with <class>/<picture>.txt; "" looks for text_c10 in the folder, beside it, and in cvpr2016_cub there

	// TrainClasses and TestClasses are lists of classes, one a line. "" looks for those of Reed et al. (see
	// caption.FindClassSplit) in the folder, beside it, and beside the captions. Without any, HeldOut classes that are drawn by
	// Seed are held out.
	TrainClasses, TestClasses string
	HeldOut                   int    // classes; 0 means a quarter, 50 of 200
	Seed                      uint64 // of the classes that are held out

	// Published takes the split by pictures of train_test_split.txt instead. It has every class on both sides: no zero-shot test.
	Published bool

	Text     caption.TextOptions // what captions may be; the published ones need Repair
	MaxBytes int64               // of a text file with a line for each picture or part; 0 means 64 MiB
}

// Open reads what there is about the pictures of a folder, and their captions: images.txt with image_class_labels.txt and
// classes.txt, and as far as they are there bounding_boxes.txt, parts and segmentations. dir may be the folder above.
//
// A folder without images.txt may hold images/<class>/<picture> alone, as parts of the set are passed on; boxes are then from
// the "bbox" (x, y, width, height) of a captions.jsonl beside, if there is one.
//
// A picture without captions is an error, and so is a class that is both to learn from and held out.
func Open(dir string, o Options) (*Set, error) {
	s, err := open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("cub: %w", err)
	}
	return s, nil
}

func open(dir string, o Options) (*Set, error) {
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.HeldOut < 0 {
		panic(fmt.Sprintf("cub.Open: %d classes held out", o.HeldOut))
	}
	if !exists(dir) {
		return nil, fmt.Errorf("%s: %w", dir, fs.ErrNotExist)
	}
	inner := filepath.Join(dir, "CUB_200_2011")
	if !exists(dir, "images.txt") && exists(inner, "images.txt") {
		dir = inner
	}
	var birds []bird
	var err error
	s := &Set{Birds: map[string]Bird{}}
	switch {
	case exists(dir, "images.txt"):
		birds, s.PartNames, err = tables(dir, o)
	case exists(dir, "images"):
		birds, err = folders(dir, o)
	default:
		return nil, fmt.Errorf("%s has neither images.txt nor a folder images: it is not CUB-200-2011", dir)
	}
	if err != nil {
		return nil, err
	}
	text, err := o.captions(dir)
	if err != nil {
		return nil, err
	}
	records := make([]caption.Record, len(birds))
	for i, b := range birds {
		// The names are from a file, and say which others are read.
		if !filepath.IsLocal(filepath.FromSlash(b.file)) {
			return nil, fmt.Errorf("%q is not a path within the folder of pictures", b.file)
		}
		file := strings.TrimSuffix(b.file, path.Ext(b.file)) + ".txt"
		captions, repaired, err := caption.OpenText(filepath.Join(text, filepath.FromSlash(file)), o.Text)
		if err != nil {
			return nil, err
		}
		s.Repaired += repaired
		name := path.Join("images", b.file)
		records[i] = caption.Record{File: name, Class: b.class, Split: b.split, Captions: captions}
		s.Birds[name] = b.Bird
	}
	if s.Set, err = caption.NewSet(dir, records); err != nil {
		return nil, err
	}
	if o.Published {
		if birds[0].split == "" {
			return nil, fmt.Errorf("%s has no train_test_split.txt, which Options.Published wants", dir)
		}
		return s, nil
	}
	split, err := o.split(s.Classes, dir, filepath.Dir(filepath.Clean(dir)), filepath.Dir(filepath.Clean(text)))
	if err != nil {
		return nil, err
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
		for _, name := range []string{"text_c10", filepath.Join("cvpr2016_cub", "text_c10")} {
			if exists(base, name) {
				return filepath.Join(base, name), nil
			}
		}
	}
	return "", fmt.Errorf("no captions: there is no folder text_c10 in %s or beside it; name it in Options.Captions", dir)
}

// split finds out which classes are held out.
func (o Options) split(classes []string, folders ...string) (caption.ClassSplit, error) {
	switch {
	case o.TrainClasses != "" && o.TestClasses != "":
		return caption.OpenClassSplit(o.TrainClasses, o.TestClasses)
	case o.TrainClasses != "" || o.TestClasses != "":
		return caption.ClassSplit{}, errors.New("one list of classes alone: set both Options.TrainClasses and Options.TestClasses")
	}
	split, ok, err := caption.FindClassSplit(folders...)
	if ok || err != nil {
		return split, err
	}
	held := o.HeldOut
	if held == 0 {
		held = max(1, len(classes)/4)
	}
	if held >= len(classes) {
		return split, fmt.Errorf("%d classes held out of %d: want some on both sides (Options.HeldOut)", held, len(classes))
	}
	return caption.RandomClassSplit(classes, held, o.Seed), nil
}

func exists(parts ...string) bool {
	_, err := os.Stat(filepath.Join(parts...))
	return err == nil
}
