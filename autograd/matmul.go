package autograd

import "github.com/gander-ml/gander/tensor"

// MatMul returns the matrix product a·b: a is (…,m,k) and b is (k,n), or both have the same leading axes.
func MatMul(a, b *Var) *Var { return MatMulT(a, b, false, false) }

// MatMulT returns op(a)·op(b), where op transposes the last two axes of an operand whose flag is set. A transposed a
// with leading axes needs a b with the same ones.
func MatMulT(a, b *Var, transA, transB bool) *Var { return matMul(a, b, transA, transB, false) }

// MatMulBF16 is [MatMul] that may round a and b to bfloat16, as [tensor.MatMulBF16Into] does, and what its gradients multiply, too.
func MatMulBF16(a, b *Var) *Var { return matMul(a, b, false, false, true) }

func matMul(a, b *Var, transA, transB, bf16 bool) *Var {
	name := "MatMul"
	if bf16 {
		name = "MatMulBF16"
	}
	y := Alloc(tensor.MatMulShape("autograd."+name, a.Shape(), b.Shape(), transA, transB), a, b)
	if bf16 {
		tensor.MatMulBF16Into(y, a.value, b.value, transA, transB, false)
	} else {
		tensor.MatMulInto(y, a.value, b.value, transA, transB)
	}
	return Record(name, y, func(c *Call, g *Var) []*Var {
		a, b := c.In(0), c.In(1)
		out := []*Var{nil, nil}
		if c.Wants(0) {
			if transA {
				out[0] = c.addProduct(0, b, g, transB, true, bf16)
			} else {
				out[0] = c.addProduct(0, g, b, false, !transB, bf16)
			}
		}
		if c.Wants(1) {
			if b.Rank() == 2 && a.Rank() > 2 { // one b for all leading axes of a
				a = Reshape(a, -1, a.Dim(-1))
				g = Reshape(g, -1, g.Dim(-1))
			}
			if transB {
				out[1] = c.addProduct(1, g, a, true, transA, bf16)
			} else {
				out[1] = c.addProduct(1, a, g, !transA, false, bf16)
			}
		}
		return out
	}, a, b)
}
