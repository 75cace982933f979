package autograd

import "github.com/gander-ml/gander/tensor"

// MatMul returns the matrix product a·b: a is (…,m,k) and b is (k,n), or both have the same leading axes.
func MatMul(a, b *Var) *Var { return MatMulT(a, b, false, false) }

// MatMulT returns op(a)·op(b), where op transposes the last two axes of an operand whose flag is set. A transposed a
// with leading axes needs a b with the same ones.
func MatMulT(a, b *Var, transA, transB bool) *Var {
	y := Alloc(tensor.MatMulShape("autograd.MatMul", a.Shape(), b.Shape(), transA, transB), a, b)
	tensor.MatMulInto(y, a.value, b.value, transA, transB)
	return Record("MatMul", y, func(c *Call, g *Var) []*Var {
		a, b := c.In(0), c.In(1)
		out := []*Var{nil, nil}
		if c.Wants(0) {
			if transA {
				out[0] = c.addProduct(0, b, g, transB, true)
			} else {
				out[0] = c.addProduct(0, g, b, false, !transB)
			}
		}
		if c.Wants(1) {
			if b.Rank() == 2 && a.Rank() > 2 { // one b for all leading axes of a
				a = Reshape(a, -1, a.Dim(-1))
				g = Reshape(g, -1, g.Dim(-1))
			}
			if transB {
				out[1] = c.addProduct(1, g, a, true, transA)
			} else {
				out[1] = c.addProduct(1, a, g, !transA, false)
			}
		}
		return out
	}, a, b)
}
