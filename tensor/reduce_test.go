package tensor_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestReduce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 4)
		if rapid.IntRange(0, 9).Draw(t, "long") == 0 && len(shape) > 0 { // past the rows that one goroutine folds
			shape[rapid.IntRange(0, len(shape)-1).Draw(t, "axis")] = rapid.IntRange(500, 1100).Draw(t, "size")
		}
		axes := drawAxes(t, len(shape))
		x := drawTensor(t, shape...)
		a := tensortest.From(x)
		sum := tensortest.Sum(a, axes...)
		// Between two runs of axes that do not touch, sums are rounded to float32.
		tol := 1e-7
		for _, v := range tensortest.Sum(tensortest.Map(a, math.Abs), axes...).Data {
			if v < inf {
				tol = max(tol, 1e-7*v)
			}
		}
		check(t, sum, tol, tensor.Sum(x, axes...), func(dst tsr) { tensor.SumInto(dst, x, axes...) })
		n := 1.0
		_, gone := tensor.ReducedShape("test", shape, axes)
		for k, d := range shape {
			if gone[k] {
				n *= float64(d)
			}
		}
		if x.Len() > 0 {
			mean := tensortest.Map(sum, func(v float64) float64 { return v / n })
			tensortest.Close(t, mean, tensor.Mean(x, axes...), max(2e-7, tol/n))
		}
		largest := tensortest.Reduce(a, -inf, func(a, b float64) float64 { return max(a, b) }, axes...)
		check(t, largest, 0, tensor.Max(x, axes...), func(dst tsr) { tensor.MaxInto(dst, x, axes...) })
		least := tensortest.Reduce(a, inf, func(a, b float64) float64 { return min(a, b) }, axes...)
		check(t, least, 0, tensor.Min(x, axes...), func(dst tsr) { tensor.MinInto(dst, x, axes...) })
	})
}

func TestSumIsAccurate(t *testing.T) {
	x := tensor.Full(0.1, 300, 7, 301)
	want := float64(float32(0.1)) * float64(x.Len())
	require.InEpsilon(t, want, tensor.Sum(x).Item(), 1e-7)
	require.InEpsilon(t, want/7, tensor.Sum(x, 0, 2).At(3), 1e-7)
	require.InEpsilon(t, want/301, tensor.Sum(x, 0, 1).At(3), 1e-7)
	require.InEpsilon(t, want/300, tensor.Sum(x, 1, 2).At(3), 1e-7)
}

func TestArgMaxAndArgMin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 3)
		axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
		shape[axis] = max(1, shape[axis])
		x := drawTensor(t, shape...)
		tensor.MapInto(x, x, math.Round) // ties
		for _, c := range []struct {
			f      func(*tensor.Tensor, int) []int
			better func(v, best float32) bool
		}{
			{tensor.ArgMax, func(v, best float32) bool { return v > best }},
			{tensor.ArgMin, func(v, best float32) bool { return v < best }},
		} {
			var want []int
			tensortest.Each(slices.Concat(shape[:axis], shape[axis+1:]), func(i []int) {
				at := slices.Insert(slices.Clone(i), axis, 0)
				best := 0
				for k := range shape[axis] {
					at[axis] = k
					v := x.At(at...)
					at[axis] = best
					if b := x.At(at...); c.better(v, b) || v != v && b == b {
						best = k
					}
				}
				want = append(want, best)
			})
			require.ElementsMatch(t, want, c.f(x, axis-len(shape)))
			require.True(t, slices.Equal(want, c.f(x, axis)))
		}
	})
}

func TestDotAndNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 3, 17, 100, 40000}).Draw(t, "n")
		x, y := drawFinite(t, n), drawFinite(t, n)
		want, square := 0.0, 0.0
		for i, v := range x.Data() {
			want += float64(v) * float64(y.Data()[i])
			square += float64(v) * float64(v)
		}
		require.InDelta(t, want, tensor.Dot(x, y), 1e-9*float64(n+1))
		require.InDelta(t, math.Sqrt(square), tensor.Norm(x), 1e-9*float64(n+1))
	})
}

func TestSumTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 4)
		small := drawOperand(t, shape)
		x := drawTensor(t, shape...)
		want := tensortest.Zeros(small...)
		tensortest.Each(shape, func(i []int) {
			own := slices.Clone(i[len(i)-len(small):])
			for k := range own {
				own[k] = min(own[k], small[k]-1)
			}
			want.Add(float64(x.At(i...)), own...)
		})
		tensortest.Close(t, want, into(t, small, func(dst tsr) { tensor.SumToInto(dst, x) }), 1e-6)
	})
}

func TestReduceMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Sum: no axis 2 in shape (2,3)", func() { tensor.Sum(zeros(2, 3), 2) }},
		{"tensor.MaxInto: destination must be (2), got (3)", func() { tensor.MaxInto(zeros(3), zeros(2, 3), 1) }},
		{"tensor.ArgMax: axis 1 of shape (2,0) is empty", func() { tensor.ArgMax(zeros(2, 0), 1) }},
		{"tensor.Dot: want equal shapes, got (2) and (3)", func() { tensor.Dot(zeros(2), zeros(3)) }},
		{"tensor.SumToInto: want a destination that broadcasts to the input, got (2,3) and (3)",
			func() { tensor.SumToInto(zeros(2, 3), zeros(3)) }},
		{"tensor.SumToInto: want a destination that broadcasts to the input, got (2) and (3,3)",
			func() { tensor.SumToInto(zeros(2), zeros(3, 3)) }},
	})
}
