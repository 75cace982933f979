package draw

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/caption"
	"github.com/gander-ml/gander/tensor"
)

// CaptionedOptions are the choices of [NewCaptioned].
type CaptionedOptions struct {
	// Shortest and Longest bound the words of the captions that are taken; 0 means 1 and 256. Mansimov et al. 2016 take 7 to 29
	// for MS-COCO.
	Shortest, Longest int

	// Vectors are what the captions of each picture are for a model that paints from a [Sentence], (K,S) for K captions. Then no
	// vocabulary is needed.
	Vectors []*tensor.Tensor
}

// Captioned is pictures with captions to learn from, in batches whose captions have the same number of words.
type Captioned struct {
	pictures *caption.Pictures
	vectors  []*tensor.Tensor
	pairs    []pair
	byLength map[int][]int // indices of pairs
	left     int
}

// pair is a picture with one of its captions.
type pair struct {
	picture, caption int
	words            []int
}

// NewCaptioned returns the set. It is an error if no caption is of a length that is wanted or is known to the vocabulary.
func NewCaptioned(p *caption.Pictures, v Vocabulary, o CaptionedOptions) (*Captioned, error) {
	if o.Shortest == 0 {
		o.Shortest = 1
	}
	if o.Longest == 0 {
		o.Longest = longest
	}
	if o.Vectors != nil && len(o.Vectors) != p.Len() {
		panic(fmt.Sprintf("draw.NewCaptioned: vectors of %d pictures for %d", len(o.Vectors), p.Len()))
	}
	c := &Captioned{pictures: p, vectors: o.Vectors, byLength: map[int][]int{}}
	index := v.index()
	for i, captions := range p.Captions {
		for k, text := range captions {
			var words []int
			known := o.Vectors != nil
			if !known {
				for _, w := range Words(text) {
					words = append(words, index[w])
					known = known || index[w] > 0
				}
			}
			if !known || words != nil && (len(words) < o.Shortest || len(words) > o.Longest) {
				c.left++
				continue
			}
			c.byLength[len(words)] = append(c.byLength[len(words)], len(c.pairs))
			c.pairs = append(c.pairs, pair{i, k, words})
		}
	}
	if len(c.pairs) == 0 {
		return nil, fmt.Errorf("draw: none of %d captions has %d to %d words of which one is known", c.left, o.Shortest, o.Longest)
	}
	return c, nil
}

// Len returns the number of captions.
func (c *Captioned) Len() int { return len(c.pairs) }

// LeftOut returns how many captions were not taken: too short, too long, or without a known word.
func (c *Captioned) LeftOut() int { return c.left }

// Batches returns a source of batches of n pictures: that of a caption drawn at random, and of others of as many words.
func (c *Captioned) Batches(n int) data.Source[Batch] {
	return data.Func[Batch](func(_ int, rng *rand.Rand) (Batch, error) {
		same := c.byLength[len(c.pairs[rng.IntN(len(c.pairs))].words)]
		at := make([]int, n)
		for i := range at {
			at[i] = same[rng.IntN(len(same))]
		}
		return c.batch(at)
	})
}

// First returns the first caption of each picture that has one here, up to n, one to a batch, and the captions. A batch of
// one can be repeated.
func (c *Captioned) First(n int) (batches []Batch, captions []string, err error) {
	last := -1
	for i, p := range c.pairs {
		if len(batches) == n {
			break
		}
		if p.picture == last {
			continue
		}
		last = p.picture
		b, err := c.batch([]int{i})
		if err != nil {
			return nil, nil, err
		}
		batches, captions = append(batches, b), append(captions, c.pictures.Captions[p.picture][p.caption])
	}
	return batches, captions, nil
}

// batch returns pairs, which have equally many words.
func (c *Captioned) batch(at []int) (Batch, error) {
	var b Batch
	images := make([]*tensor.Tensor, len(at))
	var vectors []*tensor.Tensor
	for i, k := range at {
		p := c.pairs[k]
		x, err := c.pictures.Images.Block(p.picture, p.picture+1)
		if err != nil {
			return b, err
		}
		images[i] = x
		b.Text.Words = append(b.Text.Words, p.words...)
		b.Text.Length = len(p.words)
		if c.vectors != nil {
			vectors = append(vectors, c.vectors[p.picture].Rows(p.caption, p.caption+1))
		}
	}
	b.Images = tensor.Concat(0, images...)
	if vectors != nil {
		b.Text.Vectors = tensor.Concat(0, vectors...)
	}
	return b, nil
}
