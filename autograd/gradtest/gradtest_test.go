package gradtest_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/autograd/gradtest"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
)

// cube is x³ with a derivative of the test's choice, in terms of x and the gradient from above.
func cube(back func(c *autograd.Call, g *autograd.Var) *autograd.Var) func(in ...*autograd.Var) *autograd.Var {
	return func(in ...*autograd.Var) *autograd.Var {
		x := in[0].Value()
		y := autograd.Alloc(x.Shape(), in[0])
		tensor.PowInto(y, x, 3)
		return autograd.Record("Cube", y, func(c *autograd.Call, g *autograd.Var) []*autograd.Var {
			return []*autograd.Var{back(c, g)}
		}, in[0])
	}
}

func right(c *autograd.Call, g *autograd.Var) *autograd.Var {
	return autograd.Mul(g, autograd.Scale(autograd.Square(c.In(0)), 3))
}

func TestDiff(t *testing.T) {
	x := tensor.FromSlice([]float32{-1.5, 0.75, 2}, 3)
	ref := gradtest.Elementwise(func(x float64) float64 { return x * x * x })
	for _, c := range []struct {
		name  string
		f     func(in ...*autograd.Var) *autograd.Var
		ref   func(in ...tensortest.Array) tensortest.Array
		order int
		want  string
	}{
		{name: "right", f: cube(right)},
		{
			name: "wrong value", f: cube(right), want: "value: element (0) of (3): want -1.5, got -3.375",
			ref: gradtest.Elementwise(func(x float64) float64 { return x }),
		},
		{
			name: "wrong factor", want: "gradient along a direction of input 0",
			f: cube(func(c *autograd.Call, g *autograd.Var) *autograd.Var { return autograd.Scale(right(c, g), 1.001) }),
		},
		{
			name: "one wrong element", want: "gradient of input 0: element (1) of (3)",
			f: cube(func(c *autograd.Call, g *autograd.Var) *autograd.Var {
				return autograd.Mul(right(c, g), autograd.Const(tensor.FromSlice([]float32{1, 1.01, 1}, 3)))
			}),
		},
		{
			name: "lost gradient", want: "gradient along a direction of input 0",
			f: cube(func(*autograd.Call, *autograd.Var) *autograd.Var { return nil }),
		},
		{
			name: "second derivative lost in the input", want: "second derivative along a direction",
			f: cube(func(c *autograd.Call, g *autograd.Var) *autograd.Var {
				return autograd.Mul(g, autograd.Detach(autograd.Scale(autograd.Square(c.In(0)), 3)))
			}),
		},
		{
			name: "second derivative lost in the gradient from above", want: "second derivative along a direction",
			f: cube(func(c *autograd.Call, g *autograd.Var) *autograd.Var { return right(c, autograd.Detach(g)) }),
		},
		{
			name: "only the first order", order: 1,
			f: cube(func(c *autograd.Call, g *autograd.Var) *autograd.Var { return right(c, autograd.Detach(g)) }),
		},
		{
			name: "fused and composed differ", want: "Grad and GradOnTape",
			f: cube(func(c *autograd.Call, g *autograd.Var) *autograd.Var {
				if c.OnTape() {
					return autograd.Scale(right(c, g), 1.001)
				}
				return right(c, g)
			}),
		},
		{
			name: "changes its input", want: "input 0 was changed",
			f: func(in ...*autograd.Var) *autograd.Var {
				y := cube(right)(in...)
				in[0].Value().Data()[0] = math.Nextafter32(in[0].Value().Data()[0], 0)
				return y
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.ref == nil {
				c.ref = ref
			}
			msg := gradtest.Diff(gradtest.Case{Name: "Cube", In: []*tensor.Tensor{x.Clone()}, F: c.f, Ref: c.ref, Order: c.order})
			if c.want == "" {
				require.Empty(t, msg)
				return
			}
			require.Contains(t, msg, c.want)
		})
	}
}

func TestDiffFindsAGradientThatDependsOnWhoAsks(t *testing.T) {
	x, y := tensor.FromSlice([]float32{1.5}, 1), tensor.FromSlice([]float32{-2}, 1)
	msg := gradtest.Diff(gradtest.Case{
		Name: "Product",
		In:   []*tensor.Tensor{x, y},
		F: func(in ...*autograd.Var) *autograd.Var {
			p := autograd.Alloc([]int{1}, in...)
			tensor.MulInto(p, in[0].Value(), in[1].Value())
			return autograd.Record("Product", p, func(c *autograd.Call, g *autograd.Var) []*autograd.Var {
				if !c.Wants(1) {
					return []*autograd.Var{g, nil} // wrong, but only here
				}
				return []*autograd.Var{autograd.Mul(g, c.In(1)), autograd.Mul(g, c.In(0))}
			}, in[0], in[1])
		},
		Ref: func(in ...tensortest.Array) tensortest.Array {
			return tensortest.Zip(in[0], in[1], func(a, b float64) float64 { return a * b })
		},
	})
	require.Contains(t, msg, "gradient of input 0, all inputs recorded and this one alone")
}
