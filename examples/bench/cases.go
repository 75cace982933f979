package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gander-ml/gander/nn"
	"github.com/gander-ml/gander/tensor"
)

// cases are all that can be measured, family by family.
func cases() []bench {
	var out []bench
	out = append(out, gemmCases()...)
	out = append(out, convCases()...)
	out = append(out, elementwiseCases()...)
	out = append(out, srganCases()...)
	out = append(out, ganCases()...)
	out = append(out, lapganCases()...)
	out = append(out, txt2imgCases()...)
	return append(out, textCases()...)
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// use tells networks whether they may round to bfloat16.
func use(bf16 bool, nets ...any) {
	for _, n := range nets {
		nn.UseBFloat16(n, bf16)
	}
}

// addProduct adds a·b to a sum, and its square to another that tells how large rounding errors may be.
func addProduct(sum, squares float64, a, b float32) (float64, float64) {
	p := float64(a) * float64(b)
	return sum + p, squares + p*p
}

// sample compares some elements of a result with what they should be. The error may be 2·10⁻⁵ of the root of the sum of
// squares of what was added up, which Winograd's algorithm keeps to as well, or with bf16 2·10⁻².
func sample(got *tensor.Tensor, bf16 bool, rng *rand.Rand, want func(at []int) (value, squares float64)) error {
	within := 2e-5
	if bf16 {
		within = 2e-2
	}
	for range 24 {
		at := make([]int, got.Rank())
		for i := range at {
			at[i] = rng.IntN(got.Dim(i))
		}
		value, squares := want(at)
		if diff := math.Abs(float64(got.At(at...)) - value); !(diff <= within*math.Sqrt(squares)+1e-6) {
			return fmt.Errorf("element %v is %g, should be %g", at, got.At(at...), value)
		}
	}
	return nil
}
