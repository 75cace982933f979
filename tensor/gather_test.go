package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"pgregory.net/rapid"
)

func TestGatherAndScatterAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := append([]int{rapid.IntRange(1, 5).Draw(t, "rows")}, drawShape(t, 0, 2)...)
		index := rapid.SliceOfN(rapid.IntRange(0, shape[0]-1), 0, 8).Draw(t, "index")
		x := drawTensor(t, shape...)
		out := append([]int{len(index)}, shape[1:]...)
		want := build(x, out, func(i []int) []int { i[0] = index[i[0]]; return i })
		check(t, want, 0, tensor.Gather(x, index), func(dst tsr) { tensor.GatherInto(dst, x, index) })

		g := drawTensor(t, out...)
		sums := tensortest.Zeros(shape...)
		tensortest.Each(out, func(i []int) {
			sums.Add(float64(g.At(i...)), append([]int{index[i[0]]}, i[1:]...)...)
		})
		got := into(t, shape, func(dst tsr) { tensor.ScatterAddInto(dst, g, index) })
		tensortest.Close(t, sums, got, 1e-5)
	})
}

func TestGatherSumAndScatterSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := append([]int{rapid.IntRange(1, 5).Draw(t, "rows")}, drawShape(t, 0, 2)...)
		each, n := rapid.IntRange(1, 4).Draw(t, "each"), rapid.IntRange(0, 6).Draw(t, "n")
		index := rapid.SliceOfN(rapid.IntRange(-1, shape[0]-1), n*each, n*each).Draw(t, "index")
		x := drawFinite(t, shape...)
		out := append([]int{n}, shape[1:]...)
		want := tensortest.Build(out, func(i []int) (sum float64) {
			for _, k := range index[i[0]*each : (i[0]+1)*each] {
				if k >= 0 {
					sum += float64(x.At(append([]int{k}, i[1:]...)...))
				}
			}
			return sum
		})
		tensortest.Close(t, want, into(t, out, func(dst tsr) { tensor.GatherSumInto(dst, x, index, each) }), 1e-5)

		g := drawFinite(t, out...)
		sums := tensortest.Zeros(shape...)
		tensortest.Each(out, func(i []int) {
			for _, k := range index[i[0]*each : (i[0]+1)*each] {
				if k >= 0 {
					sums.Add(float64(g.At(i...)), append([]int{k}, i[1:]...)...)
				}
			}
		})
		tensortest.Close(t, sums, into(t, shape, func(dst tsr) { tensor.ScatterSumInto(dst, g, index, each) }), 1e-5)
	})
}

func TestTakeAndPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lead := drawShape(t, 0, 2)
		c, rows := rapid.IntRange(1, 4).Draw(t, "c"), 1
		for _, n := range lead {
			rows *= n
		}
		index := rapid.SliceOfN(rapid.IntRange(0, c-1), rows, rows).Draw(t, "index")
		row := func(i []int) int {
			at := 0
			for k, n := range lead {
				at = at*n + i[k]
			}
			return at
		}
		shape := append(append([]int{}, lead...), c)
		x := drawTensor(t, shape...)
		want := build(x, lead, func(i []int) []int { return append(i, index[row(i)]) })
		check(t, want, 0, tensor.Take(x, index), func(dst tsr) { tensor.TakeInto(dst, x, index) })

		g := drawTensor(t, lead...)
		want = build(g, shape, func(i []int) []int {
			if i[len(lead)] != index[row(i)] {
				return nil
			}
			return i[:len(lead)]
		})
		tensortest.Close(t, want, into(t, shape, func(dst tsr) { tensor.PutInto(dst, g, index) }), 0)
	})
}

func TestGatherMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Gather: index 1 is 3, shape (3,2) has rows 0 to 2", func() { tensor.Gather(zeros(3, 2), []int{0, 3}) }},
		{"tensor.Gather: index 0 is -1, shape (3,2) has rows 0 to 2", func() { tensor.Gather(zeros(3, 2), []int{-1}) }},
		{"tensor.Gather: want rows, got a scalar", func() { tensor.Gather(tensor.Scalar(1), nil) }},
		{"tensor.ScatterAddInto: destination must be (2,2), got (1,2)",
			func() { tensor.ScatterAddInto(zeros(3, 2), zeros(1, 2), []int{0, 1}) }},
		{"tensor.GatherSumInto: index 1 is 3, shape (3,2) has rows 0 to 2",
			func() { tensor.GatherSumInto(zeros(1, 2), zeros(3, 2), []int{0, 3}, 2) }},
		{"tensor.GatherSumInto: want rows and 2 indices for each sum, got shape (3,2) and 3 indices",
			func() { tensor.GatherSumInto(zeros(1, 2), zeros(3, 2), []int{0, 1, 2}, 2) }},
		{"tensor.Take: want 3 indices for shape (3,2), got 2", func() { tensor.Take(zeros(3, 2), []int{0, 1}) }},
		{"tensor.Take: index 2 is 2, rows of shape (3,2) have elements 0 to 1", func() { tensor.Take(zeros(3, 2), []int{0, 1, 2}) }},
	})
}
