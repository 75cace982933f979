package txt2img

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/gan"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/data"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/imaging"
)

// Paint says how pictures are painted. The zero value is one picture.
type Paint struct {
	N    int    // pictures of a sentence, each from other noise; 0 means 1
	Seed uint64 // of the noise: picture i is the same for every N

	// Truncate draws numbers of the noise that are beyond ±Truncate anew until they are not: pictures of less variety that
	// are nearer to what the generator does best. 0 means that noise stays as it is; 0.1 is the least. Brock et al. 2019, §3.1.
	Truncate float64

	// BatchStatistics normalises each batch, of up to 64 pictures of one row of a result, by its own statistics, as in
	// training, instead of by the running ones. Pictures then depend on those painted with them.
	BatchStatistics bool
}

// The limits of a call.
const (
	mostPictures  = 10_000
	leastTruncate = 0.1
	batchSize     = 64
)

func (p Paint) check() error {
	if p.N < 0 || p.N > mostPictures {
		return fmt.Errorf("txt2img: %d pictures; want 1 to %d", p.N, mostPictures)
	}
	if p.Truncate != 0 && !(p.Truncate >= leastTruncate) {
		return fmt.Errorf("txt2img: noise truncated at %g; want %g or more, or 0 for all of it", p.Truncate, leastTruncate)
	}
	return nil
}

// Paint returns pictures of a sentence, in lower or upper case and of any length, of which the encoder reads a part; see
// [Model.Warning]. It is an error if the sentence is empty or not UTF-8, if the encoder can make nothing of it, or if p is
// out of range.
func (m *Model) Paint(sentence string, p Paint) ([]image.Image, error) {
	rows, err := m.PaintAll([]string{sentence}, p)
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// PaintAll returns a row of pictures for each sentence. A column is painted from the same noise throughout. Errors are those
// of [Model.Paint].
func (m *Model) PaintAll(sentences []string, p Paint) ([][]image.Image, error) {
	text, err := m.Embed(sentences...)
	if err != nil {
		return nil, err
	}
	z, err := m.Noise(p)
	if err != nil {
		return nil, err
	}
	if len(sentences) > mostPictures/z.Dim(0) {
		return nil, fmt.Errorf("txt2img: %d sentences of %d pictures are more than %d", len(sentences), z.Dim(0), mostPictures)
	}
	rows := make([][]image.Image, len(sentences))
	for i := range rows {
		rows[i] = m.row(z, repeat(text.Rows(i, i+1), z.Dim(0)), p)
	}
	return rows, nil
}

// Noise returns the noise (N, …) from which [Model.Paint] paints.
func (m *Model) Noise(p Paint) (*tensor.Tensor, error) {
	if m.Generator == nil {
		return nil, errors.New("txt2img: the model has no generator")
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	var rows []*tensor.Tensor
	for i := range max(p.N, 1) {
		rng := data.Stream(p.Seed, uint64(i))
		z := m.latent().Draw(1, rng)
		if p.Truncate > 0 {
			m.truncate(z, p.Truncate, rng)
		}
		rows = append(rows, z)
	}
	return tensor.Concat(0, rows...), nil
}

// truncate replaces numbers beyond ±limit by those in the same place of other draws.
func (m *Model) truncate(z *tensor.Tensor, limit float64, rng *rand.Rand) {
	for far := true; far; {
		far = false
		var again *tensor.Tensor
		for i, v := range z.Data() {
			if math.Abs(float64(v)) <= limit {
				continue
			}
			if again == nil {
				again = m.latent().Draw(1, rng)
			}
			z.Data()[i], far = again.Data()[i], true
		}
	}
}

// row paints texts (n,E) from noise (n, …).
func (m *Model) row(z, text *tensor.Tensor, p Paint) []image.Image {
	var x *tensor.Tensor
	if p.BatchStatistics {
		x = m.batches(z, text, p.Seed)
	} else {
		x = gan.Draw(m.Generator, z, text)
	}
	out := make([]image.Image, x.Dim(0))
	for i := range out {
		out[i] = imaging.ToImage(tensor.Affine(x.Rows(i, i+1).Reshape(x.Shape()[1:]...), 0.5, 0.5))
	}
	return out
}

// batches paints in training mode and leaves the statistics as they are.
func (m *Model) batches(z, text *tensor.Tensor, seed uint64) *tensor.Tensor {
	var parts []*tensor.Tensor
	for lo := 0; lo < z.Dim(0); lo += batchSize {
		hi := min(lo+batchSize, z.Dim(0))
		pass := &nn.Pass{Train: true, Rand: data.Stream(seed, uint64(lo))} // nobody commits it
		parts = append(parts, m.Generator.Forward(autograd.Const(z.Rows(lo, hi)), autograd.Const(text.Rows(lo, hi)), pass).Value())
	}
	return tensor.Concat(0, parts...)
}

// repeat returns n copies of a row.
func repeat(row *tensor.Tensor, n int) *tensor.Tensor { return tensor.Gather(row, make([]int, n)) }
