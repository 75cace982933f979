package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPad2D(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mode := rapid.SampledFrom([]tensor.PadMode{tensor.PadZero, tensor.PadReflect, tensor.PadReplicate}).Draw(t, "mode")
		least := 1
		if mode == tensor.PadZero {
			least = 0
		}
		h, w := rapid.IntRange(least, 5).Draw(t, "h"), rapid.IntRange(least, 5).Draw(t, "w")
		spec := tensor.PadSpec{Mode: mode}
		draw := func(n int) (before, after int) {
			most := 4
			if mode == tensor.PadReflect {
				most = n - 1
			}
			before = rapid.IntRange(-n, most).Draw(t, "before")
			return before, rapid.IntRange(max(-n, -n-before), most).Draw(t, "after")
		}
		spec.T, spec.B = draw(h)
		spec.L, spec.R = draw(w)
		shape := []int{rapid.IntRange(0, 2).Draw(t, "n"), h, w, rapid.IntRange(0, 3).Draw(t, "c")}
		x := drawTensor(t, shape...)
		want := tensortest.Pad2D(tensortest.From(x), spec)
		check(t, want, 0, tensor.Pad2D(x, spec), func(dst tsr) { tensor.Pad2DInto(dst, x, spec) })
		tensortest.Adjoint(t, newRand(), shape, want.Shape,
			func(dst, x tsr) { tensor.Pad2DInto(dst, x, spec) },
			func(dst, x tsr) { tensor.Pad2DAdjointInto(dst, x, spec) }, 1e-6)
	})
}

func TestPad2DModes(t *testing.T) {
	x := tensor.FromSlice([]float32{1, 2, 3}, 1, 1, 3, 1)
	for mode, want := range map[tensor.PadMode][]float32{
		tensor.PadZero:      {0, 0, 1, 2, 3, 0, 0},
		tensor.PadReflect:   {3, 2, 1, 2, 3, 2, 1},
		tensor.PadReplicate: {1, 1, 1, 2, 3, 3, 3},
	} {
		require.Equal(t, want, tensor.Pad2D(x, tensor.PadSpec{L: 2, R: 2, Mode: mode}).Data(), "%v", mode)
	}
}

func TestCrop2D(t *testing.T) {
	x := seq(2, 4, 5, 3)
	want := build(x, []int{2, 2, 3, 3}, func(i []int) []int { i[1]++; i[2] += 2; return i })
	tensortest.Close(t, want, tensor.Crop2D(x, 1, 2, 2, 3), 0)
}

func TestPadMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Pad2D: want (N,H,W,C), got (2,3)", func() { tensor.Pad2D(zeros(2, 3), tensor.PadSpec{}) }},
		{"tensor.Pad2D: nothing is left of (1,2,2,1) after padding {T:-1 B:-2 L:0 R:0 Mode:zero}",
			func() { tensor.Pad2D(zeros(1, 2, 2, 1), tensor.PadSpec{T: -1, B: -2}) }},
		{"tensor.Pad2D: a reflected border must be narrower than the image (1,2,2,1), got {T:2 B:0 L:0 R:0 Mode:reflect}",
			func() { tensor.Pad2D(zeros(1, 2, 2, 1), tensor.PadSpec{T: 2, Mode: tensor.PadReflect}) }},
		{"tensor.Pad2D: no pixel of (1,0,2,1) to replicate",
			func() { tensor.Pad2D(zeros(1, 0, 2, 1), tensor.PadAll(1, tensor.PadReplicate)) }},
		{"tensor.Pad2D: no padding mode PadMode(7)", func() { tensor.Pad2D(zeros(1, 2, 2, 1), tensor.PadSpec{Mode: 7}) }},
		{"tensor.Crop2D: no part of 2×2 pixels at (1,0) in images (1,2,2,1)", func() { tensor.Crop2D(zeros(1, 2, 2, 1), 1, 0, 2, 2) }},
	})
}
