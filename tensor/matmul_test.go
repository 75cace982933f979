package tensor_test

import (
	"testing"

	"github.com/gander-ml/gander/internal/golden"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMatMul(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lead := drawShape(t, 0, 2)
		size := rapid.SampledFrom([]int{0, 1, 2, 3, 5, 7, 16, 17, 33})
		m, n, k := size.Draw(t, "m"), size.Draw(t, "n"), size.Draw(t, "k")
		transA, transB := rapid.Bool().Draw(t, "transA"), rapid.Bool().Draw(t, "transB")
		one := len(lead) > 0 && !transA && rapid.Bool().Draw(t, "one b for all")
		a, b := append(append([]int{}, lead...), m, k), append(append([]int{}, lead...), k, n)
		if transA {
			a[len(lead)], a[len(lead)+1] = k, m
		}
		if transB {
			b[len(lead)], b[len(lead)+1] = n, k
		}
		if one {
			b = b[len(lead):]
		}
		x, y := drawFinite(t, a...), drawFinite(t, b...)
		want := tensortest.MatMul(tensortest.From(x), tensortest.From(y), transA, transB)
		tensortest.Close(t, want, into(t, want.Shape, func(dst tsr) { tensor.MatMulInto(dst, x, y, transA, transB) }), 2e-6*float64(k+1))
		sum := drawFinite(t, want.Shape...)
		before := tensortest.From(sum)
		tensor.MatMulAddInto(sum, x, y, transA, transB)
		tensortest.Close(t, tensortest.Zip(before, want, func(a, b float64) float64 { return a + b }), sum, 2e-6*float64(k+1))
		if !transA && !transB {
			tensortest.Close(t, want, tensor.MatMul(x, y), 2e-6*float64(k+1))
		}
	})
}

// A NaN or an infinity spoils exactly its row or column, also where the other factor is zero.
func TestMatMulPropagatesNaN(t *testing.T) {
	for _, size := range [][3]int{{3, 4, 5}, {40, 33, 70}} {
		m, n, k := size[0], size[1], size[2]
		for _, v := range []float64{nan, inf} {
			a, b := tensor.Full(1, m, k), zeros(k, n)
			a.Set(float32(v), 2, 3)
			y := tensor.MatMul(a, b)
			for i := range m {
				for j := range n {
					got := y.At(i, j)
					require.Equal(t, i == 2, got != got, "%d,%d", i, j)
				}
			}
		}
	}
}

func TestMatMulGolden(t *testing.T) {
	v := golden.Load("linear")
	y := tensor.Add(tensor.MatMul(array(v["x"]).Tensor(), array(v["w"].InOut()).Tensor()), array(v["b"]).Tensor())
	tensortest.Close(t, array(v["y"]), y, 1e-6)
}

func TestMatMulMistakes(t *testing.T) {
	requirePanics(t, []mistake{
		{"tensor.MatMul: want (m,k)·(k,n), got (32,100) and (128,256)", func() { tensor.MatMul(zeros(32, 100), zeros(128, 256)) }},
		{"tensor.MatMul: want (m,k)·(k,n), got (3) and (3,2)", func() { tensor.MatMul(zeros(3), zeros(3, 2)) }},
		{"tensor.MatMul: want (m,k)·(k,n), got (2,3,4) and (3,4,5)", func() { tensor.MatMul(zeros(2, 3, 4), zeros(3, 4, 5)) }},
		{"tensor.MatMulInto: want (k,m)ᵀ·(n,k)ᵀ, got (2,3) and (4,3)",
			func() { tensor.MatMulInto(zeros(3, 4), zeros(2, 3), zeros(4, 3), true, true) }},
		{"tensor.MatMulInto: want (k,m)ᵀ·(k,n), got (2,3,4) and (3,5)",
			func() { tensor.MatMulInto(zeros(2, 4, 5), zeros(2, 3, 4), zeros(3, 5), true, false) }},
		{"tensor.MatMulInto: destination must be (2,4), got (4,2)",
			func() { tensor.MatMulInto(zeros(4, 2), zeros(2, 3), zeros(3, 4), false, false) }},
	})
}
