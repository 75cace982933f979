package pixelrnn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// RowLayer is a layer of Row LSTM: a memory at every column, which runs down the rows. Its gates see three pixels of the
// input up to their own (mask B) and, unmasked, the outputs of three pixels of the row above. van den Oord et al. 2016, §3.1.
type RowLayer struct {
	Input *nn.MaskedConv2D `nn:"input"`
	State *nn.Conv2D       `nn:"state"`
	H0    *autograd.Var    `nn:"h0"` // the output above the first row, for every column
	C0    *autograd.Var    `nn:"c0"` // and the memory
	Out   *nn.MaskedConv2D `nn:"out"`
	Cond  Conditioning     `nn:"cond"`
}

func newRowLayer(o Options, rng *rand.Rand) *RowLayer {
	h := o.Hidden
	return &RowLayer{
		Input: nn.NewMaskedConv2D(nn.MaskB, 2*h, 4*h, 1, nn.MaskedOptions{Colours: o.Channels, Period: h, KernelW: 3}, rng),
		State: nn.NewConv2D(h, 4*h, 1, nn.ConvOptions{KernelW: 3, PadExtra: [4]int{0, 0, 1, 1}, NoBias: true}, rng),
		H0:    start(h),
		C0:    start(h),
		Out:   o.point(h, 2*h, rng),
		Cond:  newConditioning(o, 4*h, rng),
	}
}

// Forward implements [Layer].
func (l *RowLayer) Forward(x *autograd.Var, given condition) *autograd.Var {
	n, rows, w := x.Dim(0), x.Dim(1), x.Dim(2)
	hidden := l.H0.Dim(0)
	gates := autograd.Permute(l.Cond.add(l.Input.Forward(x), given), 1, 0, 2, 3) // (H,N,W,4h)
	ones := make([]int, rows)
	for i := range ones {
		ones[i] = 1
	}
	h, c := spread(l.H0, n, 1, w, hidden), spread(l.C0, n, 1, w, hidden)
	var out []*autograd.Var
	for _, g := range autograd.Split(gates, 0, ones...) {
		g = autograd.Add(g.Reshape(n, 1, w, 4*hidden), l.State.Forward(h))
		h, c = remember(g, c)
		out = append(out, h)
	}
	return autograd.Add(x, l.Out.Forward(autograd.Concat(1, out...)))
}

func (l *RowLayer) stepper(s sizes, given condition) stepper {
	h := l.H0.Dim(0)
	return &rowStepper{
		sizes: s, layer: l, input: newPixelConv(l.Input), out: newPixelConv(l.Out),
		x: s.plane(2 * h), h: s.plane(h), c: s.plane(h), cond: newPixelCondition(l.Cond, s, given),
	}
}

// rowStepper keeps the input, and the states of the rows so far. What the row above says to the gates is computed once for
// each row.
type rowStepper struct {
	sizes
	layer      *RowLayer
	input, out pixelConv
	x, h, c    plane
	above      *tensor.Tensor // (W,N,4h)
	cond       pixelCondition
}

func (l *rowStepper) row(r int) {
	hidden := l.h.channels()
	var h *tensor.Tensor
	if r == 0 {
		h = tensor.BroadcastTo(l.layer.H0.Value(), l.n, 1, l.w, hidden)
	} else {
		h = tensor.Permute(l.h.row(r-1), 1, 0, 2).Reshape(l.n, 1, l.w, hidden)
	}
	g := l.layer.State.Forward(autograd.Const(h)).Value()
	l.above = tensor.Permute(g.Reshape(l.n, l.w, 4*hidden), 1, 0, 2)
}

func (l *rowStepper) pixel(r, c int, x *tensor.Tensor) *tensor.Tensor {
	l.x.put(r, c, x)
	gates := l.cond.add(r, c, l.input.at(l.x, r, c))
	gates = tensor.Add(gates, l.above.Rows(c, c+1).Reshape(gates.Shape()...))
	memory := tensor.BroadcastTo(l.layer.C0.Value(), l.n, l.c.channels())
	if r > 0 {
		memory = l.c.get(r-1, c)
	}
	h, next := rememberNow(gates, memory)
	l.h.put(r, c, h)
	l.c.put(r, c, next)
	return tensor.Add(x, l.out.point(h))
}
