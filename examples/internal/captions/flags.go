// Package captions is how example programs are told where pictures with captions are, and reads them.
package captions

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gander-ml/gander/examples/internal/cli"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/nn/data/coco"
	"github.com/gander-ml/gander/nn/data/cub"
	"github.com/gander-ml/gander/nn/data/flowers"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/nn/data/synthetic"
	"github.com/gander-ml/gander/tensor"
)

// Formats of folders of pictures with captions.
const (
	formatJSONL   = "jsonl"
	formatCUB     = "cub"
	formatFlowers = "flowers"
	formatCOCO    = "coco"
)

// Parts of pictures that are taken.
const (
	cutMiddle = "middle"
	cutWhole  = "whole"
	cutBox    = "box"
)

// boxScale is how much larger than the longer side of a bird's box the square is that is cut out.
const boxScale = 1.5

// Flags say where pictures with captions come from.
type Flags struct {
	Dir, format, field string
	Drawn, most        int

	captions, trainClasses, testClasses string
	heldOut                             int
	year, cut                           string
	repair                              bool
}

// Define makes command-line flags of them. Without a folder, so many things are drawn, such as "coloured shapes".
func (d *Flags) Define(flags *flag.FlagSet, things string, drawn int) {
	flags.StringVar(&d.Dir, "data", "", "`folder` of pictures with captions; without it, "+things+" are drawn")
	flags.StringVar(&d.format, "format", formatJSONL, "`what` the folder holds: jsonl, pictures with a captions.jsonl; cub, CUB-200-2011; "+
		"flowers, Oxford-102; or coco, MS-COCO, which has no classes and wants -pairs picture")
	flags.StringVar(&d.field, "field", "", "`name` of the JSON field with a picture's path, for jsonl; \"file\" if not given")
	flags.StringVar(&d.captions, "captions", "", "`folder` of the captions (text_c10), for cub and flowers; if not given, in that of the pictures or beside it")
	flags.StringVar(&d.trainClasses, "train-classes", "", "`file` with the classes to learn from, one a line, for cub and flowers; if not given, "+
		"trainvalclasses.txt or trainclasses.txt in the folder, beside it, or beside the captions")
	flags.StringVar(&d.testClasses, "test-classes", "", "`file` with the classes that are held out; if not given, testclasses.txt there")
	flags.IntVar(&d.heldOut, "held-out", 0, "classes that are held out, drawn at random, if there is no testclasses.txt; 0 means a quarter for cub and a fifth for flowers")
	flags.StringVar(&d.year, "year", "", "`year` of the files, for coco, if there are several")
	flags.StringVar(&d.cut, "cut", "", "the `part` that is taken of a picture: middle, the largest square there; whole, all of it, squeezed, as published; "+
		"or box, a square around the bird, for cub; if not given, middle for jsonl and whole for the others")
	flags.BoolVar(&d.repair, "repair", false, "put spaces for bytes of captions that are not UTF-8, and leave out empty captions, for cub, flowers and coco; "+
		"otherwise they are errors")
	flags.IntVar(&d.most, "most", 0, "take so many pictures at most, spread over the set; 0 means all")
	flags.IntVar(&d.Drawn, "drawn", drawn, "how many "+things+" are drawn to learn from")
}

// Check returns an error of package cli if the flags contradict each other.
func (d *Flags) Check() error {
	known := []string{formatJSONL, formatCUB, formatFlowers, formatCOCO}
	switch {
	case !slices.Contains(known, d.format):
		return cli.Usage(fmt.Sprintf("no format %q; there are %s", d.format, strings.Join(known, ", ")))
	case d.Dir == "" && d.format != formatJSONL:
		return cli.Usage(fmt.Sprintf("-format %s needs -data, the folder with it", d.format))
	case d.Dir == "" && d.Drawn < 100:
		return cli.Usage("-drawn must be at least 100")
	case d.most < 0 || d.most == 1:
		return cli.Usage("-most must be at least 2, or 0 for all pictures")
	case d.heldOut < 0:
		return cli.Usage("-held-out must not be negative")
	case (d.trainClasses == "") != (d.testClasses == ""):
		return cli.Usage("-train-classes and -test-classes go together")
	case !slices.Contains([]string{"", cutMiddle, cutWhole, cutBox}, d.cut):
		return cli.Usage(fmt.Sprintf("-cut is middle, whole or box, not %q", d.cut))
	}
	classes := []string{formatCUB, formatFlowers}
	for _, f := range []struct {
		name    string
		set     bool
		formats []string
	}{
		{"-field", d.field != "", []string{formatJSONL}},
		{"-captions", d.captions != "", classes},
		{"-train-classes", d.trainClasses != "", classes},
		{"-held-out", d.heldOut != 0, classes},
		{"-year", d.year != "", []string{formatCOCO}},
		{"-cut box", d.cut == cutBox, []string{formatCUB}},
		{"-repair", d.repair, []string{formatCUB, formatFlowers, formatCOCO}},
	} {
		if f.set && !slices.Contains(f.formats, d.format) {
			return cli.Usage(fmt.Sprintf("%s is for -format %s, not %s", f.name, strings.Join(f.formats, " or "), d.format))
		}
	}
	return nil
}

// Corpus is pictures to learn from and pictures that are held out, of other classes.
type Corpus struct {
	Name        string
	Learn, Held *caption.Pictures // Held is nil if there are none
}

// Load reads the pictures and makes them side×side.
func (d *Flags) Load(side int) (c Corpus, err error) {
	if d.Dir == "" {
		c.Name = "drawn shapes"
		c.Learn, c.Held = synthetic.CaptionedShapes(d.Drawn, 1, synthetic.ShapeOptions{Side: side})
		return c, nil
	}
	c.Name = filepath.Base(filepath.Clean(d.Dir))
	set, cut, err := d.open()
	if err != nil {
		if errors.Is(err, caption.ErrBroken) && !d.repair {
			err = fmt.Errorf("%w (-repair)", err)
		}
		return c, err
	}
	return d.split(c, set, caption.LoadOptions{Size: side, Cut: cut})
}

// open reads what there is about the pictures, and says what is taken of them.
func (d *Flags) open() (set *caption.Set, cut func(caption.Record, *tensor.Tensor) *tensor.Tensor, err error) {
	if d.cut == cutWhole || d.cut == "" && d.format != formatJSONL {
		cut = caption.Whole
	}
	text := caption.TextOptions{Repair: d.repair}
	repaired := 0
	switch d.format {
	case formatCUB:
		birds, err := cub.Open(d.Dir, cub.Options{Captions: d.captions, TrainClasses: d.trainClasses, TestClasses: d.testClasses, HeldOut: d.heldOut, Text: text})
		if err != nil {
			return nil, nil, err
		}
		if d.cut == cutBox {
			if cut, err = birds.CutToBox(boxScale); err != nil {
				return nil, nil, err
			}
		}
		set, repaired = birds.Set, birds.Repaired
	case formatFlowers:
		o := flowers.Options{Captions: d.captions, TrainClasses: d.trainClasses, TestClasses: d.testClasses, HeldOut: d.heldOut, Text: text}
		s, err := flowers.Open(d.Dir, o)
		if err != nil {
			return nil, nil, err
		}
		set, repaired = s.Set, s.Repaired
	case formatCOCO:
		s, err := coco.Open(d.Dir, coco.Options{Year: d.year, Text: text})
		if err != nil {
			return nil, nil, err
		}
		set, repaired = s.Set, s.Repaired
		// The published pictures for testing have no captions; those for validation stand in.
		for i := range set.Records {
			if set.Records[i].Split == "val" {
				set.Records[i].Split = caption.Test
			}
		}
	default:
		set, err = caption.Open(d.Dir, caption.Options{FileField: d.field})
	}
	if repaired > 0 {
		fmt.Fprintf(os.Stderr, "%s: captions repaired or left out: %d\n", d.Dir, repaired)
	}
	return set, cut, err
}

// split reads the records of a set: those of the split "test" are held out, and those of all others are to learn from.
func (d *Flags) split(c Corpus, set *caption.Set, o caption.LoadOptions) (Corpus, error) {
	if err := set.CheckDisjoint(); err != nil {
		fmt.Fprintf(os.Stderr, "figures of held-out pictures will not be those of classes never seen: %v\n", err)
	}
	learn := &caption.Set{Dir: set.Dir, Classes: set.Classes}
	held := &caption.Set{Dir: set.Dir, Classes: set.Classes}
	for _, r := range set.Records {
		if r.Split == caption.Test {
			held.Records = append(held.Records, r)
		} else {
			learn.Records = append(learn.Records, r)
		}
	}
	if len(learn.Records) < 2 {
		return c, fmt.Errorf("%s has %d pictures to learn from, beside those of the split \"test\"; want two or more", d.Dir, len(learn.Records))
	}
	var err error
	learn.Records, held.Records = Spread(learn.Records, d.most), Spread(held.Records, d.most)
	if c.Learn, err = learn.Load(o); err != nil {
		return c, err
	}
	if len(held.Records) > 0 {
		c.Held, err = held.Load(o)
	}
	return c, err
}

// Spread returns up to most of some things, evenly spread; 0 means all.
func Spread[T any](all []T, most int) []T {
	if most == 0 || len(all) <= most {
		return all
	}
	some := make([]T, most)
	for i := range some {
		some[i] = all[i*len(all)/most]
	}
	return some
}

// All returns the pictures to learn from together with those held out.
func (c Corpus) All() (*caption.Pictures, error) {
	if c.Held == nil {
		return c.Learn, nil
	}
	images, err := labelled.Concat(c.Learn.Images, c.Held.Images)
	if err != nil {
		return nil, err
	}
	return &caption.Pictures{
		Images:   images,
		Captions: append(append([][]string(nil), c.Learn.Captions...), c.Held.Captions...),
		Files:    append(append([]string(nil), c.Learn.Files...), c.Held.Files...),
	}, nil
}

// Short returns the beginning of a caption, for the labels of a sheet.
func Short(caption string, most int) string {
	caption = strings.Join(strings.Fields(strings.ToValidUTF8(caption, "?")), " ")
	if r := []rune(caption); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return caption
}
