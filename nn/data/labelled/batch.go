package labelled

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
)

// Batch is some pictures with their classes.
type Batch struct {
	Images *tensor.Tensor // (N, H, W, C)
	Labels []int          // N classes; nil if the pictures have none
}

// Shard implements what data.Shard asks of a batch.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(b.Images.Dim(0), i, k)
	if err != nil {
		return Batch{}, err
	}
	part := Batch{Images: b.Images.Rows(lo, hi)}
	if b.Labels != nil {
		part.Labels = b.Labels[lo:hi:hi]
	}
	return part, nil
}

// BatchOptions are the choices of [Images.Batches]. The zero value shuffles anew each epoch and leaves values in [0, 1].
type BatchOptions struct {
	Signed    bool           // values in [-1, 1]; Transform still sees [0, 1]
	Transform data.Transform // of each picture (H, W, C), which must keep its shape; nil leaves pictures as they are
	Ordered   bool           // keep the order of the data set
	KeepLast  bool           // an epoch ends with a smaller batch instead of leaving pictures out for once
	Seed      uint64         // of the orders; in a training loop, the seed of the run is mixed in
}

// Batches returns a source of batches of size pictures, epoch by epoch in random orders. It uses the memory of recycled
// batches again. It panics unless size is positive.
func (m *Images) Batches(size int, o BatchOptions) data.Source[Batch] {
	if size < 1 {
		panic(fmt.Sprintf("labelled.Images.Batches: want a positive size, got %d", size))
	}
	b := &batches{maker: &maker{images: m, options: o}}
	b.Source = data.Loader[int, Batch]{
		Data: indices(m.Len()), Size: size, Collate: b.make, Ordered: o.Ordered, KeepLast: o.KeepLast, Seed: o.Seed,
	}
	return b
}

// batches is a loader of indices whose batches are filled straight from the bytes.
type batches struct {
	data.Source[Batch]
	*maker
}

// WithSeed implements [data.Seeded].
func (b *batches) WithSeed(seed uint64) data.Source[Batch] {
	return &batches{data.WithSeed(b.Source, seed), b.maker}
}

type indices int

func (n indices) Len() int              { return int(n) }
func (n indices) At(i int) (int, error) { return i, nil }

// maker fills batches. Its memory is shared by the sources that differ in their seeds only.
type maker struct {
	images  *Images
	options BatchOptions

	mu    sync.Mutex
	spare []Batch
}

func (k *maker) make(of []int, rng *rand.Rand) (Batch, error) {
	m := k.images
	b := k.memory(len(of))
	for i, at := range of {
		row := b.Images.Rows(i, i+1).Reshape(m.Height, m.Width, m.Channels)
		m.read(row.Data(), at)
		if t := k.options.Transform; t != nil {
			y := t(row.Clone(), rng)
			if !tensor.SameShape(y, row) {
				return b, fmt.Errorf("labelled: the transform made %s of a picture %s; batches need one shape",
					tensor.Format(y.Shape()), tensor.Format(row.Shape()))
			}
			row.CopyFrom(y)
		}
		if b.Labels != nil {
			b.Labels[i] = m.Labels[at]
		}
	}
	if k.options.Signed {
		tensor.AffineInto(b.Images, b.Images, 2, -1)
	}
	return b, nil
}

// Recycle implements [data.Recycler].
func (k *maker) Recycle(b Batch) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.spare = append(k.spare, b)
}

func (k *maker) memory(n int) Batch {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, b := range k.spare {
		if b.Images.Dim(0) == n {
			k.spare = append(k.spare[:i], k.spare[i+1:]...)
			return b
		}
	}
	m := k.images
	b := Batch{Images: tensor.New(n, m.Height, m.Width, m.Channels)}
	if m.Labels != nil {
		b.Labels = make([]int, n)
	}
	return b
}
