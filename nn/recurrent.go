package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// RecurrentOptions are the choices of recurrent networks. The zero value is one layer, one direction, with the two biases
// that PyTorch has.
type RecurrentOptions struct {
	Layers        int  // 0 means 1
	Bidirectional bool // a second set of layers reads the sequence from its end; outputs lie side by side
	NoBias        bool // no biases at all
	OneBias       bool // a bias of the input only; PyTorch adds another one of the state

	Init       Init // of the weights of the input; nil is uniform on ±1/√hidden, for biases too. With an Init they are zero
	InitHidden Init // of the weights of the state; nil is the same as Init
}

// RecurrentWeights are the parameters of a recurrent network, with PyTorch's names. Slices have an element for each
// layer; those called Reverse are empty unless the network is bidirectional. G is the number of gates times hidden units.
type RecurrentWeights struct {
	WeightIH []*autograd.Var `nn:"weight_ih_l*"` // (in,G), and (directions·hidden,G) from the second layer on
	WeightHH []*autograd.Var `nn:"weight_hh_l*"` // (hidden,G)
	BiasIH   []*autograd.Var `nn:"bias_ih_l*"`   // (G)
	BiasHH   []*autograd.Var `nn:"bias_hh_l*"`   // (G)

	ReverseWeightIH []*autograd.Var `nn:"weight_ih_l*_reverse"`
	ReverseWeightHH []*autograd.Var `nn:"weight_hh_l*_reverse"`
	ReverseBiasIH   []*autograd.Var `nn:"bias_ih_l*_reverse"`
	ReverseBiasHH   []*autograd.Var `nn:"bias_hh_l*_reverse"`

	Hidden int

	BFloat16 bool // see [UseBFloat16]
}

// newRecurrentWeights returns the parameters of a network with so many gates.
func newRecurrentWeights(op string, in, hidden, gates int, opts RecurrentOptions, rng *rand.Rand) RecurrentWeights {
	if in < 1 || hidden < 1 || opts.Layers < 0 {
		panic(fmt.Sprintf("%s: want positive sizes, got %d inputs, %d hidden units, %d layers", op, in, hidden, opts.Layers))
	}
	w := RecurrentWeights{Hidden: hidden}
	directions := 1
	if opts.Bidirectional {
		directions = 2
	}
	for layer := range either(opts.Layers, 1) {
		if layer > 0 {
			in = directions * hidden
		}
		c := newCell(in, hidden, gates, opts, rng)
		w.WeightIH, w.WeightHH = append(w.WeightIH, c.ih), append(w.WeightHH, c.hh)
		w.BiasIH, w.BiasHH = append(w.BiasIH, c.bih), append(w.BiasHH, c.bhh)
		if opts.Bidirectional {
			c := newCell(in, hidden, gates, opts, rng)
			w.ReverseWeightIH, w.ReverseWeightHH = append(w.ReverseWeightIH, c.ih), append(w.ReverseWeightHH, c.hh)
			w.ReverseBiasIH, w.ReverseBiasHH = append(w.ReverseBiasIH, c.bih), append(w.ReverseBiasHH, c.bhh)
		}
	}
	return w
}

// DiskLayout implements [DiskLayouter].
func (w *RecurrentWeights) DiskLayout(field string) Layout {
	for l := range w.WeightIH {
		n := strconv.Itoa(l)
		switch field {
		case "weight_ih_l" + n:
			return transposed(w.WeightIH[l])
		case "weight_hh_l" + n:
			return transposed(w.WeightHH[l])
		case "weight_ih_l" + n + "_reverse":
			return transposed(w.ReverseWeightIH[l])
		case "weight_hh_l" + n + "_reverse":
			return transposed(w.ReverseWeightHH[l])
		}
	}
	return Layout{}
}

// transposed is the layout of a matrix (in, out) that is stored as (out, in).
func transposed(w *autograd.Var) Layout {
	s := w.Shape()
	return Layout{View: s, Perm: []int{1, 0}, Disk: []int{s[1], s[0]}}
}

// cell is the parameters of one layer in one direction. Biases may be nil.
type cell struct {
	ih, hh, bih, bhh *autograd.Var
	bf16             bool
}

func newCell(in, hidden, gates int, opts RecurrentOptions, rng *rand.Rand) cell {
	usual := Uniform(1 / math.Sqrt(float64(hidden)))
	orUsual := func(init Init) Init {
		if init == nil {
			return usual
		}
		return init
	}
	init := orUsual(opts.Init)
	initHidden := init
	if opts.InitHidden != nil {
		initHidden = opts.InitHidden
	}
	c := cell{ih: newWeight(init, rng, in, gates*hidden), hh: newWeight(initHidden, rng, hidden, gates*hidden)}
	bias := func() *autograd.Var {
		b := tensor.New(gates * hidden)
		if opts.Init == nil {
			usual(b, rng)
		}
		return autograd.Const(b)
	}
	if !opts.NoBias {
		c.bih = bias()
		if !opts.OneBias {
			c.bhh = bias()
		}
	}
	return c
}

// fromInput is x·W + b, what the gates get from the input.
func (c cell) fromInput(x *autograd.Var) *autograd.Var {
	return addBias(multiply(x, c.ih, c.bf16), c.bih)
}

// fromState is h·W + b, what the gates get from the state.
func (c cell) fromState(h *autograd.Var) *autograd.Var {
	return addBias(multiply(h, c.hh, c.bf16), c.bhh)
}

func (w *RecurrentWeights) directions() int {
	if len(w.ReverseWeightIH) > 0 {
		return 2
	}
	return 1
}

func (w *RecurrentWeights) cell(layer, direction int) cell {
	if direction == 0 {
		return cell{w.WeightIH[layer], w.WeightHH[layer], w.BiasIH[layer], w.BiasHH[layer], w.BFloat16}
	}
	return cell{w.ReverseWeightIH[layer], w.ReverseWeightHH[layer], w.ReverseBiasIH[layer], w.ReverseBiasHH[layer], w.BFloat16}
}

// step computes the next state of a cell from its state and from what its gates get from the input. The first part of
// a state is the cell's output.
type step func(c cell, input *autograd.Var, state []*autograd.Var) []*autograd.Var

// run drives all layers over x (N,L,in). initial has an element for each part of the state, (layers·directions,N,hidden)
// or nil for zeros, and so has final. y is (N,L,directions·hidden).
func (w *RecurrentWeights) run(op string, x *autograd.Var, initial []*autograd.Var, f step) (y *autograd.Var, final []*autograd.Var) {
	in, directions, layers := w.WeightIH[0].Dim(0), w.directions(), len(w.WeightIH)
	if x.Rank() != 3 || x.Dim(1) < 1 || x.Dim(2) != in {
		panic(fmt.Sprintf("%s: want (N,L,%d), got %s", op, in, tensor.Format(x.Shape())))
	}
	n := x.Dim(0)
	for _, s := range initial {
		if s != nil && (s.Rank() != 3 || s.Dim(0) != layers*directions || s.Dim(1) != n || s.Dim(2) != w.Hidden) {
			panic(fmt.Sprintf("%s: want a first state of %s, got %s", op,
				tensor.Format([]int{layers * directions, n, w.Hidden}), tensor.Format(s.Shape())))
		}
	}
	ends := make([][]*autograd.Var, len(initial))
	for layer := range layers {
		outs := make([]*autograd.Var, directions)
		for direction := range directions {
			c := w.cell(layer, direction)
			state := make([]*autograd.Var, len(initial))
			for i, s := range initial {
				if s == nil {
					state[i] = zeros(x, n, w.Hidden)
					continue
				}
				at := layer*directions + direction
				state[i] = autograd.Slice(s, 0, at, at+1).Reshape(n, w.Hidden)
			}
			inputs := unstack(c.fromInput(x))
			hs := make([]*autograd.Var, len(inputs))
			for i := range inputs {
				t := i
				if direction == 1 {
					t = len(inputs) - 1 - i
				}
				state = f(c, inputs[t], state)
				hs[t] = state[0]
			}
			outs[direction] = autograd.Stack(1, hs...)
			for i, s := range state {
				ends[i] = append(ends[i], s)
			}
		}
		x = outs[0]
		if directions == 2 {
			x = autograd.Concat(2, outs...)
		}
	}
	for _, e := range ends {
		final = append(final, autograd.Stack(0, e...))
	}
	return x, final
}

// unstack cuts x (N,L,C) into its L steps (N,C). It halves x again and again: the gradient of a cut is as large as
// what is cut, so cutting every step from the whole would take time in L².
func unstack(x *autograd.Var) []*autograd.Var {
	l := x.Dim(1)
	if l == 1 {
		return []*autograd.Var{x.Reshape(x.Dim(0), x.Dim(2))}
	}
	return append(unstack(autograd.Slice(x, 1, 0, l/2)), unstack(autograd.Slice(x, 1, l/2, l))...)
}

// gate returns gate i of gates (N,G) of the given width.
func gate(gates *autograd.Var, i, width int) *autograd.Var {
	return autograd.Slice(gates, 1, i*width, (i+1)*width)
}

// zeros returns zeros in the memory of the step that x belongs to.
func zeros(x *autograd.Var, shape ...int) *autograd.Var {
	z := autograd.Alloc(shape, x)
	z.Fill(0)
	return autograd.Const(z)
}
