package autograd

import "github.com/gander-ml/gander/tensor"

// Permute returns x with its axes in another order: axis i of the result is axis axes[i] of x.
func Permute(x *Var, axes ...int) *Var {
	y := Alloc(tensor.PermutedShape("autograd.Permute", x.Shape(), axes), x)
	tensor.PermuteInto(y, x.value, axes...)
	back := make([]int, len(axes))
	for i, a := range axes {
		back[a] = i
	}
	return Record("Permute", y, func(_ *Call, g *Var) []*Var { return []*Var{Permute(g, back...)} }, x)
}
