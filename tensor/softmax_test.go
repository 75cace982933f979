package tensor_test

import (
	"math"
	"testing"

	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSoftmaxFamily(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 3)
		x := tensor.Affine(drawFinite(t, shape...), rapid.SampledFrom([]float32{0.1, 1, 30, 1000}).Draw(t, "scale"), 0)
		a := tensortest.From(x)
		lead := shape[:len(shape)-1]
		row := func(i []int) (top, sum float64) {
			top = math.Inf(-1)
			for k := range shape[len(shape)-1] {
				top = max(top, a.At(append(append([]int{}, i[:len(lead)]...), k)...))
			}
			for k := range shape[len(shape)-1] {
				sum += math.Exp(a.At(append(append([]int{}, i[:len(lead)]...), k)...) - top)
			}
			return top, sum
		}
		soft := tensortest.Build(shape, func(i []int) float64 { top, sum := row(i); return math.Exp(a.At(i...)-top) / sum })
		log := tensortest.Build(shape, func(i []int) float64 { top, sum := row(i); return a.At(i...) - top - math.Log(sum) })
		total := tensortest.Build(lead, func(i []int) float64 {
			top, sum := row(i)
			if sum == 0 {
				return math.Inf(-1)
			}
			return top + math.Log(sum)
		})
		check(t, soft, 2e-6, tensor.Softmax(x), func(dst tsr) { tensor.SoftmaxInto(dst, x) })
		check(t, log, 1e-6, tensor.LogSoftmax(x), func(dst tsr) { tensor.LogSoftmaxInto(dst, x) })
		check(t, total, 1e-6, tensor.LogSumExp(x), func(dst tsr) { tensor.LogSumExpInto(dst, x) })
		inPlace := x.Clone()
		tensor.SoftmaxInto(inPlace, inPlace)
		tensortest.Same(t, tensor.Softmax(x), inPlace)
		inPlace.CopyFrom(x)
		tensor.LogSoftmaxInto(inPlace, inPlace)
		tensortest.Same(t, tensor.LogSoftmax(x), inPlace)
	})
}

func TestSoftmaxAtInfinity(t *testing.T) {
	hot := tensor.FromSlice([]float32{1, float32(-inf), 1}, 3)
	require.Equal(t, []float32{0.5, 0, 0.5}, tensor.Softmax(hot).Data())
	require.True(t, math.IsInf(float64(tensor.LogSoftmax(hot).At(1)), -1))
	for _, c := range []struct{ x, want float64 }{{inf, inf}, {-inf, -inf}, {nan, nan}} {
		got := tensor.LogSumExp(tensor.FromSlice([]float32{float32(c.x), float32(c.x)}, 2))
		tensortest.Close(t, arr{Shape: []int{}, Data: []float64{c.want}}, got, 0)
	}
	require.InDelta(t, math.Log(2), tensor.LogSumExp(tensor.FromSlice([]float32{0, 0, float32(-inf)}, 3)).Item(), 1e-7)
	y := tensor.Softmax(tensor.FromSlice([]float32{0, float32(nan), 1}, 3))
	for _, v := range y.Data() {
		require.True(t, v != v, "a NaN spoils its row")
	}
}

func TestSoftmaxGolden(t *testing.T) {
	v := golden.Load("softmax")
	tensortest.Close(t, array(v["y"]), tensor.Softmax(array(v["x"]).Tensor()), 1e-6)
	v = golden.Load("log_softmax")
	tensortest.Close(t, array(v["y"]), tensor.LogSoftmax(array(v["x"]).Tensor()), 1e-6)
}

func TestSoftmaxMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.LogSumExp: no axis -1 in shape ()", func() { tensor.LogSumExp(tensor.Scalar(1)) }},
		{"tensor.SoftmaxInto: destination must be (2), got (3)", func() { tensor.SoftmaxInto(zeros(3), zeros(2)) }},
		{"tensor.LogSumExpInto: destination must be (2), got (3)", func() { tensor.LogSumExpInto(zeros(3), zeros(2, 3)) }},
	})
}
