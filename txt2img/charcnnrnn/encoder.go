package charcnnrnn

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// Encoder maps captions to vectors: three convolutions of four steps with ReLU, the first two with maximum pooling to a third,
// a recurrent network whose states are averaged, and a linear layer.
//
//	70 → 384, pool 3/3:  201 → 198 → 66
//	384 → 512, pool 3/3:  66 →  63 → 21
//	512 → 512:            21 →  18          then a GRU of 512                 (ICML)
//	512 → 256, pool 3/2:  21 →  18 →  8     then a recurrent ReLU net of 256  (CVPR)
//
// Its methods may be used by several goroutines at once as long as no one changes the weights.
type Encoder struct {
	Options Options

	Conv1     *nn.Conv1D `nn:"conv1"`
	Conv2     *nn.Conv1D `nn:"conv2"`
	Conv3     *nn.Conv1D `nn:"conv3"`
	Recurrent Recurrent  `nn:"recurrent"`
	Out       *nn.Linear `nn:"out"`
}

// New returns an encoder with all its parameters uniform on ±0.08, as in the published code. It panics if [Options.Check] has
// an objection.
func New(o Options, rng *rand.Rand) *Encoder {
	if err := o.Check(); err != nil {
		panic(err.Error())
	}
	o = o.withDefaults()
	e := &Encoder{
		Options: o,
		Conv1:   nn.NewConv1D(Symbols, o.Conv[0], 4, nn.Conv1DOptions{}, rng),
		Conv2:   nn.NewConv1D(o.Conv[0], o.Conv[1], 4, nn.Conv1DOptions{}, rng),
		Conv3:   nn.NewConv1D(o.Conv[1], o.Conv[2], 4, nn.Conv1DOptions{}, rng),
		Out:     nn.NewLinear(o.RNN, o.Out, nn.LinearOptions{}, rng),
	}
	if o.Variant == CVPR {
		e.Recurrent = NewReLURNN(o.Conv[2], o.RNN, rng)
	} else {
		e.Recurrent = NewGRU(o.Conv[2], o.RNN, rng)
	}
	for _, p := range nn.Params(e) {
		tensor.RandUInto(p.Value(), rng, -0.08, 0.08)
	}
	return e
}

// Width is the length of the vectors.
func (e *Encoder) Width() int { return e.Options.Out }

// Forward returns the vectors (N,Out) of captions as [OneHot] makes them, (N,Length,70). It panics for another shape.
func (e *Encoder) Forward(onehot *autograd.Var, pass *nn.Pass) *autograd.Var {
	if s := onehot.Shape(); len(s) != 3 || s[1] != e.Options.Length || s[2] != Symbols {
		panic(fmt.Sprintf("charcnnrnn.Encoder: want (N,%d,%d), got %s", e.Options.Length, Symbols, tensor.Format(s)))
	}
	return e.rest(third(autograd.ReLU(e.characters(onehot))), pass)
}

// characters is the first convolution. Of rows that are one-hot, and whose gradient nobody asks for, it adds up rows of its
// weight, and of the gradient of the weight, instead of multiplying with 70 columns.
func (e *Encoder) characters(onehot *autograd.Var) *autograd.Var {
	w, bias := e.Conv1.Weight, e.Conv1.Bias
	if onehot.IsRecorded() {
		return e.Conv1.Forward(onehot)
	}
	columns, ok := hot(onehot.Value())
	if !ok {
		return e.Conv1.Forward(onehot)
	}
	n, length, taps := onehot.Dim(0), onehot.Dim(1), w.Dim(0)
	index := make([]int, 0, n*length*taps)
	for i := range n {
		for at := range length - taps + 1 {
			for k, c := range columns[i*length+at:][:taps] {
				if c >= 0 {
					c += k * Symbols
				}
				index = append(index, c)
			}
		}
	}
	sums := autograd.GatherSum(w.Reshape(taps*Symbols, -1), index, taps)
	return autograd.Add(sums, bias).Reshape(n, length-taps+1, -1)
}

// hot returns the columns of rows as [OneHot] makes them, −1 for rows of zeros. It fails if there are others.
func hot(x *tensor.Tensor) (columns []int, ok bool) {
	columns = make([]int, x.Len()/Symbols)
	for i := range columns {
		columns[i] = -1
		for c, v := range x.Data()[i*Symbols:][:Symbols] {
			switch {
			case v == 0:
			case v == 1 && columns[i] < 0:
				columns[i] = c
			default:
				return nil, false
			}
		}
	}
	return columns, true
}

// rest is what follows the first convolution and its pooling.
func (e *Encoder) rest(x *autograd.Var, pass *nn.Pass) *autograd.Var {
	x = third(autograd.ReLU(e.Conv2.Forward(x)))
	x = autograd.ReLU(e.Conv3.Forward(x))
	if e.Options.Variant == CVPR {
		x = autograd.MaxPool1D(x, tensor.Pool1DSpec{K: 3, Stride: 2})
	}
	h := nn.Dropout{Rate: e.Options.Dropout}.Forward(e.Recurrent.Forward(x), pass)
	return e.Out.Forward(h)
}

func third(x *autograd.Var) *autograd.Var { return autograd.MaxPool1D(x, tensor.Pool1DSpec{K: 3}) }
