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
	g := autograd.Split(gates, -1, w, w, w, w)
	in, forget, out, candidate := autograd.Sigmoid(g[0]), autograd.Sigmoid(g[1]), autograd.Sigmoid(g[2]), autograd.Tanh(g[3])
	next = autograd.Add(autograd.Mul(forget, c), autograd.Mul(in, candidate))
	return autograd.Mul(out, autograd.Tanh(next)), next
}

// rememberNow is remember without a tape.
func rememberNow(gates, c *tensor.Tensor) (h, next *tensor.Tensor) {
	hv, cv := remember(autograd.Const(gates), autograd.Const(c))
	return hv.Value(), cv.Value()
}

// spread repeats a state v (h) to the given shape (…,h).
func spread(v *autograd.Var, shape ...int) *autograd.Var { return autograd.BroadcastTo(v, shape...) }

// start returns a learned first state of h units, zero at first.
func start(h int) *autograd.Var { return autograd.Const(tensor.New(h)) }
