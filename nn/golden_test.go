package nn_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
	"github.com/stretchr/testify/require"
)

// tolerance is how far a float32 computation may be from the reference, as a part of the largest value. Single layers stay
// within 2e-6, Winograd's transforms being the coarsest; the residual network, a dozen layers there and back, within 3.4e-6.
const tolerance = 4e-6

// reference is a golden case.
type reference map[string]golden.Array

func load(name string) reference { return golden.Load(name) }

// tensor returns an array as it is.
func (r reference) tensor(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	a, ok := r[name]
	require.True(t, ok, "no array %q", name)
	return tensor.FromSlice(a.Data, a.Shape...)
}

// image returns an array (N,C,H,W) as (N,H,W,C), (N,C,L) as (N,L,C), and any other as it is.
func (r reference) image(t *testing.T, name string) *tensor.Tensor {
	t.Helper()
	a, ok := r[name]
	require.True(t, ok, "no array %q", name)
	switch len(a.Shape) {
	case 4:
		a = a.NHWC()
	case 3:
		a = a.NLC()
	}
	return tensor.FromSlice(a.Data, a.Shape...)
}

// fill copies the arrays into a network's parameters and state, through their layouts. names maps the network's names
// to those of the arrays, where they differ; entries without an array stay as they are.
func (r reference) fill(t *testing.T, m any, names map[string]string) {
	t.Helper()
	for _, e := range nn.Walk(m) {
		name := e.Name
		if n, ok := names[name]; ok {
			name = n
		}
		a, ok := r[name]
		if !ok {
			continue
		}
		require.Equal(t, a.Shape, e.Layout.DiskShape(e.Tensor().Shape()), e.Name)
		e.Tensor().CopyFrom(e.Layout.FromDisk(tensor.FromSlice(a.Data, a.Shape...), e.Tensor().Shape()))
	}
}

// requireGrads compares the gradients of all parameters with the arrays called "grad.NAME".
func (r reference) requireGrads(t *testing.T, bound any, y *autograd.Var, names map[string]string) {
	t.Helper()
	grads := autograd.Grad(y, nn.Params(bound)...)
	i := 0
	for _, e := range nn.Walk(bound) {
		if e.Param == nil {
			continue
		}
		name := e.Name
		if n, ok := names[name]; ok {
			name = n
		}
		requireClose(t, "grad."+name, r.tensor(t, "grad."+name), e.Layout.ToDisk(grads[i]))
		i++
	}
}

// requireClose compares tensors and reports the first element that differs.
func requireClose(t *testing.T, what string, want, got *tensor.Tensor) {
	t.Helper()
	requireWithin(t, what, want, got, tolerance)
}

func requireWithin(t *testing.T, what string, want, got *tensor.Tensor, tol float64) {
	t.Helper()
	require.Equal(t, want.Shape(), got.Shape(), what)
	size := 1e-3
	for _, v := range want.Data() {
		size = max(size, math.Abs(float64(v)))
	}
	for i, w := range want.Data() {
		if g := got.Data()[i]; !(math.Abs(float64(g)-float64(w)) <= tol*size) {
			require.Failf(t, "values differ", "%s: element %d is %g, want %g ± %g", what, i, g, w, tol*size)
		}
	}
}

// along returns Σ g·y, the loss whose gradient with respect to y is g.
func along(y *autograd.Var, g *tensor.Tensor) *autograd.Var {
	return autograd.Sum(autograd.Mul(y, autograd.Const(g)))
}

// requireLayer checks the value and all gradients of a layer whose case has x, y and upstream gradient, in images.
func (r reference) requireLayer(t *testing.T, layer any, forward func(bound any, x *autograd.Var) *autograd.Var, names map[string]string) {
	t.Helper()
	r.fill(t, layer, names)
	tape := autograd.NewTape()
	bound := nn.Bind(tape, layer)
	x := tape.Leaf(r.image(t, "x"))
	y := forward(bound, x)
	requireClose(t, "y", r.image(t, "y"), y.Value())
	loss := along(y, r.image(t, "grad.y"))
	r.requireGrads(t, bound, loss, names)
	requireClose(t, "grad.x", r.image(t, "grad.x"), autograd.Grad(loss, x)[0])
	requireClose(t, "y without a tape", r.image(t, "y"), forward(layer, autograd.Const(r.image(t, "x"))).Value())
}

// setting reads one number, or a pair, of a case's settings.
func setting(t *testing.T, name, key string) [2]int {
	t.Helper()
	text, ok := golden.Meta(name)[key]
	if !ok {
		return [2]int{}
	}
	var pair [2]int
	if json.Unmarshal([]byte(text), &pair[0]) == nil {
		pair[1] = pair[0]
		return pair
	}
	require.NoError(t, json.Unmarshal([]byte(text), &pair))
	return pair
}
