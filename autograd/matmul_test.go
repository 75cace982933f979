package autograd_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/gander-ml/gander/autograd"
	"github.com/gander-ml/gander/tensor/tensortest"
)

func matmulRows() []row {
	rng := rand.New(rand.NewPCG(4, 1))
	rows := []row{{"MatMul", ins(normal(rng, 2, 3), normal(rng, 3, 4)),
		func(in ...vr) vr { return autograd.MatMul(in[0], in[1]) },
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
