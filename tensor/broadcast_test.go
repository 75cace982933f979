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

var binaries = map[string]struct {
	f    func(a, b tsr) tsr
	into func(dst, a, b tsr)
	ref  func(a, b float64) float64
}{
	"Add":     {tensor.Add, tensor.AddInto, func(a, b float64) float64 { return a + b }},
	"Sub":     {tensor.Sub, tensor.SubInto, func(a, b float64) float64 { return a - b }},
	"Mul":     {tensor.Mul, tensor.MulInto, func(a, b float64) float64 { return a * b }},
	"Div":     {tensor.Div, tensor.DivInto, func(a, b float64) float64 { return a / b }},
	"Maximum": {tensor.Maximum, tensor.MaximumInto, func(a, b float64) float64 { return max(a, b) }},
	"Minimum": {tensor.Minimum, tensor.MinimumInto, func(a, b float64) float64 { return min(a, b) }},
}

// drawOperand draws a shape that broadcasts to shape: some axes repeat and some leading ones are left out.
func drawOperand(t *rapid.T, shape []int) []int {
	s := slices.Clone(shape)
	for k := range s {
		if rapid.Bool().Draw(t, "repeat") {
			s[k] = 1
		}
	}
	return s[rapid.IntRange(0, len(s)).Draw(t, "drop"):]
}

func TestBinary(t *testing.T) {
	for name, op := range binaries {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				shape := drawShape(t, 0, 4)
				if rapid.IntRange(0, 9).Draw(t, "long") == 0 { // past the buffers of a repeated operand
					shape = append(shape, rapid.IntRange(250, 1100).Draw(t, "last"))
				}
				a, b := drawTensor(t, drawOperand(t, shape)...), drawTensor(t, drawOperand(t, shape)...)
				want := tensortest.Zip(tensortest.From(a), tensortest.From(b), op.ref)
				y := op.f(a, b)
				check(t, want, 1e-6, y, func(dst tsr) { op.into(dst, a, b) })
				if tensor.SameShape(a, y) {
					inPlace := a.Clone()
					op.into(inPlace, inPlace, b)
					tensortest.Same(t, y, inPlace)
				}
				if tensor.SameShape(b, y) {
					inPlace := b.Clone()
					op.into(inPlace, a, inPlace)
					tensortest.Same(t, y, inPlace)
				}
			})
		})
	}
}

func TestBroadcastTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 4)
		x := drawTensor(t, drawOperand(t, shape)...)
		want := tensortest.Build(shape, tensortest.From(x).Broadcast)
		check(t, want, 0, tensor.BroadcastTo(x, shape...), func(dst tsr) { tensor.BroadcastInto(dst, x) })
		tensortest.Adjoint(t, newRand(), x.Shape(), shape, tensor.BroadcastInto, tensor.SumToInto, 1e-6)
	})
}

func TestSpecialMaximum(t *testing.T) {
	x := tensor.FromSlice([]float32{float32(nan), 1, float32(nan), float32(inf)}, 4)
	y := tensor.FromSlice([]float32{1, float32(nan), float32(nan), float32(-inf)}, 4)
	tensortest.Close(t, arr{Shape: []int{4}, Data: []float64{nan, nan, nan, inf}}, tensor.Maximum(x, y), 0)
	tensortest.Close(t, arr{Shape: []int{4}, Data: []float64{nan, nan, nan, -inf}}, tensor.Minimum(x, y), 0)
	require.True(t, math.IsNaN(float64(tensor.Mul(tensor.Scalar(0), tensor.Scalar(float32(nan))).Item())))
}

func TestBroadcastMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Add: shapes do not broadcast, got (2,3) and (2)", func() { tensor.Add(zeros(2, 3), zeros(2)) }},
		{"tensor.MulInto: shapes do not broadcast, got (2,3) and (3,3)", func() { tensor.MulInto(zeros(3, 3), zeros(2, 3), zeros(3, 3)) }},
		{"tensor.SubInto: destination must be (2,3), got (3)", func() { tensor.SubInto(zeros(3), zeros(2, 3), zeros(3)) }},
		{"tensor.BroadcastInto: shapes do not broadcast, got (2) and (3)", func() { tensor.BroadcastTo(zeros(2), 3) }},
		{"tensor.BroadcastInto: destination must be (2,3), got (3)", func() { tensor.BroadcastTo(zeros(2, 3), 3) }},
		{"tensor.BroadcastInto: destination must be (3), got (1)", func() { tensor.BroadcastTo(zeros(3), 1) }},
	})
}
