package charcnnrnn

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/tensor"
)

// SamplerOptions are the choices of [NewSampler]. The zero value is the published recipe, with random views of 64×64 pixels.
type SamplerOptions struct {
	Batch  int // pictures in a batch; 0 means 40
	Length int // characters of a caption; 0 means 201

	// ByPicture takes other pictures for wrong ones, whatever their class. It is for sets whose classes are few or broad.
	ByPicture bool

	// Features stand for the pictures: (pictures, views, E), as [Features] makes them. In each draw a view is taken at random.
	Features *tensor.Tensor
	// Paraphrases takes another caption of the same picture in place of the picture, for [COCO].
	Paraphrases bool

	Size     int     // side of the pictures; 0 means 64
	Whole    bool    // take the whole picture; otherwise a random view, out of a picture enlarged by up to 76/64, or mirrored
	NoMirror bool    // views are not mirrored
	Reword   float64 // how often a caption is put in other words, see [Reworder]
}

// Sampler is a source of batches for [Joint].
type Sampler struct {
	opts     SamplerOptions
	pictures *caption.Pictures
	classes  [][]int               // the pictures of each class that has some
	known    []map[string]struct{} // the captions of each picture, in small letters
	reworder *Reworder             // nil if captions stay as they are
}

// NewSampler returns a source of batches of distinct classes, drawn uniformly, with a random picture of each and a random
// caption of that; or of distinct pictures. No caption of a batch is also one of another picture in it, since the loss would
// call it wrong there. It is an error if there are too few classes or pictures, or a picture has no caption, or only one and
// Paraphrases is set.
func NewSampler(p *caption.Pictures, o SamplerOptions) (*Sampler, error) {
	o.Batch, o.Length, o.Size = either(o.Batch, 40), either(o.Length, Length), either(o.Size, 64)
	s := &Sampler{opts: o, pictures: p, known: make([]map[string]struct{}, len(p.Captions))}
	least := 1
	if o.Paraphrases {
		least = 2
	}
	for i, cs := range p.Captions {
		if len(cs) < least {
			return nil, fmt.Errorf("charcnnrnn: picture %d has %d captions; want at least %d", i, len(cs), least)
		}
		s.known[i] = map[string]struct{}{}
		for _, c := range cs {
			s.known[i][strings.ToLower(c)] = struct{}{}
		}
	}
	if err := s.checkImages(); err != nil {
		return nil, err
	}
	if o.Reword > 0 {
		s.reworder = NewReworder(p.Captions)
	}
	if o.ByPicture || o.Paraphrases {
		if len(p.Captions) < o.Batch {
			return nil, fmt.Errorf("charcnnrnn: %d pictures cannot fill a batch of %d", len(p.Captions), o.Batch)
		}
		return s, nil
	}
	if p.Images == nil || p.Images.Labels == nil {
		return nil, fmt.Errorf("charcnnrnn: pictures without classes; set ByPicture to take other pictures for wrong ones")
	}
	s.classes = byClass(p.Images.Labels)
	if len(s.classes) < o.Batch {
		return nil, fmt.Errorf("charcnnrnn: %d classes cannot fill a batch of %d; make it smaller, or set ByPicture to take other pictures for wrong ones",
			len(s.classes), o.Batch)
	}
	return s, nil
}

func (s *Sampler) checkImages() error {
	p, o := s.pictures, s.opts
	switch {
	case o.Batch < 2 || o.Length < 1 || o.Size < 1:
		return fmt.Errorf("charcnnrnn: batches of %d, %d characters, %d pixels", o.Batch, o.Length, o.Size)
	case o.Paraphrases:
		return nil
	case o.Features != nil && (o.Features.Rank() != 3 || o.Features.Dim(0) != len(p.Captions) || o.Features.Dim(1) < 1):
		return fmt.Errorf("charcnnrnn: features %s for %d pictures; want (pictures, views, E)", tensor.Format(o.Features.Shape()), len(p.Captions))
	case o.Features != nil:
		return nil
	case p.Images == nil || p.Images.Len() != len(p.Captions) || p.Images.Channels != 3:
		return fmt.Errorf("charcnnrnn: want a picture of 3 channels for each of %d lists of captions", len(p.Captions))
	}
	return nil
}

// byClass returns the indices of each class that occurs, in the order of the classes.
func byClass(labels []int) [][]int {
	most := -1
	for _, k := range labels {
		most = max(most, k)
	}
	all := make([][]int, most+1)
	for i, k := range labels {
		if k >= 0 {
			all[k] = append(all[k], i)
		}
	}
	var out [][]int
	for _, c := range all {
		if len(c) > 0 {
			out = append(out, c)
		}
	}
	return out
}

// drawn is a picture with the caption that was drawn, and what that was reworded to.
type drawn struct {
	picture, caption int
	words            string
}

// tries is how often another caption, or another picture of the class, is drawn where the first goes with a picture that is
// already in the batch.
const tries = 8

// Batch implements data.Source.
func (s *Sampler) Batch(_ int, rng *rand.Rand) (Batch, error) {
	var order []int // of classes, or of pictures
	if s.classes != nil {
		order = rng.Perm(len(s.classes))
	} else {
		order = rng.Perm(len(s.known))
	}
	var items []drawn
	for _, k := range order {
		for range tries {
			i := k
			if s.classes != nil {
				i = s.classes[k][rng.IntN(len(s.classes[k]))]
			}
			if d := s.draw(i, rng); !s.clashes(d, items) {
				items = append(items, d)
				break
			}
		}
		if len(items) == s.opts.Batch {
			return s.assemble(items, rng)
		}
	}
	return Batch{}, fmt.Errorf("charcnnrnn: found no more than %d pictures for a batch of %d, of which no two share a caption",
		len(items), s.opts.Batch)
}

func (s *Sampler) draw(i int, rng *rand.Rand) drawn {
	d := drawn{picture: i, caption: rng.IntN(len(s.pictures.Captions[i]))}
	d.words = s.reword(s.pictures.Captions[i][d.caption], rng)
	return d
}

func (s *Sampler) reword(caption string, rng *rand.Rand) string {
	caption = strings.ToLower(caption)
	if s.reworder != nil && chance(rng, s.opts.Reword) {
		return s.reworder.Say(caption, rng)
	}
	return caption
}

// clashes reports whether a caption goes with another picture of the batch, or one of those with this picture.
func (s *Sampler) clashes(d drawn, items []drawn) bool {
	for _, other := range items {
		if d.words == other.words || s.fits(d, other.picture) || s.fits(other, d.picture) {
			return true
		}
	}
	return false
}

func (s *Sampler) fits(d drawn, picture int) bool {
	_, reworded := s.known[picture][d.words]
	_, original := s.known[picture][strings.ToLower(s.pictures.Captions[d.picture][d.caption])]
	return reworded || original
}

func (s *Sampler) assemble(items []drawn, rng *rand.Rand) (Batch, error) {
	words := make([]string, len(items))
	for i, d := range items {
		words[i] = d.words
	}
	b := Batch{Texts: OneHot(words, s.opts.Length)}
	switch {
	case s.opts.Paraphrases:
		for i, d := range items {
			cs := s.pictures.Captions[d.picture]
			another := (d.caption + 1 + rng.IntN(len(cs)-1)) % len(cs)
			words[i] = s.reword(cs[another], rng)
		}
		b.Images = OneHot(words, s.opts.Length)
	case s.opts.Features != nil:
		views, width := s.opts.Features.Dim(1), s.opts.Features.Dim(2)
		b.Images = tensor.New(len(items), width)
		for i, d := range items {
			row := s.opts.Features.Rows(d.picture, d.picture+1).Reshape(views, width)
			k := rng.IntN(views)
			copy(b.Images.Rows(i, i+1).Data(), row.Rows(k, k+1).Data())
		}
	default:
		side := s.opts.Size
		b.Images = tensor.New(len(items), side, side, 3)
		for i, d := range items {
			e, err := s.pictures.Images.At(d.picture)
			if err != nil {
				return Batch{}, err
			}
			view := e.Image
			if s.opts.Whole {
				view = resized(view, side)
			} else {
				view = randomView(view, side, !s.opts.NoMirror, rng)
			}
			tensor.AffineInto(b.Images.Rows(i, i+1), view.Reshape(1, side, side, 3), 2, -1)
		}
	}
	return b, nil
}
