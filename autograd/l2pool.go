package autograd

import "github.com/gander-ml/gander/tensor"

// L2Pool returns the Euclidean norm y of every k neighbouring channels of x (…,C·k), (…,C). Its derivative is x/y, taken
// to be 0 where all k are 0.
func L2Pool(x *Var, k int) *Var {
	y := Alloc(tensor.L2PoolShape("autograd.L2Pool", x.Shape(), k), x)
	tensor.L2PoolInto(y, x.value, k)
	return Record("L2Pool", y, func(c *Call, g *Var) []*Var {
		x := c.In(0)
		ratio := Mul(g, reciprocal(c.Out()))
		one := append(append([]int{}, ratio.Shape()...), 1)
		each := append(append([]int{}, ratio.Shape()...), k)
		return []*Var{Mul(x, Reshape(BroadcastTo(Reshape(ratio, one...), each...), x.Shape()...))}
	}, x)
}

// reciprocal returns 1/x, and 0 with derivative 0 where x is 0.
func reciprocal(x *Var) *Var {
	f := func(dst, x *tensor.Tensor) {
		tensor.MapInto(dst, x, func(v float64) float64 {
			if v == 0 {
				return 0
			}
			return 1 / v
		})
	}
	return unary("Reciprocal", x, f, func(c *Call, g *Var) []*Var { return []*Var{Neg(Mul(g, Square(c.Out())))} })
}
