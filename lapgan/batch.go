package lapgan

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// Batch is examples of one level: what it is to make, and of what.
type Batch struct {
	Target  *tensor.Tensor // (N,h,w,C): residuals, or images at the coarsest level
	Low     *tensor.Tensor // (N,h,w,C), the low-pass images; nil at the coarsest level
	Classes []int          // nil if the pictures have none
	Vectors *tensor.Tensor // (N,K), in place of one-hot classes: what networks of K classes are told, such as a vector of a sentence; may be nil
}

// Len returns how many examples there are.
func (b Batch) Len() int { return b.Target.Dim(0) }

// Given returns the conditions of the examples.
func (b Batch) Given() Given {
	return Given{N: b.Len(), Low: b.Low, Classes: b.Classes, Vectors: b.Vectors}
}

// Image returns the images that the targets belong to.
func (b Batch) Image() *tensor.Tensor {
	if b.Low == nil {
		return b.Target
	}
	return tensor.Add(b.Low, b.Target)
}

// Rows returns the examples lo to hi−1, sharing memory.
func (b Batch) Rows(lo, hi int) Batch {
	given := b.Given().rows(lo, hi)
	return Batch{Target: b.Target.Rows(lo, hi), Low: given.Low, Classes: given.Classes, Vectors: given.Vectors}
}

// Shard returns part i of k of the batch, or an error if it cannot be cut into equal parts.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(b.Len(), i, k)
	if err != nil {
		return Batch{}, err
	}
	return b.Rows(lo, hi), nil
}

// Data makes the examples of one level of labelled pictures. Every level is trained on real low-pass images, so each has a
// source of its own and levels can be trained at the same time.
type Data struct {
	Images   *labelled.Images
	Sizes    []int    // of the pyramid, coarse to fine; pictures larger than the last are cropped to it
	Level    int      // which of them, from 0
	Operator Operator // nil means [Bilinear]
	Norm     *Norm    // of whole pictures, before they are cropped; nil leaves values in [0,1]
	Batch    int      // examples in a batch; 0 means 256, of which each player of a [Game] sees 128
	NoMirror bool     // do not mirror pictures left to right

	// Disturb is the deviation of noise that is added to the next coarser image before it is enlarged. The residual is what
	// lacks then, so that the level learns to mend what the level before it does wrong when a pyramid is sampled. The paper's
	// levels see real low-pass images, undisturbed. It has no effect on Examples and on the coarsest level.
	Disturb float64
}

// Source returns a source of batches, epoch by epoch in random orders, of pictures cropped at random and mirrored.
func (d Data) Source() (data.Source[Batch], error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return data.NewLoader(indices(d.Images.Len()), d.batch(), func(of []int, rng *rand.Rand) (Batch, error) {
		return d.make(of, rng), nil
	}), nil
}

// Epoch returns how many batches an epoch has, for schedules by epochs.
func (d Data) Epoch() int { return max(1, d.Images.Len()/d.batch()) }

// Examples returns the examples of pictures lo to hi−1, cropped in the middle and not mirrored, for evaluation.
func (d Data) Examples(lo, hi int) (Batch, error) {
	if err := d.check(); err != nil {
		return Batch{}, err
	}
	if lo < 0 || hi <= lo || hi > d.Images.Len() {
		return Batch{}, fmt.Errorf("lapgan: no pictures %d to %d among %d", lo, hi-1, d.Images.Len())
	}
	of := make([]int, hi-lo)
	for i := range of {
		of[i] = lo + i
	}
	return d.make(of, nil), nil
}

func (d Data) batch() int { return orElse(d.Batch, 256) }

func (d Data) check() error {
	if d.Level < 0 || d.Level >= len(d.Sizes) {
		return fmt.Errorf("lapgan: no level %d in a pyramid of sizes %v", d.Level, d.Sizes)
	}
	for k, n := range d.Sizes {
		if n < 1 || k > 0 && n < d.Sizes[k-1] {
			return fmt.Errorf("lapgan: sizes %v do not grow", d.Sizes)
		}
	}
	side := d.Sizes[len(d.Sizes)-1]
	if d.Images.Len() == 0 || d.Images.Height < side || d.Images.Width < side {
		return fmt.Errorf("lapgan: %d pictures of %d×%d pixels for a pyramid up to %d", d.Images.Len(), d.Images.Width, d.Images.Height, side)
	}
	if d.Norm != nil {
		s := d.Norm.Mean.Shape()
		if s[2] != d.Images.Channels || (s[0] != 1 || s[1] != 1) && (s[0] != d.Images.Height || s[1] != d.Images.Width) {
			return fmt.Errorf("lapgan: a normalisation of %s for pictures of %d×%d×%d", tensor.Format(s), d.Images.Height,
				d.Images.Width, d.Images.Channels)
		}
	}
	return nil
}

// make prepares pictures; without rng it crops the middle and does not mirror.
func (d Data) make(of []int, rng *rand.Rand) Batch {
	m, side := d.Images, d.Sizes[len(d.Sizes)-1]
	x := tensor.New(len(of), side, side, m.Channels)
	var classes []int
	for i, at := range of {
		picture, _ := m.Block(at, at+1) // its error is always nil
		top, left := (m.Height-side)/2, (m.Width-side)/2
		if rng != nil {
			top, left = rng.IntN(m.Height-side+1), rng.IntN(m.Width-side+1)
			if !d.NoMirror && rng.IntN(2) == 1 {
				picture = tensor.Flip(picture, 2)
			}
		}
		if d.Norm != nil {
			picture = d.Norm.Apply(picture)
		}
		x.Rows(i, i+1).CopyFrom(tensor.Crop2D(picture, top, left, side, side))
		if m.Labels != nil {
			classes = append(classes, m.Labels[at])
		}
	}
	if rng != nil && d.Disturb > 0 && d.Level > 0 {
		return d.disturb(x, classes, rng)
	}
	return Examples(x, d.Sizes, d.Level, d.Operator, classes)
}

// disturb returns examples whose coarser images carry noise.
func (d Data) disturb(x *tensor.Tensor, classes []int, rng *rand.Rand) Batch {
	op := Pyramid{Operator: d.Operator}.operator()
	sizes := Squares(d.Sizes[d.Level-1:]...)
	c := Build(op, x, sizes)
	coarse := tensor.RandN(rng, c.Stages[0].Image.Shape()...)
	coarse = tensor.Add(c.Stages[0].Image, tensor.Affine(coarse, float32(d.Disturb), 0))
	low := up(op, coarse, sizes[1])
	return Batch{Target: tensor.Sub(c.Stages[1].Image, low), Low: low, Classes: classes}
}

// Examples returns the examples of one level of a pyramid of images (N,H,W,C), whose values are normalised already. A nil
// operator means [Bilinear].
func Examples(x *tensor.Tensor, sizes []int, level int, op Operator, classes []int) Batch {
	// Coarser levels do not matter to this one.
	c := Build(Pyramid{Operator: op}.operator(), x, Squares(sizes[max(level-1, 0):]...))
	if level == 0 {
		return Batch{Target: c.Stages[0].Image, Classes: classes}
	}
	return Batch{Target: c.Stages[1].Residual, Low: c.Stages[1].Low, Classes: classes}
}

// indices is the data set of the numbers below it.
type indices int

func (n indices) Len() int              { return int(n) }
func (n indices) At(i int) (int, error) { return i, nil }
