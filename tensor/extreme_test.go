package tensor_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMaxArgAndMinArg(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 4)
		axes := drawAxes(t, len(shape))
		x := drawTensor(t, shape...)
		// Few different values, so that there are ties.
		tensor.MapInto(x, x, math.Round)
		rest, _ := tensor.ReducedShape("test", shape, axes)
		for _, c := range []struct {
			f     func(dst, arg, x tsr, axes ...int)
			start float64
			fold  func(a, b float64) float64
		}{{tensor.MaxArgInto, math.Inf(-1), func(a, b float64) float64 { return max(a, b) }}, {tensor.MinArgInto, math.Inf(1), func(a, b float64) float64 { return min(a, b) }}} {
			y, arg := tensortest.NewGuarded(1, rest...), tensortest.NewGuarded(2, rest...)
			if x.Len() == 0 && y.Len() > 0 {
				require.Panics(t, func() { c.f(y.Tensor, arg.Tensor, x, axes...) })
				continue
			}
			c.f(y.Tensor, arg.Tensor, x, axes...)
			y.Check(t)
			arg.Check(t)
			tensortest.Close(t, tensortest.Reduce(tensortest.From(x), c.start, c.fold, axes...), y.Tensor, 0)
			tensortest.Close(t, tensortest.From(y.Tensor), into(t, rest, func(dst tsr) { tensor.PickInto(dst, x, arg.Tensor) }), 0)
			tensortest.Adjoint(t, newRand(), shape, rest,
				func(dst, x tsr) { tensor.PickInto(dst, x, arg.Tensor) },
				func(dst, y tsr) { tensor.PlaceInto(dst, y, arg.Tensor) }, 1e-6)
		}
	})
}

// drawAxes draws distinct axes of some rank, a few of them counted from the end.
func drawAxes(t *rapid.T, rank int) []int {
	if rank == 0 {
		return nil
	}
	axes := rapid.SliceOfDistinct(rapid.IntRange(0, rank-1), rapid.ID).Draw(t, "axes")
	for i := range axes {
		if rapid.Bool().Draw(t, "from the end") {
			axes[i] -= rank
		}
	}
	return axes
}

func TestMaxArgTakesTheFirst(t *testing.T) {
	x := tensor.FromSlice([]float32{2, 7, 7, 2, 7, 2}, 2, 3)
	for _, c := range []struct {
		f    func(dst, arg, x tsr, axes ...int)
		axes []int
		want []float32
	}{
		{tensor.MaxArgInto, nil, []float32{0, 1, 0, 0, 0, 0}}, {tensor.MaxArgInto, []int{1}, []float32{0, 1, 0, 0, 1, 0}},
		{tensor.MaxArgInto, []int{0}, []float32{1, 1, 1, 0, 0, 0}}, {tensor.MinArgInto, []int{1}, []float32{1, 0, 0, 1, 0, 0}},
	} {
		rest, _ := tensor.ReducedShape("test", x.Shape(), c.axes)
		y, arg := zeros(rest...), zeros(rest...)
		c.f(y, arg, x, c.axes...)
		g := zeros(2, 3)
		tensor.PlaceInto(g, tensor.Full(1, rest...), arg)
		require.Equal(t, c.want, g.Data())
	}
}

func TestExtremeMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.MaxArgInto: nothing to choose from in shape (2,0)",
			func() { tensor.MaxArgInto(zeros(2), zeros(2), zeros(2, 0), 1) }},
		{"tensor.MinArgInto: destination must be (2), got (3)",
			func() { tensor.MinArgInto(zeros(2), zeros(3), zeros(2, 3), 1) }},
		{"tensor.PickInto: destination must be (2), got (3)", func() { tensor.PickInto(zeros(3), zeros(4), zeros(2)) }},
	})
}
