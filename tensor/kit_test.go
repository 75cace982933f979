package tensor_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type (
	tsr = *tensor.Tensor
	arr = tensortest.Array
)

var nan, inf = math.NaN(), math.Inf(1)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// drawShape draws a shape of some rank; sizes of 0 and 1 are common.
func drawShape(t *rapid.T, lo, hi int) []int {
	return rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 1, 2, 2, 3, 4, 5}), lo, hi).Draw(t, "shape")
}

// drawTensor draws normal numbers, now and then with zeros, infinities and NaN among them.
func drawTensor(t *rapid.T, shape ...int) tsr {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	x := tensor.RandN(rng, shape...)
	if rapid.IntRange(0, 3).Draw(t, "specials") == 0 {
		special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN())}
		for i := range x.Data() {
			if rng.IntN(8) == 0 {
				x.Data()[i] = special[rng.IntN(len(special))]
			}
		}
	}
	return x
}

// drawFinite draws normal numbers.
func drawFinite(t *rapid.T, shape ...int) tsr {
	return tensor.RandN(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), shape...)
}

// into runs f on a guarded destination and checks that it wrote all of it and nothing else.
func into(t tensortest.T, shape []int, f func(dst tsr)) tsr {
	t.Helper()
	g := tensortest.NewGuarded(1, shape...)
	f(g.Tensor)
	g.Check(t)
	return g.Tensor
}

// check compares the result of a function and of its Into form with a reference.
func check(t tensortest.T, want arr, tol float64, got tsr, intoForm func(dst tsr)) {
	t.Helper()
	tensortest.Close(t, want, got, tol)
	tensortest.Same(t, got, into(t, want.Shape, intoForm))
}

// build returns the array that takes its elements from x, or 0 where from gives nil.
func build(x tsr, shape []int, from func(i []int) []int) arr {
	a := tensortest.From(x)
	return tensortest.Build(shape, func(i []int) float64 {
		at := from(append([]int{}, i...))
		if at == nil {
			return 0
		}
		return a.At(at...)
	})
}

// mistake is a call that must panic with one line.
type mistake struct {
	want string
	call func()
}

func requirePanics(t *testing.T, mistakes []mistake) {
	t.Helper()
	for _, m := range mistakes {
		t.Run(m.want, func(t *testing.T) { require.PanicsWithValue(t, m.want, m.call) })
	}
}

func zeros(shape ...int) tsr { return tensor.New(shape...) }

func seq(shape ...int) tsr {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return tensor.Arange(n).Reshape(shape...)
}
