//go:build unix

package gemm

import (
	"testing"

	"github.com/gander-ml/gander/tensor/internal/fence"
)

// Nothing beyond the operands is read: what is there cannot be.
func TestMulStaysWithinItsOperands(t *testing.T) {
	muls(t, func(t *testing.T, mul mulFunc) {
		for _, after := range []bool{false, true} {
			for _, m := range []int{1, 2, 3, 5, 6, 7, 13, 40} {
				for n := 1; n <= 36; n += 1 + n/9 {
					for _, k := range []int{1, 3, 4, 6, 17} {
						a, b, c := fence.Floats(t, m*k, after), fence.Floats(t, k*n, after), fence.Floats(t, m*n, after)
						for flags := range 8 {
							lda, ldb := k, n
							if flags&1 != 0 {
								lda = m
							}
							if flags&2 != 0 {
								ldb = k
							}
							mul(c, a, b, m, n, k, lda, ldb, n, flags&1 != 0, flags&2 != 0, flags&4 != 0)
						}
					}
				}
			}
		}
	})
}
