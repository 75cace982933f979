package lapgan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/lapgan/pixelrnn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// Quantised makes a level of an autoregressive model of whole numbers. Residuals, or the images of the coarsest level, are
// limited to ±Range and divided into as many equal bins as the model has values; a drawn bin stands for its centre. The model
// is conditioned on the low-pass image if its options say so; it must be to be of use at other levels than the coarsest.
type Quantised struct {
	Model *pixelrnn.Model `nn:"model"`
	Range *tensor.Tensor  `nn:"range"` // one number, A; see [QuantileRange]

	// Whole makes the model one of images instead of residuals, given the low-pass image.
	Whole bool
}

// NewQuantised returns a level of values between −limit and limit.
func NewQuantised(m *pixelrnn.Model, limit float64) *Quantised {
	if !(limit > 0) || math.IsInf(limit, 1) {
		panic(fmt.Sprintf("lapgan.NewQuantised: values between ±%g", limit))
	}
	return &Quantised{Model: m, Range: tensor.FromSlice([]float32{float32(limit)}, 1)}
}

// QuantileRange returns the magnitude that a share q of the values of x do not exceed, such as 0.999 of the residuals of the
// training set: the Range that wastes few bins on rare values. It panics unless q is in (0, 1].
func QuantileRange(x *tensor.Tensor, q float64) float64 {
	if !(q > 0 && q <= 1) || x.Len() == 0 {
		panic(fmt.Sprintf("lapgan.QuantileRange: share %g of %d values", q, x.Len()))
	}
	v := slices.Clone(tensor.Abs(x).Data())
	slices.Sort(v)
	return float64(v[min(int(math.Ceil(q*float64(len(v)))), len(v))-1])
}

// Quantise returns the numbers of the bins that values fall in.
func (q *Quantised) Quantise(x *tensor.Tensor) *tensor.Tensor {
	v, a := float32(q.Model.Options.Values), q.Range.Item()
	y := tensor.Affine(x, v/(2*a), v/2)
	tensor.MapInto(y, y, func(b float64) float64 { return min(max(math.Floor(b), 0), float64(v-1)) })
	return y
}

// Centres returns the values that bins stand for.
func (q *Quantised) Centres(bins *tensor.Tensor) *tensor.Tensor {
	v, a := float32(q.Model.Options.Values), q.Range.Item()
	return tensor.Affine(bins, 2*a/v, a/v-a)
}

// width returns the width of a bin.
func (q *Quantised) width() float64 {
	return 2 * float64(q.Range.Item()) / float64(q.Model.Options.Values)
}

// Sample implements [Level].
func (q *Quantised) Sample(given Given, rng *rand.Rand) *tensor.Tensor {
	q.check("lapgan.Quantised.Sample", given)
	var parts []*tensor.Tensor
	for lo := 0; lo < given.N; lo += sampleBlock {
		part := given.rows(lo, min(lo+sampleBlock, given.N))
		parts = append(parts, q.Centres(q.Model.Sample(part.N, q.condition(part), rng)))
	}
	x := tensor.Concat(0, parts...)
	if q.Whole && given.Low != nil {
		return tensor.Sub(x, given.Low)
	}
	return x
}

// LogProb implements [Likelihood]: the density that is the probability of a bin divided by its width, at every value. It is
// exact for values within ±Range; those beyond count as in the last bin.
func (q *Quantised) LogProb(x *tensor.Tensor, given Given) []float64 {
	q.check("lapgan.Quantised.LogProb", given)
	out := q.Model.LogProb(q.target(x, given.Low), q.condition(given))
	for i := range out {
		out[i] -= float64(q.Model.Dims()) * math.Log(q.width())
	}
	return out
}

// Player returns a game of one in which the model lowers the negative logarithm of the probability of a level's examples, in
// nats for each value. A nil optimiser is RMSprop with a rate of 1e-3.
func (q *Quantised) Player(opt optim.Optimizer) train.Player[Batch] {
	p := q.Model.Player(opt)
	return train.Player[Batch]{
		Name: p.Name, Model: p.Model, Opt: p.Opt, Clip: p.Clip,
		Loss: func(s *train.Step, b Batch) train.Terms {
			given := b.Given()
			q.check("lapgan.Quantised", given)
			c := q.condition(given)
			return p.Loss(s, pixelrnn.Batch{X: q.target(b.Target, b.Low), Low: c.Low, Classes: c.Classes})
		},
	}
}

// target returns the bins of what the model is about.
func (q *Quantised) target(x, low *tensor.Tensor) *tensor.Tensor {
	if q.Whole && low != nil {
		x = tensor.Add(x, low)
	}
	return q.Quantise(x)
}

func (q *Quantised) condition(given Given) pixelrnn.Condition {
	c := pixelrnn.Condition{}
	if q.Model.Options.Low > 0 {
		c.Low = given.Low
	}
	if q.Model.Options.Classes > 0 {
		c.Classes = given.Classes
	}
	return c
}

func (q *Quantised) check(op string, given Given) {
	o := q.Model.Options
	if o.Low > 0 {
		given.wantLow(op, o.Height, o.Low)
	}
	given.classes(op, o.Classes)
}
