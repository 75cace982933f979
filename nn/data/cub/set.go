package cub

import (
	"fmt"
	"image"
	"path/filepath"
	"strings"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Box is a rectangle around a bird, in pixels of the picture.
type Box struct{ X, Y, Width, Height float64 }

// Part is where a part of a bird is, in pixels of the picture.
type Part struct {
	X, Y    float64
	Visible bool
}

// Bird is what is known of a picture beside its class and captions.
type Bird struct {
	ID    int    // its number in images.txt; 0 if there is none
	Box   Box    // of no size if it is not known
	Parts []Part // as in Set.PartNames; nil if they are not known
}

// Set is the pictures with their captions, not yet read, in the order of images.txt. The split of records is caption.Train or
// caption.Test.
type Set struct {
	*caption.Set
	Birds     map[string]Bird // by Record.File; also those of the sets that Split returns
	PartNames []string        // "back", "beak", …; nil if parts are not known
	Repaired  int             // captions in which there was something to repair
}

// PartsOf returns the parts of the bird in a picture by their names, nil if they are not known.
func (s *Set) PartsOf(r caption.Record) map[string]Part {
	b := s.Birds[r.File]
	if b.Parts == nil {
		return nil
	}
	parts := make(map[string]Part, len(b.Parts))
	for i, p := range b.Parts {
		parts[s.PartNames[i]] = p
	}
	return parts
}

// CutToBox returns what caption.LoadOptions.Cut wants to cut out birds: a square around the middle of the box, scale times its
// longer side (1.5 is usual). Where it would stick out it is moved into the picture, and is only as wide or high as the picture.
//
// It is an error if the box of a picture is not known. It panics unless scale is positive.
func (s *Set) CutToBox(scale float64) (func(caption.Record, *tensor.Tensor) *tensor.Tensor, error) {
	if !(scale > 0 && scale <= 1000) {
		panic(fmt.Sprintf("cub.Set.CutToBox: scale %v", scale))
	}
	for _, r := range s.Records {
		if s.Birds[r.File].Box.Width == 0 {
			return nil, fmt.Errorf("cub: %s: the box of %s is not known: bounding_boxes.txt is missing", s.Dir, r.File)
		}
	}
	return func(r caption.Record, x *tensor.Tensor) *tensor.Tensor {
		b := s.Birds[r.File].Box
		side := scale * max(b.Width, b.Height)
		x0, x1 := window(b.X+b.Width/2, side, x.Dim(1))
		y0, y1 := window(b.Y+b.Height/2, side, x.Dim(0))
		return imaging.Crop(x, image.Rect(x0, y0, x1, y1))
	}, nil
}

// window returns where a stretch of a length around a middle begins and ends, within 0 to limit.
func window(middle, length float64, limit int) (from, to int) {
	n := int(min(max(length+0.5, 1), float64(limit)))
	from = int(min(max(middle-float64(n)/2+0.5, 0), float64(limit-n)))
	return from, from + n
}

// Segmentation returns where the bird is in a picture, (H, W, 1) from 0 to 1: the share of people who saw it there. It is an
// error if segmentations/<class>/<picture>.png is neither in the folder of the set nor beside it.
func (s *Set) Segmentation(r caption.Record) (*tensor.Tensor, error) {
	name, ok := strings.CutPrefix(filepath.FromSlash(r.File), "images"+string(filepath.Separator))
	if !ok {
		return nil, fmt.Errorf("cub: %s is no picture of this set", r.File)
	}
	name = strings.TrimSuffix(name, filepath.Ext(name)) + ".png"
	file := filepath.Join(s.Dir, "segmentations", name)
	if beside := filepath.Join(filepath.Dir(filepath.Clean(s.Dir)), "segmentations", name); !exists(file) && exists(beside) {
		file = beside
	}
	m, err := imaging.Open(file, imaging.DecodeOptions{})
	if err != nil {
		return nil, fmt.Errorf("cub: segmentation: %w", err)
	}
	x := m.Pixels
	if x.Dim(2) == 1 {
		return x, nil
	}
	// Pictures of grey with three channels have the same in each.
	grey := tensor.New(x.Dim(0), x.Dim(1), 1)
	for i := range grey.Data() {
		grey.Data()[i] = x.Data()[i*x.Dim(2)]
	}
	return grey, nil
}
