package tensor_test

import (
	"slices"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"pgregory.net/rapid"
)

func TestWhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := drawShape(t, 0, 3)
		// Each operand leaves out leading axes and repeats along others.
		operand := func() []int {
			s := slices.Clone(shape)
			for k := range s {
				if rapid.Bool().Draw(t, "repeat") {
					s[k] = 1
				}
			}
			return s[rapid.IntRange(0, len(s)).Draw(t, "drop"):]
		}
		mask, a, b := drawTensor(t, operand()...), drawTensor(t, operand()...), drawTensor(t, operand()...)
		tensor.ClampInto(mask, mask, 0, 1)
		out := tensor.BroadcastShape("test", mask.Shape(), tensor.BroadcastShape("test", a.Shape(), b.Shape()))
		m, x, y := tensortest.From(mask), tensortest.From(a), tensortest.From(b)
		want := tensortest.Build(out, func(i []int) float64 {
			if m.Broadcast(i) != 0 {
				return x.Broadcast(i)
			}
			return y.Broadcast(i)
		})
		check(t, want, 0, tensor.Where(mask, a, b), func(dst tsr) { tensor.WhereInto(dst, mask, a, b) })
	})
}

func TestWhereMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.Where: shapes do not broadcast, got (2) and (3)", func() { tensor.Where(zeros(2), zeros(3), zeros(3)) }},
	})
}
