package tensor_test

import (
	"slices"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestConcatAndSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 4)
		axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 6), 1, 4).Draw(t, "sizes")
		xs := make([]tsr, len(sizes))
		total := slices.Clone(shape)
		total[axis] = 0
		for i, n := range sizes {
			shape[axis] = n
			total[axis] += n
			xs[i] = drawTensor(t, shape...)
		}
		want := tensortest.Build(total, func(i []int) float64 {
			i = slices.Clone(i)
			for _, x := range xs {
				if i[axis] < x.Dim(axis) {
					return float64(x.At(i...))
				}
				i[axis] -= x.Dim(axis)
			}
			panic("beyond the last tensor")
		})
		y := tensor.Concat(axis-len(shape), xs...)
		check(t, want, 0, y, func(dst tsr) { tensor.ConcatInto(dst, axis, xs...) })
		for i, p := range tensor.Split(y, axis, sizes...) {
			tensortest.Same(t, xs[i], p)
		}
	})
}

func TestSliceAndEmbed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 4)
		axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
		lo := rapid.IntRange(0, shape[axis]).Draw(t, "lo")
		hi := rapid.IntRange(lo, shape[axis]).Draw(t, "hi")
		x := drawTensor(t, shape...)
		part := slices.Clone(shape)
		part[axis] = hi - lo
		want := build(x, part, func(i []int) []int { i[axis] += lo; return i })
		y := tensor.Slice(x, axis-len(shape), lo, hi)
		check(t, want, 0, y, func(dst tsr) { tensor.SliceInto(dst, x, axis, lo) })
		want = build(y, shape, func(i []int) []int {
			if i[axis] < lo || i[axis] >= hi {
				return nil
			}
			i[axis] -= lo
			return i
		})
		whole := into(t, shape, func(dst tsr) { tensor.EmbedInto(dst, y, axis, lo) })
		tensortest.Close(t, want, whole, 0)
		tensortest.Close(t, tensortest.From(tensor.Add(x, whole)), into(t, shape, func(dst tsr) {
			dst.CopyFrom(x)
			tensor.AddAtInto(dst, y, axis, lo)
		}), 0)
	})
}

func TestStack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 3)
		axis := rapid.IntRange(0, len(shape)).Draw(t, "axis")
		xs := make([]tsr, rapid.IntRange(1, 4).Draw(t, "n"))
		for i := range xs {
			xs[i] = drawTensor(t, shape...)
		}
		want := tensortest.Build(slices.Insert(slices.Clone(shape), axis, len(xs)), func(i []int) float64 {
			return float64(xs[i[axis]].At(slices.Delete(slices.Clone(i), axis, axis+1)...))
		})
		check(t, want, 0, tensor.Stack(axis-len(shape)-1, xs...), func(dst tsr) { tensor.StackInto(dst, axis, xs...) })
	})
}

func TestRoll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 3)
		axis := rapid.IntRange(0, len(shape)-1).Draw(t, "axis")
		shift := rapid.IntRange(-9, 9).Draw(t, "shift")
		x := drawTensor(t, shape...)
		n := shape[axis]
		want := build(x, shape, func(i []int) []int { i[axis] = ((i[axis]-shift)%n + n) % n; return i })
		check(t, want, 0, tensor.Roll(x, axis, shift), func(dst tsr) { tensor.RollInto(dst, x, axis, shift) })
	})
}

func TestFlip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 1, 4)
		axes := rapid.SliceOfDistinct(rapid.IntRange(0, len(shape)-1), rapid.ID).Draw(t, "axes")
		x := drawTensor(t, shape...)
		want := build(x, shape, func(i []int) []int {
			for k := range i {
				if len(axes) == 0 || slices.Contains(axes, k) {
					i[k] = shape[k] - 1 - i[k]
				}
			}
			return i
		})
		check(t, want, 0, tensor.Flip(x, axes...), func(dst tsr) { tensor.FlipInto(dst, x, axes...) })
	})
	require.Equal(t, float32(3), tensor.Flip(tensor.Scalar(3)).Item())
}

func TestPermute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 4)
		axes := rapid.Permutation(seqInts(len(shape))).Draw(t, "axes")
		x := drawTensor(t, shape...)
		out := make([]int, len(shape))
		for i, a := range axes {
			out[i] = shape[a]
		}
		want := build(x, out, func(i []int) []int {
			at := make([]int, len(i))
			for k, a := range axes {
				at[a] = i[k]
			}
			return at
		})
		check(t, want, 0, tensor.Permute(x, axes...), func(dst tsr) { tensor.PermuteInto(dst, x, axes...) })
	})
}

func seqInts(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestConcatMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Concat: nothing to join", func() { tensor.Concat(0) }},
		{"tensor.Concat: want shapes that differ along axis 1 only, got (2,3) and (3,3)",
			func() { tensor.Concat(1, zeros(2, 3), zeros(3, 3)) }},
		{"tensor.Concat: no axis 2 in shape (2,3)", func() { tensor.Concat(2, zeros(2, 3)) }},
		{"tensor.ConcatInto: destination must be (2,5), got (2,4)",
			func() { tensor.ConcatInto(zeros(2, 4), 1, zeros(2, 3), zeros(2, 2)) }},
		{"tensor.Slice: no part 1:4 along axis 1 of shape (2,3)", func() { tensor.Slice(zeros(2, 3), 1, 1, 4) }},
		{"tensor.Slice: no part 2:1 along axis 1 of shape (2,3)", func() { tensor.Slice(zeros(2, 3), 1, 2, 1) }},
		{"tensor.SliceInto: want equal ranks, got (3) and (2,3)", func() { tensor.SliceInto(zeros(3), zeros(2, 3), 1, 0) }},
		{"tensor.SliceInto: destination must be (2,2), got (1,2)", func() { tensor.SliceInto(zeros(1, 2), zeros(2, 3), 1, 0) }},
		{"tensor.EmbedInto: no part 2:4 along axis 1 of shape (2,3)", func() { tensor.EmbedInto(zeros(2, 3), zeros(2, 2), 1, 2) }},
		{"tensor.Split: sizes (1,1) do not add up to axis 1 of shape (2,3)", func() { tensor.Split(zeros(2, 3), 1, 1, 1) }},
		{"tensor.Split: sizes (4,-1) do not add up to axis 1 of shape (2,3)", func() { tensor.Split(zeros(2, 3), 1, 4, -1) }},
		{"tensor.Stack: want equal shapes, got (2) and (3)", func() { tensor.Stack(0, zeros(2), zeros(3)) }},
		{"tensor.Stack: no place for a new axis 2 in shape (2)", func() { tensor.Stack(2, zeros(2)) }},
		{"tensor.Roll: no axis 1 in shape (2)", func() { tensor.Roll(zeros(2), 1, 1) }},
		{"tensor.Flip: no axis -2 in shape (2)", func() { tensor.Flip(zeros(2), -2) }},
		{"tensor.Permute: (0,0) is not a permutation of the axes of shape (2,3)", func() { tensor.Permute(zeros(2, 3), 0, 0) }},
		{"tensor.Permute: (0) is not a permutation of the axes of shape (2,3)", func() { tensor.Permute(zeros(2, 3), 0) }},
	})
}
