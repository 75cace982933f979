package autograd_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func elementwiseRows() []row {
	rng := rand.New(rand.NewPCG(2, 1))
	x, pos := normal(rng, 3, 4), positive(rng, 3, 4)
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	leaky := func(slope float64) func(float64) float64 {
		return func(x float64) float64 { return max(x, 0) + slope*min(x, 0) }
	}
	rows := []row{
		unaryRow("Square", x, autograd.Square, func(x float64) float64 { return x * x }),
		unaryRow("Sqrt", pos, autograd.Sqrt, math.Sqrt),
		unaryRow("Exp", x, autograd.Exp, math.Exp),
		unaryRow("Log", pos, autograd.Log, math.Log),
		unaryRow("Abs", x, autograd.Abs, math.Abs),
		unaryRow("Clamp", x, func(x vr) vr { return autograd.Clamp(x, -0.0125, 0.0125) },
			func(x float64) float64 { return min(max(x, float64(float32(-0.0125))), float64(float32(0.0125))) }),
		unaryRow("Clamp wide", x, func(x vr) vr { return autograd.Clamp(x, -100, 100) }, func(x float64) float64 { return x }),
		unaryRow("Tanh", x, autograd.Tanh, math.Tanh),
		unaryRow("Sigmoid", x, autograd.Sigmoid, sigmoid),
		unaryRow("Softplus", x, autograd.Softplus, func(x float64) float64 { return math.Log1p(math.Exp(x)) }),
		unaryRow("ReLU", x, autograd.ReLU, leaky(0)),
		unaryRow("LeakyReLU", x, func(x vr) vr { return autograd.LeakyReLU(x, 0.25) }, leaky(0.25)),
	}
	for _, slope := range []float32{0, 0.25} {
		rows = append(rows, unaryRow(fmt.Sprintf("LeakyReLUOver %g", slope), x,
			func(x vr) vr { return autograd.LeakyReLUOver(autograd.Scale(x, 1), slope) }, leaky(float64(slope))))
	}
	for _, p := range []float64{0, 1, 2, 3, -1, 0.5, -0.5} {
		rows = append(rows, unaryRow(fmt.Sprintf("Pow %g", p), pos, func(x vr) vr { return autograd.Pow(x, p) },
			func(x float64) float64 { return math.Pow(x, p) }))
	}
	rows = append(rows, unaryRow("Pow 2 of both signs", x, func(x vr) vr { return autograd.Pow(x, 2) },
		func(x float64) float64 { return x * x }))
	for _, slopes := range []int{1, 4} {
		rows = append(rows, row{fmt.Sprintf("PReLU %d", slopes), ins(x, normal(rng, slopes)),
			func(in ...vr) vr { return autograd.PReLU(in[0], in[1]) },
			func(in ...arr) arr {
				return tensortest.Zip(in[0], in[1], func(x, s float64) float64 { return max(x, 0) + s*min(x, 0) })
			}})
	}
	mask := tensor.FromSlice([]float32{1, 0, 0, 2}, 4)
	rows = append(rows,
		row{"Where", ins(x, normal(rng, 3, 4)), func(in ...vr) vr { return autograd.Where(mask, in[0], in[1]) },
			whereRef(tensortest.From(mask))},
		row{"Where broadcast", ins(normal(rng, 3, 1), normal(rng, 4)),
			func(in ...vr) vr { return autograd.Where(mask, in[0], in[1]) }, whereRef(tensortest.From(mask))})
	return rows
}

func whereRef(mask arr) func(in ...arr) arr {
	return func(in ...arr) arr {
		return tensortest.Build([]int{3, 4}, func(i []int) float64 {
			if mask.Broadcast(i) != 0 {
				return in[0].Broadcast(i)
			}
			return in[1].Broadcast(i)
		})
	}
}
