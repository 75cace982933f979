package autograd_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func matmulRows() []row {
	rng := rand.New(rand.NewPCG(4, 1))
	rows := []row{{"MatMul", ins(normal(rng, 2, 3), normal(rng, 3, 4)),
		func(in ...vr) vr { return autograd.MatMul(in[0], in[1]) },
		func(in ...arr) arr { return tensortest.MatMul(in[0], in[1], false, false) }},
		// With no more than four columns anywhere, nothing is rounded. TestBFloat16Gradients in nn has others.
		{"MatMulBF16", ins(normal(rng, 2, 3), normal(rng, 3, 4)),
			func(in ...vr) vr { return autograd.MatMulBF16(in[0], in[1]) },
			func(in ...arr) arr { return tensortest.MatMul(in[0], in[1], false, false) }}}
	for _, lead := range [][2][]int{{{}, {}}, {{2}, {2}}, {{2, 2}, {2, 2}}, {{2}, {}}, {{2, 3}, {}}} {
		for _, transA := range []bool{false, true} {
			for _, transB := range []bool{false, true} {
				if transA && len(lead[0]) > len(lead[1]) {
					continue // one b for all a, which then may not be transposed
				}
				a, b := append(lead[0], 3, 4), append(lead[1], 4, 2)
				if transA {
					a = append(lead[0], 4, 3)
				}
				if transB {
					b = append(lead[1], 2, 4)
				}
				rows = append(rows, row{fmt.Sprintf("MatMulT %v%v %v %v", a, b, transA, transB),
					ins(normal(rng, a...), normal(rng, b...)),
					func(in ...vr) vr { return autograd.MatMulT(in[0], in[1], transA, transB) },
					func(in ...arr) arr { return tensortest.MatMul(in[0], in[1], transA, transB) }})
			}
		}
	}
	return rows
}

// Factors that are used again and again, on either side and transposed, among other uses: products that are added in place are
// those of the recorded sweep, which adds nothing in place.
func TestProductsAddUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 6))
	for range 100 {
		tape := autograd.NewTape()
		leaf := tape.Leaf(tensor.RandN(rng, 5, 5))
		x := autograd.Tanh(leaf)
		sum := tape.Const(tensor.Scalar(0))
		asked := []*autograd.Var{leaf, x}
		for range 1 + rng.IntN(6) {
			var y *autograd.Var
			other := autograd.Const(tensor.RandN(rng, 5, 5))
			switch rng.IntN(5) {
			case 0:
				y = autograd.Mul(x, other)
			case 1:
				y = autograd.MatMulT(x, x, rng.IntN(2) == 0, rng.IntN(2) == 0)
			case 2:
				y = autograd.MatMulT(other, x, rng.IntN(2) == 0, rng.IntN(2) == 0)
			case 3:
				y = autograd.MatMulT(autograd.Reshape(other, 1, 5, 5), x, false, rng.IntN(2) == 0)
			case 4:
				y = autograd.MatMulT(x, other, rng.IntN(2) == 0, rng.IntN(2) == 0)
				asked = append(asked, y)
			}
			sum = autograd.Add(sum, autograd.Sum(autograd.Square(y)))
		}
		want := autograd.GradOnTape(sum, asked...)
		for i, got := range autograd.Grad(sum, asked...) {
			tensortest.Close(t, tensortest.From(want[i].Value()), got, 1e-4)
		}
	}
}
