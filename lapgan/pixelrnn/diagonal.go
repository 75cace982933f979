package pixelrnn

import (
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// DiagonalLayer is a layer of Diagonal BiLSTM: two memories that run along the diagonals, from the left and from the right
// upper corner. What the second one says is moved down by a row, so that it does not tell of pixels to come, and added.
// van den Oord et al. 2016, §3.2.
type DiagonalLayer struct {
	Left  *Direction       `nn:"left"`
	Right *Direction       `nn:"right"`
	Out   *nn.MaskedConv2D `nn:"out"`
}

// Direction is one of the two memories. Its gates see the input at their pixel (mask B) and, unmasked, the outputs at the
// pixel before it in the row, which is the one to the right for the memory from the right, and at the pixel above. Above the
// first row these are zero; before the first pixel of a row they are learned.
type Direction struct {
	Input *nn.MaskedConv2D `nn:"input"`
	State *nn.Linear       `nn:"state"` // of the outputs before and above, side by side
	H0    *autograd.Var    `nn:"h0"`    // the output before the first pixel of a row
	C0    *autograd.Var    `nn:"c0"`    // and the memory
	Cond  Conditioning     `nn:"cond"`
}

func newDiagonalLayer(o Options, rng *rand.Rand) *DiagonalLayer {
	return &DiagonalLayer{Left: newDirection(o, rng), Right: newDirection(o, rng), Out: o.point(o.Hidden, 2*o.Hidden, rng)}
}

func newDirection(o Options, rng *rand.Rand) *Direction {
	h := o.Hidden
	return &Direction{
		Input: nn.NewMaskedConv2D(nn.MaskB, 2*h, 4*h, 1, nn.MaskedOptions{Colours: o.Channels, Period: h}, rng),
		State: nn.NewLinear(2*h, 4*h, nn.LinearOptions{NoBias: true}, rng),
		H0:    start(h),
		C0:    start(h),
		Cond:  newConditioning(o, 4*h, rng),
	}
}

// Forward implements [Layer].
func (l *DiagonalLayer) Forward(x *autograd.Var, given condition) *autograd.Var {
	sum := autograd.Add(l.Left.run(x, given, false), l.Right.run(x, given, true))
	return autograd.Add(x, l.Out.Forward(sum))
}

// run returns the outputs (N,H,W,h) of the memory. From the right, they are moved down by a row.
//
// The paper skews the image so that a diagonal is a column. Here the pixels are sorted by diagonals, which computes the same
// without the corners that skewing adds: diagonal j has the pixels (r, j−r), counted from the side where the memory begins.
func (d *Direction) run(x *autograd.Var, given condition, right bool) *autograd.Var {
	n, height, w := x.Dim(0), x.Dim(1), x.Dim(2)
	hidden, pixels := d.H0.Dim(0), height*w
	o := diagonals(height, w, right)

	gates := d.Cond.add(d.Input.Forward(x), given).Reshape(n, pixels, 4*hidden)
	gates = autograd.Gather(autograd.Permute(gates, 1, 0, 2), o.pixels) // (H·W,N,4h)
	firstH, firstC := spread(d.H0, 1, n, hidden), spread(d.C0, 1, n, hidden)
	zero := autograd.Alloc([]int{1, n, hidden}, x)
	zero.Fill(0)
	none := autograd.Const(zero)

	var h, c *autograd.Var // of the diagonal before
	var out []*autograd.Var
	for j, g := range autograd.Split(gates, 0, o.lengths...) {
		lo, hi := max(0, j-w+1), min(height-1, j)
		var before, memory, above *autograd.Var
		if j == 0 {
			before, memory, above = firstH, firstC, none
		} else {
			last := max(0, j-w) // the first row of the diagonal before
			rows := h.Dim(0)
			before, memory = autograd.Slice(h, 0, lo-last, rows), autograd.Slice(c, 0, lo-last, rows)
			if hi == j {
				before, memory = autograd.Concat(0, before, firstH), autograd.Concat(0, memory, firstC)
			}
			if lo > 0 {
				above = autograd.Slice(h, 0, lo-1-last, hi-last)
			} else {
				above = none
				if hi > 0 {
					above = autograd.Concat(0, none, autograd.Slice(h, 0, 0, hi))
				}
			}
		}
		state := d.State.Forward(autograd.Concat(-1, before, above))
		h, c = remember(autograd.Add(g, state), memory)
		out = append(out, h)
	}
	all := autograd.Gather(autograd.Concat(0, append(out, none)...), o.back)
	return autograd.Permute(all, 1, 0, 2).Reshape(n, height, w, hidden)
}

// diagonalOrder says how pixels are sorted by diagonals.
type diagonalOrder struct {
	pixels  []int // the raster index of each pixel in the order of the diagonals
	lengths []int // of the diagonals
	back    []int // where the output for each pixel, in raster order, is found; the number of pixels where there is none
}

func diagonals(h, w int, right bool) diagonalOrder {
	o := diagonalOrder{back: make([]int, h*w)}
	place := make([]int, h*w)
	for j := range h + w - 1 {
		lo, hi := max(0, j-w+1), min(h-1, j)
		o.lengths = append(o.lengths, hi-lo+1)
		for r := lo; r <= hi; r++ {
			c := j - r
			if right {
				c = w - 1 - c
			}
			place[r*w+c] = len(o.pixels)
			o.pixels = append(o.pixels, r*w+c)
		}
	}
	for i := range o.back {
		switch {
		case !right:
			o.back[i] = place[i]
		case i < w:
			o.back[i] = h * w
		default:
			o.back[i] = place[i-w]
		}
	}
	return o
}

func (l *DiagonalLayer) stepper(s sizes, given condition) stepper {
	return &diagonalStepper{
		left: newDirectionStepper(l.Left, s, given), right: newDirectionStepper(l.Right, s, given),
		x: s.plane(2 * l.Left.H0.Dim(0)), out: newPixelConv(l.Out),
	}
}

// diagonalStepper lets the memory from the left go along with the pixels, and that from the right go through a row when the
// row is complete.
type diagonalStepper struct {
	left, right *directionStepper
	x           plane
	out         pixelConv
}

func (l *diagonalStepper) row(r int) {
	if r == 0 {
		return
	}
	for c := l.right.w - 1; c >= 0; c-- {
		l.right.step(r-1, c, 1, l.x.get(r-1, c))
	}
}

func (l *diagonalStepper) pixel(r, c int, x *tensor.Tensor) *tensor.Tensor {
	l.x.put(r, c, x)
	h := l.left.step(r, c, -1, x)
	if r > 0 {
		h = tensor.Add(h, l.right.h.get(r-1, c))
	}
	return tensor.Add(x, l.out.point(h))
}

type directionStepper struct {
	sizes
	d     *Direction
	input pixelConv
	state *tensor.Tensor // (2h,4h)
	h, c  plane
	cond  pixelCondition
}

func newDirectionStepper(d *Direction, s sizes, given condition) *directionStepper {
	h := d.H0.Dim(0)
	return &directionStepper{
		sizes: s, d: d, input: newPixelConv(d.Input), state: d.State.Weight.Value(),
		h: s.plane(h), c: s.plane(h), cond: newPixelCondition(d.Cond, s, given),
	}
}

// step computes the state of a pixel, whose row was entered from column c+from.
func (d *directionStepper) step(r, c, from int, x *tensor.Tensor) *tensor.Tensor {
	hidden := d.h.channels()
	var before, memory *tensor.Tensor
	if at := c + from; at < 0 || at >= d.w {
		before = tensor.BroadcastTo(d.d.H0.Value(), d.n, hidden)
		memory = tensor.BroadcastTo(d.d.C0.Value(), d.n, hidden)
	} else {
		before, memory = d.h.get(r, at), d.c.get(r, at)
	}
	above := d.h.get(r-1, c) // zeros above the first row
	gates := tensor.Add(d.cond.add(r, c, d.input.point(x)), tensor.MatMul(tensor.Concat(-1, before, above), d.state))
	h, next := rememberNow(gates, memory)
	d.h.put(r, c, h)
	d.c.put(r, c, next)
	return h
}
