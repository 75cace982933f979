package pixelrnn

import (
	"fmt"
	"math"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/nn/optim"
	"github.com/gander-ml/gander/nn/train"
	"github.com/gander-ml/gander/tensor"
)

// logProb returns ln p of every value of x given those before it, (N,H,W,C).
func (m *Model) logProb(x *tensor.Tensor, logits *autograd.Var) *autograd.Var {
	if m.Options.binary() {
		// ln σ(a) for 1 and ln(1−σ(a)) = ln σ(−a) for 0.
		sign := autograd.Const(tensor.Affine(x, 2, -1))
		return autograd.Neg(autograd.Softplus(autograd.Neg(autograd.Mul(logits, sign))))
	}
	index := make([]int, x.Len())
	for i, v := range x.Data() {
		index[i] = int(v)
		if v < 0 || index[i] >= m.Options.Values || float32(index[i]) != v {
			panic(fmt.Sprintf("pixelrnn: value %g is no whole number from 0 to %d", v, m.Options.Values-1))
		}
	}
	return autograd.Take(autograd.LogSoftmax(logits), index)
}

// LogProb returns the logarithm of the probability of each of the images x (N,H,W,C) of whole numbers, in nats. It is exact.
func (m *Model) LogProb(x *tensor.Tensor, given Condition) []float64 {
	const block = 16
	n := m.wantImages("pixelrnn.Model.LogProb", x.Shape())
	out := make([]float64, n)
	for lo := 0; lo < n; lo += block {
		hi := min(lo+block, n)
		part := Batch{X: x, Low: given.Low, Classes: given.Classes}.rows(lo, hi)
		low, class := m.vars(part.condition())
		values := m.logProb(part.X, m.Forward(autograd.Const(part.X), low, class)).Value()
		for i := range hi - lo {
			for _, v := range values.Rows(i, i+1).Data() {
				out[lo+i] += float64(v)
			}
		}
	}
	return out
}

// BitsPerDim returns the mean over images of the negative logarithm of their probability, in bits for each of their dims
// values: nats/(dims·ln 2).
func BitsPerDim(logProb []float64, dims int) float64 {
	sum := 0.0
	for _, v := range logProb {
		sum -= v
	}
	return sum / float64(len(logProb)) / (float64(dims) * math.Ln2)
}

// Dims returns how many values an image has.
func (m *Model) Dims() int { return m.Options.Height * m.Options.Width * m.Options.Channels }

// Player returns a game of one for package train, in which the model lowers "nll", the negative logarithm of the probability
// of its images in nats for each value, with gradients limited to [-1,1] element by element. A nil optimiser is RMSprop with a
// rate of 1e-3.
func (m *Model) Player(opt optim.Optimizer) train.Player[Batch] {
	if opt == nil {
		opt = optim.RMSProp{Rate: 1e-3}
	}
	return train.Player[Batch]{
		Model: m, Opt: opt, Clip: optim.Clip{Value: 1},
		Loss: func(s *train.Step, b Batch) train.Terms {
			return train.Terms{{Name: "nll", Weight: 1, Value: m.NLL(s, b)}}
		},
	}
}

// NLL returns the negative logarithm of the probability of a batch, in nats for each value, as a loss of the step.
func (m *Model) NLL(s *train.Step, b Batch) *autograd.Var {
	low, class := m.vars(b.condition())
	onTape := func(v *autograd.Var) *autograd.Var {
		if v == nil {
			return nil
		}
		return s.Const(v.Value())
	}
	bound := train.Use(s, m)
	logits := bound.Forward(s.Const(b.X), onTape(low), onTape(class))
	if m.Options.binary() {
		return nn.BCEWithLogits(logits, s.Const(b.X), nil)
	}
	return autograd.Neg(autograd.Mean(m.logProb(b.X, logits)))
}
