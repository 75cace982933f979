package autograd_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func reductionRows() []row {
	rng := rand.New(rand.NewPCG(3, 1))
	x, far := normal(rng, 2, 3, 2, 2), distinct(rng, 2, 3, 2, 2)
	var rows []row
	for set := range 16 {
		var axes []int
		n := 1
		for k := range 4 {
			if set>>k&1 == 1 {
				axes = append(axes, k)
				n *= x.Dim(k)
			}
		}
		if set == 0 {
			n = x.Len()
		}
		name := fmt.Sprint(axes)
		rows = append(rows,
			linearRow("Sum "+name, x, func(x vr) vr { return autograd.Sum(x, axes...) },
				func(x arr) arr { return tensortest.Sum(x, axes...) }),
			linearRow("Mean "+name, x, func(x vr) vr { return autograd.Mean(x, axes...) },
				func(x arr) arr {
					return tensortest.Map(tensortest.Sum(x, axes...), func(v float64) float64 { return v / float64(n) })
				}),
			linearRow("Max "+name, far, func(x vr) vr { return autograd.Max(x, axes...) },
				func(x arr) arr { return tensortest.Reduce(x, math.Inf(-1), math.Max, axes...) }),
			linearRow("Min "+name, far, func(x vr) vr { return autograd.Min(x, axes...) },
				func(x arr) arr { return tensortest.Reduce(x, math.Inf(1), math.Min, axes...) }))
	}
	rows = append(rows, linearRow("Sum -1", x, func(x vr) vr { return autograd.Sum(x, -1) },
		func(x arr) arr { return tensortest.Sum(x, 3) }))
	logSumExp := func(x arr) arr {
		return tensortest.Map(tensortest.Sum(tensortest.Map(x, math.Exp), -1), math.Log)
	}
	column := func(x arr) arr { return arr{Shape: append(append([]int{}, x.Shape...), 1), Data: x.Data} }
	for _, shape := range [][]int{{5}, {3, 4}, {2, 2, 1}, {2, 0, 3}} {
		x := normal(rng, shape...)
		rows = append(rows,
			linearRow(fmt.Sprintf("LogSumExp %v", shape), x, autograd.LogSumExp, logSumExp),
			linearRow(fmt.Sprintf("LogSoftmax %v", shape), x, autograd.LogSoftmax, func(x arr) arr {
				return tensortest.Zip(x, column(logSumExp(x)), func(a, b float64) float64 { return a - b })
			}),
			linearRow(fmt.Sprintf("Softmax %v", shape), x, autograd.Softmax, func(x arr) arr {
				return tensortest.Zip(x, column(logSumExp(x)), func(a, b float64) float64 { return math.Exp(a - b) })
			}))
	}
	for _, k := range []int{1, 2, 3} {
		rows = append(rows, linearRow(fmt.Sprintf("L2Pool %d", k), normal(rng, 2, 6),
			func(x vr) vr { return autograd.L2Pool(x, k) },
			func(x arr) arr {
				return tensortest.Build([]int{2, 6 / k}, func(i []int) float64 {
					s := 0.0
					for m := range k {
						s += math.Pow(x.At(i[0], i[1]*k+m), 2)
					}
					return math.Sqrt(s)
				})
			}))
	}
	return rows
}
