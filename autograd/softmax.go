package autograd

import "github.com/gander-ml/gander/tensor"

// Softmax returns eˣ divided by its sum over the last axis.
func Softmax(x *Var) *Var {
	return unary("Softmax", x, tensor.SoftmaxInto, func(c *Call, g *Var) []*Var {
		y := c.Out()
		gy := Mul(g, y)
		return []*Var{Sub(gy, Mul(y, sumLast(gy)))}
	})
}

// LogSoftmax returns x − ln Σeˣ, the sum over the last axis.
func LogSoftmax(x *Var) *Var {
	return unary("LogSoftmax", x, tensor.LogSoftmaxInto, func(c *Call, g *Var) []*Var {
		return []*Var{Sub(g, Mul(Exp(c.Out()), sumLast(g)))}
	})
}

// LogSumExp returns ln Σeˣ over the last axis, which is removed.
func LogSumExp(x *Var) *Var {
	y := Alloc(tensor.LogSumExpShape("autograd.LogSumExp", x.Shape()), x)
	tensor.LogSumExpInto(y, x.value)
	return Record("LogSumExp", y, func(c *Call, g *Var) []*Var {
		return []*Var{Mul(Softmax(c.In(0)), Reshape(g, append(append([]int{}, g.Shape()...), 1)...))}
	}, x)
}

// sumLast sums over the last axis and keeps it with size 1.
func sumLast(x *Var) *Var {
	shape := append([]int{}, x.Shape()...)
	shape[len(shape)-1] = 1
	return SumTo(x, shape...)
}
