package perception

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/srgan"
	"github.com/gander-ml/gander/tensor"
)

// Batch is pieces of photographs and what there is to be told about them.
type Batch struct {
	Images *tensor.Tensor // (N,S,S,3), about [-1,1]
	Photo  []int          // which photograph each is from
	Damage []int          // what was done to each, one of the Damages
}

// Shard returns part i of k of the batch, or an error if it cannot be cut into equal parts.
func (b Batch) Shard(i, k int) (Batch, error) {
	lo, hi, err := data.ShardRange(len(b.Photo), i, k)
	if err != nil {
		return Batch{}, err
	}
	return Batch{Images: b.Images.Rows(lo, hi), Photo: b.Photo[lo:hi], Damage: b.Damage[lo:hi]}, nil
}

// What may have been done to a piece.
const (
	Untouched = iota
	Halved    // shrunk to a half by bicubic interpolation, and enlarged again
	Quartered // to a quarter
	Jagged    // to a quarter, and enlarged by repeating pixels
	Noisy     // with noise added

	Damages // how many there are
)

// PieceOptions are the choices of [NewPieces].
type PieceOptions struct {
	Size  int // height and width of a piece, a multiple of 4; 0 means 64
	Batch int // 0 means 32
}

// Pieces draws training pieces from photographs. It is a data source for package train.
type Pieces struct {
	opts   PieceOptions
	photos []*srgan.Patches // one for each photograph
}

// NewPieces prepares photographs (H,W,3) with values in [0,1]. It is an error if there are fewer than two, or one is smaller
// than a piece.
func NewPieces(photos []*tensor.Tensor, o PieceOptions) (*Pieces, error) {
	if o.Size == 0 {
		o.Size = 64
	}
	if o.Batch == 0 {
		o.Batch = 32
	}
	if o.Size < 4 || o.Size%4 != 0 || o.Batch < 1 {
		panic(fmt.Sprintf("perception.NewPieces: want a size that is a multiple of 4 and a positive batch, got %+v", o))
	}
	if len(photos) < 2 {
		return nil, fmt.Errorf("perception: %d photographs are too few to be told apart", len(photos))
	}
	p := &Pieces{opts: o}
	for i, photo := range photos {
		cut, err := srgan.NewPatches([]*tensor.Tensor{photo}, srgan.PatchOptions{
			Scale: 4, Size: o.Size, Batch: 1, Shrink: []float64{0.7, 0.5}, SwapColours: true,
		})
		if err != nil {
			return nil, fmt.Errorf("perception: photograph %d is too small: %w", i+1, err)
		}
		p.photos = append(p.photos, cut)
	}
	return p, nil
}

// Photos returns how many photographs there are to tell apart.
func (p *Pieces) Photos() int { return len(p.photos) }

// noise is the largest deviation of what is added to a noisy piece, of values in [-1,1].
const noise = 0.2

// Batch implements data.Source.
func (p *Pieces) Batch(step int, rng *rand.Rand) (Batch, error) {
	n, s := p.opts.Batch, p.opts.Size
	b := Batch{Images: tensor.New(n, s, s, 3), Photo: make([]int, n), Damage: make([]int, n)}
	for i := range n {
		b.Photo[i], b.Damage[i] = rng.IntN(len(p.photos)), rng.IntN(Damages)
		from := p.photos[b.Photo[i]]
		pair, err := from.Batch(step, rng)
		if err != nil {
			return Batch{}, err
		}
		x := damaged(pair.HR, b.Damage[i], rng)
		// Light and contrast say nothing of the photograph.
		tensor.AffineInto(b.Images.Rows(i, i+1), x, 0.6+0.8*rng.Float32(), 0.4*rng.Float32()-0.2)
		from.Recycle(pair)
	}
	return b, nil
}

// damaged returns what is done to a piece x (1,S,S,3).
func damaged(x *tensor.Tensor, damage int, rng *rand.Rand) *tensor.Tensor {
	h, w := x.Dim(1), x.Dim(2)
	through := func(by int, back tensor.ResizeMethod) *tensor.Tensor {
		return tensor.Resize(tensor.Resize(x, h/by, w/by, tensor.Bicubic), h, w, back)
	}
	switch damage {
	case Halved:
		return through(2, tensor.Bicubic)
	case Quartered:
		return through(4, tensor.Bicubic)
	case Jagged:
		return through(4, tensor.Nearest)
	case Noisy:
		y, strength := x.Clone(), noise*(0.25+0.75*rng.Float64())
		for i := range y.Data() {
			y.Data()[i] += float32(rng.NormFloat64() * strength)
		}
		return y
	}
	return x
}
