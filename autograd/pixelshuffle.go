package autograd

import "github.com/gander-ml/gander/tensor"

// PixelShuffle returns x (N,H,W,C·r²) with blocks of r² channels spread over r×r pixels, (N,H·r,W·r,C), as
// [tensor.PixelShuffle] defines it.
func PixelShuffle(x *Var, r int) *Var {
	y := Alloc(tensor.PixelShuffleShape("autograd.PixelShuffle", x.Shape(), r), x)
	tensor.PixelShuffleInto(y, x.value, r)
	return Record("PixelShuffle", y, func(_ *Call, g *Var) []*Var { return []*Var{PixelUnshuffle(g, r)} }, x)
}

// PixelUnshuffle returns x (N,H·r,W·r,C) with each r×r pixels gathered into channels, (N,H,W,C·r²): the inverse of
// [PixelShuffle].
func PixelUnshuffle(x *Var, r int) *Var {
	y := Alloc(tensor.PixelUnshuffleShape("autograd.PixelUnshuffle", x.Shape(), r), x)
	tensor.PixelUnshuffleInto(y, x.value, r)
	return Record("PixelUnshuffle", y, func(_ *Call, g *Var) []*Var { return []*Var{PixelShuffle(g, r)} }, x)
}
