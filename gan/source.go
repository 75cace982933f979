package gan

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/nn/data/labelled"
	"github.com/gander-ml/gander/tensor"
)

// Images makes batches of pictures alone into a source for a [Game].
func Images(src data.Source[*tensor.Tensor]) data.Source[Batch] {
	return adapter[*tensor.Tensor]{src,
		func(x *tensor.Tensor) Batch { return Batch{Images: x} },
		func(b Batch) *tensor.Tensor { return b.Images }}
}

// Labelled makes batches of pictures with classes into a source for a [Game].
func Labelled(src data.Source[labelled.Batch]) data.Source[Batch] {
	return adapter[labelled.Batch]{src,
		func(x labelled.Batch) Batch { return Batch{Images: x.Images, Classes: x.Labels} },
		func(b Batch) labelled.Batch { return labelled.Batch{Images: b.Images, Labels: b.Classes} }}
}

// adapter gives the batches of a source another form, and hands them back to it when they are done with.
type adapter[A any] struct {
	src  data.Source[A]
	to   func(A) Batch
	from func(Batch) A
}

// Batch implements [data.Source].
func (a adapter[A]) Batch(step int, rng *rand.Rand) (Batch, error) {
	x, err := a.src.Batch(step, rng)
	if err != nil {
		return Batch{}, err
	}
	return a.to(x), nil
}

// WithSeed implements [data.Seeded].
func (a adapter[A]) WithSeed(seed uint64) data.Source[Batch] {
	a.src = data.WithSeed(a.src, seed)
	return a
}

// Recycle implements [data.Recycler].
func (a adapter[A]) Recycle(b Batch) {
	if r, ok := a.src.(data.Recycler[A]); ok {
		r.Recycle(a.from(b))
	}
}
