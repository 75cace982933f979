package tensor

import (
	"fmt"
	"slices"

	"github.com/gander-ml/gander/tensor/internal/gemm"
)

// MatMul returns the matrix product a·b.
//
// a is (…,m,k) and b is (k,n), or both have the same leading axes; the result is (…,m,n). It panics on other shapes.
func MatMul(a, b *Tensor) *Tensor {
	dst := New(MatMulShape("tensor.MatMul", a.shape, b.shape, false, false)...)
	MatMulInto(dst, a, b, false, false)
	return dst
}

// MatMulInto sets dst = op(a)·op(b), where op transposes the last two axes of an operand whose flag is set. Shapes are
// those of [MatMul] after transposition; a transposed a with leading axes needs a b with the same ones.
func MatMulInto(dst, a, b *Tensor, transA, transB bool) {
	matMul("tensor.MatMulInto", gemm.Mul, dst, a, b, transA, transB, false)
}

// MatMulAddInto is [MatMulInto] that adds the product to dst.
func MatMulAddInto(dst, a, b *Tensor, transA, transB bool) {
	matMul("tensor.MatMulAddInto", gemm.Mul, dst, a, b, transA, transB, true)
}

// MatMulBF16Into is [MatMulInto] that may round a and b to bfloat16, which has 8 significant bits, to the nearest and of two to the
// even one; or with add [MatMulAddInto]. It does so where the processor multiplies such numbers, as amd64 with AVX512_BF16, at twice
// the rate of float32, and where the product has more than four columns; elsewhere it is in float32. What is added up is always
// in float32. Numbers whose magnitude is below 2⁻¹²⁶ count as zeros.
//
// An element is wrong by 2⁻⁷·Σ|a·b| at most, and in the mean by about 0.0024·√Σ(a·b)². With sums of products that have
// a sign by chance, the results have two and a half decimal digits, where float32 gives six. It pays from some dozens of rows on.
func MatMulBF16Into(dst, a, b *Tensor, transA, transB, add bool) {
	matMul("tensor.MatMulBF16Into", gemm.MulBF16, dst, a, b, transA, transB, add)
}

// A multiplier is [gemm.Mul] or the like.
type multiplier func(c, a, b []float32, m, n, k, lda, ldb, ldc int, transA, transB, accumulate bool)

func matMul(op string, mul multiplier, dst, a, b *Tensor, transA, transB, accumulate bool) {
	wantShape(op, dst, MatMulShape(op, a.shape, b.shape, transA, transB))
	m, k := lastTwo(a.shape, transA)
	_, n := lastTwo(b.shape, transB)
	lda, ldb := a.Dim(-1), b.Dim(-1)
	if b.Rank() == 2 {
		if a.Rank() > 2 {
			m = product(a.shape[:a.Rank()-1])
		}
		mul(dst.data, a.data, b.data, m, n, k, lda, ldb, n, transA, transB, accumulate)
		return
	}
	for i := range product(b.shape[:b.Rank()-2]) {
		mul(dst.data[i*m*n:(i+1)*m*n], a.data[i*m*k:(i+1)*m*k], b.data[i*k*n:(i+1)*k*n],
			m, n, k, lda, ldb, n, transA, transB, accumulate)
	}
}

// MatMulShape returns the shape of the product of matrices shaped a and b, transposed as the flags say. It panics,
// naming op, if they do not fit.
func MatMulShape(op string, a, b []int, transA, transB bool) []int {
	bad := len(a) < 2 || len(b) < 2
	if !bad {
		_, k := lastTwo(a, transA)
		k2, _ := lastTwo(b, transB)
		bad = k != k2 || len(b) > 2 && !slices.Equal(a[:len(a)-2], b[:len(b)-2]) || len(b) == 2 && len(a) > 2 && transA
	}
	if bad {
		want := "(m,k)"
		if transA {
			want = "(k,m)ᵀ"
		}
		if transB {
			want += "·(n,k)ᵀ"
		} else {
			want += "·(k,n)"
		}
		panic(fmt.Sprintf("%s: want %s, got %s and %s", op, want, Format(a), Format(b)))
	}
	m, _ := lastTwo(a, transA)
	_, n := lastTwo(b, transB)
	return append(slices.Clone(a[:len(a)-2]), m, n)
}

func lastTwo(shape []int, trans bool) (rows, cols int) {
	rows, cols = shape[len(shape)-2], shape[len(shape)-1]
	if trans {
		rows, cols = cols, rows
	}
	return rows, cols
}
