// Package gradtest checks derivatives of autograd operations against finite differences of a float64 reference.
//
//	gradtest.Check(t, gradtest.Case{
//		Name: "Tanh",
//		In:   []*tensor.Tensor{x},
//		F:    func(in ...*autograd.Var) *autograd.Var { return autograd.Tanh(in[0]) },
//		Ref:  gradtest.Elementwise(math.Tanh),
//	})
//
// Differences are taken of the reference and never of the float32 operation, whose rounding would drown them.
package gradtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

// Case is one operation at one point. Keep the point away from kinks and ties by at least 1e-3.
type Case struct {
	Name  string
	In    []*tensor.Tensor                              // where to differentiate
	F     func(in ...*autograd.Var) *autograd.Var       // the operation under test
	Ref   func(in ...tensortest.Array) tensortest.Array // the same function in float64
	Order int                                           // how often to differentiate; 0 means 2
	Tol   float64                                       // of values, and of derivatives relative to their size; 0 means 2e-5
}

const (
	step1      = 1e-6 // of first differences
	step2      = 1e-4 // of second differences
	directions = 3    // random directions tried of each kind
)

// Check fails the test unless the case has the value, the gradient and, for order 2, the second derivatives of its
// reference: along random directions of each input alone and of all together. The gradient taken with Grad must agree
// with GradOnTape, and with the one for which the other inputs are constants. The second derivatives include that of
// the gradient in the gradient from above.
func Check(t tensortest.T, c Case) {
	t.Helper()
	if msg := Diff(c); msg != "" {
		t.Fatalf("%s", msg)
	}
}

// Diff is [Check] that returns the message, empty if all is well.
func Diff(c Case) string {
	if c.Tol == 0 {
		c.Tol = 2e-5
	}
	if c.Order == 0 {
		c.Order = 2
	}
	k := &checker{Case: c, rng: rand.New(rand.NewPCG(uint64(len(c.Name)), 17)), tape: autograd.NewTape()}
	before := clones(c.In)
	for _, check := range []func() string{k.value, k.first, k.second} {
		msg := check()
		for i, x := range before {
			if changed := tensortest.Diff(tensortest.From(x), c.In[i], 0); changed != "" {
				msg = fmt.Sprintf("input %d was changed: %s", i, changed)
			}
		}
		if msg != "" {
			return fmt.Sprintf("%s: %s", c.Name, msg)
		}
	}
	return ""
}

type checker struct {
	Case
	rng  *rand.Rand
	tape *autograd.Tape
	up   *tensor.Tensor   // the gradient from above: the loss is ⟨up, f(in)⟩
	grad []*tensor.Tensor // of the loss
}

func (k *checker) value() string {
	y := k.F(consts(k.In)...)
	if msg := tensortest.Diff(k.Ref(k.point()...), y.Value(), k.Tol); msg != "" {
		return "value: " + msg
	}
	k.tape.Reset()
	taped := k.F(k.leaves(k.In)...)
	if msg := tensortest.Diff(tensortest.From(y.Value()), taped.Value(), 0); msg != "" {
		return "value on a tape and off it: " + msg
	}
	k.up = tensor.RandN(k.rng, y.Shape()...)
	return ""
}

func (k *checker) first() string {
	k.tape.Reset()
	in := k.leaves(k.In)
	k.grad = clones(autograd.Grad(k.loss(in, autograd.Const(k.up)), in...))

	for i, g := range autograd.GradOnTape(k.loss(in, autograd.Const(k.up)), in...) {
		if msg := k.agree(k.grad[i], g.Value()); msg != "" {
			return fmt.Sprintf("gradient of input %d, Grad and GradOnTape: %s", i, msg)
		}
	}
	k.tape.Reset()
	in = k.leaves(k.In)
	for i, g := range autograd.LastGrad(k.loss(in, autograd.Const(k.up)), in...) {
		if msg := tensortest.Diff(tensortest.From(k.grad[i]), g, 0); msg != "" {
			return fmt.Sprintf("gradient of input %d, Grad and LastGrad: %s", i, msg)
		}
	}
	for i := range k.In {
		k.tape.Reset()
		in := consts(k.In)
		in[i] = k.tape.Leaf(k.In[i])
		g := autograd.Grad(k.loss(in, autograd.Const(k.up)), in[i])
		if msg := k.agree(k.grad[i], g[0]); msg != "" {
			return fmt.Sprintf("gradient of input %d, all inputs recorded and this one alone: %s", i, msg)
		}
	}
	return k.each(len(k.In), func(only int) string {
		v := k.direction(k.In, only)
		want := (k.ref(k.up, shift{v, step1}) - k.ref(k.up, shift{v, -step1})) / (2 * step1)
		got, size := dot(v, k.grad)
		if bad(want, got, k.Tol*(math.Abs(want)+size)+1e-7*(1+math.Abs(k.ref(k.up)))) {
			return fmt.Sprintf("gradient along a direction %s: want %.9g, got %.9g%s", whose(only), want, got, k.locate())
		}
		return ""
	})
}

// second differentiates ⟨v, ∇loss⟩ in the inputs and in the gradient from above.
func (k *checker) second() string {
	if k.Order < 2 {
		return ""
	}
	all := append(slices.Clone(k.In), k.up)
	n := len(k.In)
	return k.each(n, func(first int) string {
		v := k.direction(k.In, first)
		k.tape.Reset()
		leaves := k.leaves(all)
		g := autograd.GradOnTape(k.loss(leaves[:n], leaves[n]), leaves[:n]...)
		s := autograd.Const(tensor.Scalar(0))
		for i := range g {
			s = autograd.Add(s, autograd.Sum(autograd.Mul(g[i], autograd.Const(v[i]))))
		}
		h := clones(autograd.Grad(s, leaves...))
		return k.each(n+1, func(second int) string {
			w := k.direction(all, second)
			want := (k.mixed(v, w, 1, 1) - k.mixed(v, w, 1, -1) - k.mixed(v, w, -1, 1) + k.mixed(v, w, -1, -1)) /
				(4 * step2 * step2)
			got, size := dot(w, h)
			if bad(want, got, 5*k.Tol*(math.Abs(want)+size)+1e-6*(1+math.Abs(k.ref(k.up)))) {
				return fmt.Sprintf("second derivative along a direction %s and one %s: want %.9g, got %.9g",
					whose(first), whose(second), want, got)
			}
			return ""
		})
	})
}

// mixed is the reference's loss at the inputs moved by a·v + b·w and the gradient from above moved by b times w's last.
func (k *checker) mixed(v, w []*tensor.Tensor, a, b float64) float64 {
	n := len(k.In)
	up := tensortest.From(k.up)
	for i, d := range w[n].Data() {
		up.Data[i] += b * step2 * float64(d)
	}
	return weigh(k.Ref(k.point(shift{v, a * step2}, shift{w[:n], b * step2})...), up)
}

func (k *checker) loss(in []*autograd.Var, up *autograd.Var) *autograd.Var {
	return autograd.Sum(autograd.Mul(k.F(in...), up))
}

// shift moves a point by a multiple of a direction.
type shift struct {
	along []*tensor.Tensor
	by    float64
}

func (k *checker) ref(up *tensor.Tensor, shifts ...shift) float64 {
	return weigh(k.Ref(k.point(shifts...)...), tensortest.From(up))
}

func (k *checker) point(shifts ...shift) []tensortest.Array {
	out := make([]tensortest.Array, len(k.In))
	for i, x := range k.In {
		out[i] = tensortest.From(x)
		for _, s := range shifts {
			for j, d := range s.along[i].Data() {
				out[i].Data[j] += s.by * float64(d)
			}
		}
	}
	return out
}

// direction returns random numbers of ±[½, 1) in the shape of each tensor, or zeros in all but one of them. Bounded
// numbers keep a shifted point from crossing a kink.
func (k *checker) direction(like []*tensor.Tensor, only int) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(like))
	for i, x := range like {
		out[i] = tensor.New(x.Shape()...)
		if only >= 0 && only != i {
			continue
		}
		for j := range out[i].Data() {
			out[i].Data()[j] = (0.5 + k.rng.Float32()/2) * float32(1-2*k.rng.IntN(2))
		}
	}
	return out
}

// each tries several directions in each of n inputs alone and, if there are more, in all together (-1).
func (k *checker) each(n int, try func(only int) string) string {
	for only := -1; only < n; only++ {
		if only < 0 && n == 1 {
			continue
		}
		for range directions {
			if msg := try(only); msg != "" {
				return msg
			}
		}
	}
	return ""
}

// locate finds the first element of the gradient that is wrong.
func (k *checker) locate() string {
	for i, x := range k.In {
		want := tensortest.Zeros(x.Shape()...)
		for j := range want.Data {
			v := k.direction(k.In, len(k.In)) // zeros
			v[i].Data()[j] = 1
			want.Data[j] = (k.ref(k.up, shift{v, step1}) - k.ref(k.up, shift{v, -step1})) / (2 * step1)
		}
		if msg := tensortest.Diff(want, k.grad[i], 1e-4); msg != "" {
			return fmt.Sprintf("; gradient of input %d: %s", i, msg)
		}
	}
	return ""
}

// agree compares two gradients that differ by rounding only.
func (k *checker) agree(want, got *tensor.Tensor) string {
	scale := 1.0
	for _, v := range want.Data() {
		scale = max(scale, math.Abs(float64(v)))
	}
	return tensortest.Diff(tensortest.From(want), got, k.Tol*scale)
}

func (k *checker) leaves(ts []*tensor.Tensor) []*autograd.Var {
	out := make([]*autograd.Var, len(ts))
	for i, t := range ts {
		out[i] = k.tape.Leaf(t)
	}
	return out
}

func consts(ts []*tensor.Tensor) []*autograd.Var {
	out := make([]*autograd.Var, len(ts))
	for i, t := range ts {
		out[i] = autograd.Const(t)
	}
	return out
}

func clones(ts []*tensor.Tensor) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(ts))
	for i, t := range ts {
		out[i] = t.Clone()
	}
	return out
}

// dot returns ⟨v, g⟩ and the product of the norms, which bounds what rounding of g can do to it.
func dot(v, g []*tensor.Tensor) (value, size float64) {
	var vv, gg float64
	for i := range g {
		value += tensor.Dot(v[i], g[i])
		vv += tensor.Dot(v[i], v[i])
		gg += tensor.Dot(g[i], g[i])
	}
	return value, math.Sqrt(vv * gg)
}

func weigh(y, up tensortest.Array) float64 {
	s := 0.0
	for i, v := range y.Data {
		s += v * up.Data[i]
	}
	return s
}

func bad(want, got, tol float64) bool { return !(math.Abs(want-got) <= tol) }

func whose(only int) string {
	if only < 0 {
		return "of all inputs"
	}
	return fmt.Sprintf("of input %d", only)
}

// Elementwise returns the reference of a function that acts on each element of one input.
func Elementwise(f func(x float64) float64) func(in ...tensortest.Array) tensortest.Array {
	return func(in ...tensortest.Array) tensortest.Array {
		y := in[0].Clone()
		for i, v := range y.Data {
			y.Data[i] = f(v)
		}
		return y
	}
}
