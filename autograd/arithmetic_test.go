package autograd_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

// binaryRows is rows of a function of pairs of elements, for every pattern of broadcasting.
func binaryRows(op string, draw func(rng *rand.Rand, shape ...int) *tensor.Tensor, f func(a, b vr) vr,
	ref func(a, b float64) float64) []row {
	rng := rand.New(rand.NewPCG(uint64(len(op)), 3))
	patterns := [][2][]int{
		{{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{3}, {2, 3}}, {{2, 3}, {2, 1}}, {{2, 1}, {2, 3}}, {{2, 1}, {1, 3}}, {{2, 3}, {}},
		{{}, {2, 3}}, {{}, {}}, {{1}, {1}}, {{2, 3, 2}, {3, 1}}, {{2, 1, 2}, {1, 3, 1}}, {{1, 3, 1}, {2, 3, 2}}, {{0, 3}, {3}},
	}
	var rows []row
	for _, p := range patterns {
		both := draw(rng, 1, product(p[0])+product(p[1]))
		a := tensor.Slice(both, 1, 0, product(p[0])).Reshape(p[0]...)
		b := tensor.Slice(both, 1, product(p[0]), both.Len()).Reshape(p[1]...)
		rows = append(rows, row{fmt.Sprintf("%s %v%v", op, p[0], p[1]), ins(a, b),
			func(in ...vr) vr { return f(in[0], in[1]) },
			func(in ...arr) arr { return tensortest.Zip(in[0], in[1], ref) }})
	}
	return rows
}

func arithmeticRows() []row {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := binaryRows("Add", normal, autograd.Add, func(a, b float64) float64 { return a + b })
	rows = append(rows, binaryRows("Sub", normal, autograd.Sub, func(a, b float64) float64 { return a - b })...)
	rows = append(rows, binaryRows("Mul", normal, autograd.Mul, func(a, b float64) float64 { return a * b })...)
	rows = append(rows, binaryRows("Div", positive, autograd.Div, func(a, b float64) float64 { return a / b })...)
	rows = append(rows, binaryRows("Maximum", distinct, autograd.Maximum, math.Max)...)
	rows = append(rows, binaryRows("Minimum", distinct, autograd.Minimum, math.Min)...)
	x := normal(rng, 2, 3, 2)
	rows = append(rows,
		unaryRow("Affine", x, func(x vr) vr { return autograd.Affine(x, -1.5, 0.25) }, func(x float64) float64 { return -1.5*x + 0.25 }),
		unaryRow("Scale", x, func(x vr) vr { return autograd.Scale(x, 3) }, func(x float64) float64 { return 3 * x }),
		unaryRow("Shift", x, func(x vr) vr { return autograd.Shift(x, 3) }, func(x float64) float64 { return x + 3 }),
		unaryRow("Neg", x, autograd.Neg, func(x float64) float64 { return -x }),
		unaryRow("Detach of a constant", x, func(x vr) vr {
			return autograd.Add(x, autograd.Detach(autograd.Const(tensor.Full(2, 2))))
		}, func(x float64) float64 { return x + 2 }))
	for _, shape := range [][]int{{}, {1}, {2}, {1, 2}, {3, 1}, {3, 2}, {2, 1, 2}, {2, 3, 1}, {1, 1, 1}, {2, 3, 2}} {
		small := normal(rng, shape...)
		rows = append(rows,
			linearRow(fmt.Sprintf("BroadcastTo %v", shape), small, func(x vr) vr { return autograd.BroadcastTo(x, 2, 3, 2) },
				func(x arr) arr { return tensortest.Build([]int{2, 3, 2}, x.Broadcast) }),
			linearRow(fmt.Sprintf("SumTo %v", shape), x, func(x vr) vr { return autograd.SumTo(x, shape...) },
				func(x arr) arr {
					y := tensortest.Zeros(shape...)
					tensortest.Each(x.Shape, func(i []int) {
						own := append([]int{}, i[len(i)-len(shape):]...)
						for k := range own {
							own[k] = min(own[k], shape[k]-1)
						}
						y.Add(x.At(i...), own...)
					})
					return y
				}))
	}
	return rows
}
