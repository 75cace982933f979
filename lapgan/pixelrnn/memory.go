package pixelrnn

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
)

// remember is one step of a long short-term memory. gates (…,4h) are those of input, forgetting and output and the candidate,
// in this order; c is (…,h).
//
//	c ← σ(f)⊙c + σ(i)⊙tanh(g)
//	h = σ(o)⊙tanh(c)
func remember(gates, c *autograd.Var) (h, next *autograd.Var) {
	w := c.Dim(-1)
	sure := autograd.Sigmoid(autograd.Slice(gates, -1, 0, 3*w))
	candidate := autograd.Tanh(autograd.Slice(gates, -1, 3*w, 4*w))
	in, forget, out := autograd.Slice(sure, -1, 0, w), autograd.Slice(sure, -1, w, 2*w), autograd.Slice(sure, -1, 2*w, 3*w)
	next = autograd.Add(autograd.Mul(forget, c), autograd.Mul(in, candidate))
	return autograd.Mul(out, autograd.Tanh(next)), next
}

// rememberNow is remember without a tape.
func rememberNow(gates, c *tensor.Tensor) (h, next *tensor.Tensor) {
	hv, cv := remember(autograd.Const(gates), autograd.Const(c))
	return hv.Value(), cv.Value()
}

// pieces cuts x along axis 0 into pieces of the given sizes. It halves x again and again: the gradient of a cut is as large as
// what is cut, so cutting every piece from the whole would take quadratic time.
func pieces(x *autograd.Var, sizes []int) []*autograd.Var {
	if len(sizes) == 1 {
		return []*autograd.Var{x}
	}
	mid, at := len(sizes)/2, 0
	for _, n := range sizes[:mid] {
		at += n
	}
	return append(
		pieces(autograd.Slice(x, 0, 0, at), sizes[:mid]),
		pieces(autograd.Slice(x, 0, at, x.Dim(0)), sizes[mid:])...)
}

// spread repeats a state v (h) to the given shape (…,h).
func spread(v *autograd.Var, shape ...int) *autograd.Var { return autograd.BroadcastTo(v, shape...) }

// start returns a learned first state of h units, zero at first.
func start(h int) *autograd.Var { return autograd.Const(tensor.New(h)) }
