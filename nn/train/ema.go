package train

import (
	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// average is an exponential moving average of a player's parameters.
type average struct {
	decay float64
	vars  map[*autograd.Var]*autograd.Var // parameter → its average, a constant
}

func newAverage(decay float64, params []nn.Entry) *average {
	if decay == 0 {
		return nil
	}
	a := &average{decay: decay, vars: make(map[*autograd.Var]*autograd.Var, len(params))}
	for _, e := range params {
		a.vars[e.Param] = autograd.Const(e.Param.Value().Clone())
	}
	return a
}

// update moves the averages towards the parameters after the n-th update, from 1. The decay grows from 2/11 to its value,
// so that the average forgets where the parameters began.
func (a *average) update(n int, params []nn.Entry) {
	if a == nil {
		return
	}
	decay := min(a.decay, float64(1+n)/float64(10+n))
	for _, e := range params {
		tensor.LerpInto(a.vars[e.Param].Value(), e.Param.Value(), float32(1-decay))
	}
}
