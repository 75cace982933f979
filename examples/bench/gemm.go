package main

import (
	"fmt"

	"github.com/gander-ml/gander/tensor"
)

func gemmCases() []bench {
	var out []bench
	for _, s := range [][3]int{
		{512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
		{576, 64, 576}, {9216, 64, 576}, {64, 8192, 4608}, {16, 1024, 8192},
	} {
		m, n, k := s[0], s[1], s[2]
		name := fmt.Sprintf("gemm/f32/%dx%dx%d", m, n, k)
		if m == n && n == k {
			name = fmt.Sprintf("gemm/f32/%d", m)
		}
		flops := 2 * float64(m) * float64(n) * float64(k)
		out = append(out, bench{name: name, flops: flops, work: flops, bytes: 4 * float64(m*k+k*n+m*n), setup: func(bf16 bool) (func(), error) {
			rng := newRand()
			a, b, c := tensor.RandN(rng, m, k), tensor.RandN(rng, k, n), tensor.New(m, n)
			run := func() { tensor.MatMulInto(c, a, b, false, false) }
			if bf16 {
				run = func() { tensor.MatMulBF16Into(c, a, b, false, false, false) }
			}
			run()
			return run, sample(c, bf16, rng, func(at []int) (want, scale float64) {
				for p := range k {
					want, scale = addProduct(want, scale, a.At(at[0], p), b.At(p, at[1]))
				}
				return want, scale
			})
		}})
	}
	return out
}
